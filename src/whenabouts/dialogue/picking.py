"""The planner with a model that looks at the candidates (IVCR).

The planner decides what kind of turn it is and brings candidates, the model picks one and names
times, and a grounder may sharpen these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from whenabouts.dialogue.planner import Planner
from whenabouts.dialogue.topic import MEMO, Topic, advance, settle
from whenabouts.errors import WhenaboutsError
from whenabouts.protocols import Picker
from whenabouts.types import Act, Turn

_FINDS = ("find", "refine", "filter", "reply", "similar")


class PickingBrain:
    """A `Brain`: rules choose the act, a `Picker` looks."""

    def __init__(self, planner: Planner, picker: Picker) -> None:
        self._planner, self._picker = planner, picker

    @property
    def name(self) -> str:
        """The picker's name."""
        return self._picker.name

    def reply(self, turns: Sequence[Turn], on_text: Callable[[str], None] | None = None) -> Turn:
        """The planner's answer, with the model's pick first or the model's times."""
        before, plan = self._planner.plan(turns)
        turn = self._planner.carry_out(turns, before, plan)
        topic = advance(before, plan, turns)
        try:
            if plan.do in _FINDS and len(turn.moments) > 1:
                turn = self._picked(turns, turn, topic, on_text)
            elif plan.do == "moment" and turn.moments:
                turn = self._pointed(turns, turn, topic, on_text)
        except WhenaboutsError as error:  # the planner's answer stands, and says why
            turn = replace(turn, text=f"{turn.text} ({error})")
        if on_text is not None:
            on_text(turn.text)
        return turn

    def _picked(
        self,
        turns: Sequence[Turn],
        turn: Turn,
        topic: Topic,
        on_text: Callable[[str], None] | None,
    ) -> Turn:
        many = self._picker.limit
        told = self._picker.pick(turns, turn.moments[:many], on_text)
        if not told.text:
            return turn
        moments = (*told.moments, *turn.moments[many:])
        # What comes nearest is not found, whoever picks among it.
        act: Act = "say" if turn.memo.get("sure") is False else "videos"
        return self._told(turns, turn, told, replace(turn, act=act, moments=moments), topic)

    def _pointed(
        self,
        turns: Sequence[Turn],
        turn: Turn,
        topic: Topic,
        on_text: Callable[[str], None] | None,
    ) -> Turn:
        told = self._picker.point(turns, turn.moments[0].video, on_text)
        if not told.moments:  # the time is the planner's
            return replace(turn, text=f"{turn.text} ({self.name} named no time)")
        best = replace(turn.moments[0], span=told.moments[0].span)
        sharp, notes = self._planner.desk.sharpened(best, topic.told)
        fresh = replace(turn, moments=(sharp, *turn.moments[1:]))
        told = replace(told, text=" ".join((told.text, *notes)))
        return self._told(turns, turn, told, fresh, topic)

    def _told(
        self, turns: Sequence[Turn], turn: Turn, told: Turn, fresh: Turn, topic: Topic
    ) -> Turn:
        """The turn in the model's words, its memo in step with its moments."""
        listed = fresh.act != "moment"
        topic = settle(replace(topic, question=None), turns, len(turns), fresh, listed=listed)
        memo = {**turn.memo, **told.memo, MEMO: topic.to_json()}
        return replace(fresh, text=told.text, memo=memo)
