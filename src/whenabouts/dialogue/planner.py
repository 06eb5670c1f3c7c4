"""The built-in brain: reads an utterance, does one thing, says what it found. No language model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from whenabouts.dialogue import deeds, finding, inside
from whenabouts.dialogue.desk import Desk
from whenabouts.dialogue.phrases import phrase
from whenabouts.dialogue.plan import Plan
from whenabouts.dialogue.question import Asker
from whenabouts.dialogue.reading import LONGEST, read
from whenabouts.dialogue.spots import moment_at
from whenabouts.dialogue.step import Step
from whenabouts.dialogue.topic import MEMO, Topic, advance, topic_of
from whenabouts.errors import WhenaboutsError
from whenabouts.types import Turn


def _clock() -> datetime:
    return datetime.now()


class Planner:
    """A `Brain` made of rules for English and Chinese; the same turns get the same answer."""

    name = "planner"

    def __init__(
        self,
        desk: Desk,
        *,
        limit: int = 10,
        asks: bool = True,
        clock: Callable[[], datetime] = _clock,
    ) -> None:
        """A planner over one library.

        Args:
            desk: looks things up.
            limit: results of a list.
            asks: whether it may ask back when candidates tie.
            clock: the time that `last summer` is seen from.
        """
        self.desk = desk
        self._limit, self._clock = limit, clock
        self._asker = Asker(desk.library) if asks else None

    def plan(self, turns: Sequence[Turn]) -> tuple[Topic, Plan]:
        """How the last of `turns`, the user's, is understood, and what it is heard against."""
        now = self._clock()
        before = topic_of(turns[:-1], now)
        return before, read(turns[-1].text, before.scene(turns), now)

    def reply(self, turns: Sequence[Turn], on_text: Callable[[str], None] | None = None) -> Turn:
        """The answer to the last of `turns`; see `Brain`."""
        before, plan = self.plan(turns)
        turn = self.carry_out(turns, before, plan, on_text)
        if on_text is not None:
            on_text(turn.text)
        return turn

    def carry_out(
        self,
        turns: Sequence[Turn],
        before: Topic,
        plan: Plan,
        on_text: Callable[[str], None] | None = None,
    ) -> Turn:
        """The answer to a turn that is understood."""
        topic = advance(before, plan, turns)
        step = Step(self.desk, turns, plan, before, topic, self._limit, self._asker, on_text)
        try:
            turn = _DO[plan.do](step)
        except (WhenaboutsError, OSError) as error:  # told as the answer: a talk goes on
            text = phrase(plan.lang, "library gone", reason=str(error))
            turn = Turn("assistant", text, "say", memo={MEMO: before.to_json()})
        if plan.then is not None and MEMO in turn.memo:
            turn = self._second(turns, turn, plan.then, on_text)
        memo = {"did": plan.do, **turn.memo}
        return turn if turn.memo.get("did") else replace(turn, memo=memo)

    def _second(
        self,
        turns: Sequence[Turn],
        first: Turn,
        plan: Plan,
        on_text: Callable[[str], None] | None,
    ) -> Turn:
        """The other wish of the same utterance; what the first asks for stays a request."""
        second = self.carry_out(turns, Topic.from_json(first.memo[MEMO]), plan, on_text)
        request = first.memo.get("request")
        memo = second.memo | ({"request": request} if request else {})
        return replace(second, text=f"{first.text} {second.text}".strip(), memo=memo)


def _say(step: Step) -> Turn:
    """Only talk."""
    return step.said(f"say {step.plan.kind}", step.before, most=LONGEST)


def _restart(step: Step) -> Turn:
    return step.said("restarted", step.topic)


def _undo(step: Step) -> Turn:
    """The conversation as it was before its last change."""
    before = step.before
    now = _essence(before, step.turns)
    for at in range(before.at - 1, -1, -1):
        if step.turns[at].role != "assistant":
            continue
        earlier = topic_of(step.turns[: at + 1], datetime.fromtimestamp(0))
        if _essence(earlier, step.turns) != now and earlier.wanted:
            return _restored(step, replace(earlier, at=at, lang=step.plan.lang))
    if before.wanted:
        return step.said("undone", Topic(step.plan.lang, met=before.met, at=-1))
    return step.said("nothing to undo", before)


def _restored(step: Step, topic: Topic) -> Turn:
    moments = step.turns[topic.listed].moments if topic.listed >= 0 else ()
    if not moments:
        return step.said("undone", topic)
    text = step.phrase("undone list", name=moments[0].video.path.name)
    return Turn("assistant", text, "videos", moments, {MEMO: topic.to_json()})


def _essence(topic: Topic, turns: Sequence[Turn]) -> tuple[object, ...]:
    """What an undo takes back: a change of what is wanted, or of what is talked about."""
    wish = (topic.wants, topic.without, tuple(sorted(topic.filters.items())), topic.channels)
    focus = "" if topic.focus is None else moment_at(topic.focus, turns).video.id
    judged = (topic.liked, topic.disliked, topic.example, topic.page)
    return (*wish, *judged, focus, topic.part)


_DO: dict[str, Callable[[Step], Turn]] = {
    "find": finding.find, "refine": finding.find, "filter": finding.find, "reply": finding.find,
    "similar": finding.similar, "judge": finding.judge, "more": finding.more,
    "moment": inside.moment, "step": inside.beside, "answer": inside.answer, "fact": inside.fact,
    "pick": deeds.pick, "whole": deeds.whole, "compare": deeds.compare, "show": deeds.show,
    "play": deeds.play, "export": deeds.export, "undo": _undo, "restart": _restart, "say": _say,
}  # fmt: skip
