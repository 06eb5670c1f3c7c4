"""`Conversation`: turns about a library, and who answers them.

>>> talk = open_library("my.lib").chat()                                  # doctest: +SKIP
>>> print(talk.say("a dog on a beach").text)                              # doctest: +SKIP
>>> talk.say("only at sunset").moments[0]                                 # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from whenabouts.dialogue.desk import Desk
from whenabouts.dialogue.planner import Planner
from whenabouts.dialogue.saved import Saved
from whenabouts.errors import WhenaboutsError
from whenabouts.library.library import Library
from whenabouts.protocols import Brain, Watcher
from whenabouts.types import Moment, Turn


class Hands(Protocol):
    """What may be done outside a conversation; whoever shows it to a person has them."""

    def export(self, moments: Sequence[Moment], to: str) -> list[Path]:
        """Write results as `clip`, `csv`, `vtt`, `otio` or `picture`; the files."""
        ...

    def play(self, moment: Moment) -> str:
        """Open a player; its name."""
        ...


class Conversation:
    """A conversation; all its state are its `turns`."""

    def __init__(
        self,
        brain: Brain,
        turns: Sequence[Turn] = (),
        *,
        saved: Saved | None = None,
        hands: Hands | None = None,
    ) -> None:
        """A conversation that goes on after `turns`.

        Args:
            brain: who answers.
            turns: what was said so far.
            saved: where each turn is written down at once; None: nowhere.
            hands: play and export; None leaves that to the caller, who finds it in the turn's
                memo under `request`.
        """
        self.brain = brain
        self._turns = list(turns)
        self._saved, self.hands = saved, hands

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far, user and assistant by turns."""
        return tuple(self._turns)

    @property
    def id(self) -> str:
        """The name under which it is saved; empty where it is not."""
        return "" if self._saved is None else self._saved.id

    def say(self, text: str, on_text: Callable[[str], None] | None = None) -> Turn:
        """The assistant's answer to what the user says; `on_text` hears it grow."""
        self._keep(Turn("user", text))
        turn = self.brain.reply(self.turns, on_text)
        turn = self._done(turn)
        self._keep(turn)
        return turn

    def _keep(self, turn: Turn) -> None:
        if self._saved is not None:
            self._saved.add(turn)
        self._turns.append(turn)

    def _done(self, turn: Turn) -> Turn:
        """What the turn asks for is done, and told in its words."""
        request = turn.memo.get("request")
        if not request or self.hands is None:
            return turn
        moments = tuple(map(Moment.from_json, request.get("moments", ()))) or turn.moments
        try:
            if request["do"] == "play":
                told = self.hands.play(moments[0])
            elif request["do"] == "export":
                told = ", ".join(str(path) for path in self.hands.export(moments, request["to"]))
            else:
                return turn
        except (WhenaboutsError, OSError) as error:  # told as the answer: a talk goes on
            told = str(error)
        return replace(turn, text=f"{turn.text} {told}".strip(), memo={**turn.memo, "done": told})


def about(
    library: Library, brain: Brain | None = None, *, watcher: Watcher | None = None
) -> Conversation:
    """A conversation about a library, by the built-in planner where no brain is given."""
    return Conversation(brain or Planner(Desk(library, watcher)))
