"""One turn on its way: what is known when it is answered, and how the answer is put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from whenabouts.dialogue.desk import Desk, Wish, date_of
from whenabouts.dialogue.phrases import phrase
from whenabouts.dialogue.plan import Plan, Ref
from whenabouts.dialogue.question import Asker
from whenabouts.dialogue.spots import Spot, moment_at, resolve
from whenabouts.dialogue.topic import MEMO, Topic, settle
from whenabouts.types import Act, Moment, Turn


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A user's turn that is understood."""

    desk: Desk
    turns: Sequence[Turn]
    plan: Plan
    before: Topic
    topic: Topic
    """With the user's wish in it."""
    limit: int
    asker: Asker | None
    on_text: Callable[[str], None] | None = None

    def phrase(self, key: str, **values: object) -> str:
        """A sentence in the user's language."""
        return phrase(self.plan.lang, key, **values)

    def said(self, key: str, topic: Topic, **values: object) -> Turn:
        """A turn of words alone."""
        memo = {MEMO: Topic.to_json(topic)}
        return Turn("assistant", self.phrase(key, **values), "say", memo=memo)

    def shown(
        self,
        act: Act,
        text: str,
        moments: Sequence[Moment],
        *,
        listed: bool,
        memo: dict[str, Any] | None = None,
    ) -> Turn:
        """A turn with moments; `listed` makes them the list on display."""
        turn = Turn("assistant", text, act, self.desk.pictured(moments))
        topic = settle(self.topic, self.turns, len(self.turns), turn, listed=listed)
        return Turn("assistant", text, act, turn.moments, {MEMO: topic.to_json(), **(memo or {})})

    @property
    def wish(self) -> Wish:
        """What is wanted now."""
        topic = self.topic
        return Wish(
            topic.wants,
            topic.without,
            topic.bounds,
            topic.channels,
            None if topic.example is None else moment_at(topic.example, self.turns),
            tuple(moment_at(spot, self.turns) for spot in topic.liked),
            tuple(moment_at(spot, self.turns) for spot in topic.disliked),
        )

    def meant(self, refs: Sequence[Ref] | None = None) -> tuple[Moment, ...]:
        """The moments that the utterance refers to; what is talked about where it names none."""
        refs = self.plan.refs if refs is None else refs
        found: list[Moment] = []
        for ref in refs:
            if ref.kind == "name":
                named = self.desk.named(ref.name)
                found += [named] if named is not None else []
        spots = self.spots(refs)
        found += [moment_at(spot, self.turns) for spot in spots]
        if not found and not refs and self.before.focus is not None:
            found = [moment_at(self.before.focus, self.turns)]
        return tuple(found)

    def spots(self, refs: Sequence[Ref]) -> tuple[Spot, ...]:
        """The places in the conversation that are referred to."""
        before = self.before
        return resolve(refs, before.listed, before.focus, before.met, self.turns, self._recorded)

    def _recorded(self, moment: Moment) -> float:
        row = self.desk.row(moment.video)
        return 0.0 if row is None else date_of(row)

    def unclear(self) -> Turn:
        """Nobody knows which one is meant: ask back."""
        missing = [ref.name for ref in self.plan.refs if ref.kind == "name"]
        if missing:
            return self.said("no file", self.before, name=missing[0])
        count = len(self.turns[self.before.listed].moments) if self.before.listed >= 0 else 0
        if not count:
            return self.said("which none", self.before)
        turn = self.said("which", self.before, count=count)
        return Turn("assistant", turn.text, "ask", memo=turn.memo)
