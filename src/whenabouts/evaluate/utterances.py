"""Whether hand-made utterances are understood: act, references, words, filters, without a library.

A line of a file is one utterance in a conversation, with what it means; `tests/dialogue/README.md`
has the form. What is heard is compared field by field with what was meant; a field that a line does
not have is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter

from whenabouts.data.tables import read_json_lines
from whenabouts.dialogue.merging import joined
from whenabouts.dialogue.plan import Plan
from whenabouts.dialogue.reading import read as understand
from whenabouts.dialogue.spots import resolve
from whenabouts.dialogue.topic import advance, topic_of
from whenabouts.settings import Settings
from whenabouts.types import Act, Moment, Span, Turn, Video

TODAY = datetime(2026, 11, 21, 12)
"""The day on which "last month" was said."""
_LENGTH_S = 90.0
_ACTS: dict[str, str] = {
    "find": "find", "restart": "find", "refine": "refine", "filter": "refine", "similar": "similar",
    "judge": "feedback", "pick": "show", "whole": "show", "show": "show", "moment": "moment",
    "step": "moment", "answer": "answer", "fact": "answer", "compare": "compare", "play": "play",
    "export": "export", "undo": "undo", "say": "say",
}  # fmt: skip
"""What a plan does, in the words of the files."""
_ABOUT_ONE = ("show", "moment", "answer", "compare", "similar", "feedback", "play", "export")
"""Acts that work on a video that is spoken of."""

Words = list[str | list[str]]


class Case(Settings):
    """One line."""

    id: str
    lang: Literal["en", "zh"]
    covers: str
    history: list[str | dict[str, Any]]
    utterance: str
    act: str | list[str]
    refers: str
    words: Words = Field(default_factory=list)
    gone: list[str] = Field(default_factory=list)
    without: list[str] = Field(default_factory=list)
    likes: str = ""
    dislikes: str = ""
    part: Literal["", "before", "after", "start", "end"] = ""
    order: list[str] = Field(default_factory=list)
    filters: dict[str, Any] = Field(default_factory=dict)
    what: str = ""

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts of which each is right."""
        return (self.act,) if isinstance(self.act, str) else tuple(self.act)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood, in the words of the files."""

    act: str
    refers: str
    text: str
    """What is searched for, or asked about a video."""
    without: tuple[str, ...]
    likes: str
    dislikes: str
    part: str
    filters: Mapping[str, Any]
    what: str


def read_cases(path: Path) -> list[Case]:
    """The lines of a file."""
    return read_json_lines(path, TypeAdapter(Case))


def turns_of(case: Case) -> tuple[Turn, ...]:
    """The conversation before the utterance; videos are called by their letters."""
    return tuple(
        Turn("user", one) if isinstance(one, str) else _assistant(one) for one in case.history
    )


def _assistant(said: Mapping[str, Any]) -> Turn:
    acts: tuple[Act, ...] = ("ask", "say", "videos", "moment", "answer")
    act: Act = next(one for one in acts if one in said)
    if act == "ask" or act == "say":
        return Turn("assistant", said[act], act)
    letters: str = said[act]
    span = Span(*said["at"]) if "at" in said else Span(0.0, _LENGTH_S)
    moments = tuple(Moment(_video(letter), span, 1.0 - n / 20) for n, letter in enumerate(letters))
    return Turn("assistant", "", act, moments)


def _video(letter: str) -> Video:
    return Video(letter, Path(f"{letter}.mp4"), _LENGTH_S, 25.0, 640, 360)


def hear(case: Case) -> Heard:
    """What the planner makes of it."""
    turns = turns_of(case)
    topic = topic_of(turns, TODAY)
    plan = understand(case.utterance, topic.scene(turns), TODAY)
    after = advance(topic, plan, turns)
    act = _ACTS.get(plan.do, plan.do)
    refs = (*plan.refs, *plan.disliked)
    spots = resolve(refs, topic.listed, topic.focus, topic.met, turns)
    refers = _letters(spots, turns)
    if not refers and topic.focus is not None and act in _ABOUT_ONE:
        refers = _letters((topic.focus,), turns)
    wants = act in ("find", "refine", "similar")
    return Heard(
        act,
        refers,
        joined(after.wants, plan.lang) if wants else plan.text,
        after.without,
        _letters(after.liked, turns),
        _letters(after.disliked, turns),
        _part(plan),
        after.filters,
        plan.kind,
    )


def judge(case: Case, heard: Heard) -> dict[str, bool]:
    """Each field that the line has, and whether it was heard right."""
    found = {"act": heard.act in case.acts}
    if heard.act in _ABOUT_ONE and case.refers:
        found["refers"] = sorted(heard.refers) == sorted(case.refers)
    text = heard.text.lower()
    if case.words:
        found["words"] = all(
            any(way.lower() in text for way in ([word] if isinstance(word, str) else word))
            for word in case.words
        )
    if case.gone:
        found["gone"] = not any(word in text for word in case.gone)
    if case.without:
        told = " ".join(heard.without).lower()
        found["without"] = all(word in told for word in case.without)
    if case.likes or case.dislikes:
        found["judged"] = (sorted(heard.likes), sorted(heard.dislikes)) == (
            sorted(case.likes), sorted(case.dislikes)
        ) or heard.act == "similar"  # fmt: skip
    if case.part and heard.act != "answer":  # a question for a part has it in its words
        found["part"] = heard.part == case.part
    if case.order:
        found["order"] = _in_order(case.order, text)
    if case.filters:
        found["filters"] = _same_filters(case.filters, heard.filters)
    return found


def shares(cases: Iterable[Case]) -> tuple[dict[str, float], list[tuple[Case, Heard, list[str]]]]:
    """Percent understood in all, by language and by kind; and what was heard wrong, field by field.

    `references` is the share of utterances about a shown video whose act and video are right.
    """
    counts: dict[str, list[bool]] = {}
    wrong: list[tuple[Case, Heard, list[str]]] = []
    for case in cases:
        heard = hear(case)
        fields = judge(case, heard)
        right = all(fields.values())
        names = ["all", case.lang, f"{case.lang}.{case.covers}"]
        for name in names:
            counts.setdefault(name, []).append(right)
        counts.setdefault(f"act.{case.lang}", []).append(fields["act"])
        if "refers" in fields or (case.refers and case.acts[0] in _ABOUT_ONE):
            hit = fields["act"] and fields.get("refers", True)
            counts.setdefault(f"references.{case.lang}", []).append(hit)
        if not right:
            wrong.append((case, heard, [name for name, ok in fields.items() if not ok]))
    return {name: 100.0 * sum(hits) / len(hits) for name, hits in counts.items()}, wrong


def _letters(spots: Sequence[Any], turns: Sequence[Turn]) -> str:
    found = dict.fromkeys(turns[spot.turn].moments[spot.rank].video.id for spot in spots)
    return "".join(found)


def _part(plan: Plan) -> str:
    if plan.do == "step" and plan.step:
        return "after" if plan.step > 0 else "before"
    return plan.kind


def _in_order(pieces: Sequence[str], text: str) -> bool:
    return all(piece.lower() in text for piece in pieces)


def _same_filters(meant: Mapping[str, Any], heard: Mapping[str, Any]) -> bool:
    """Whether the conditions are those meant; a day of difference is none."""
    named = {"after": "after_s", "before": "before_s"}
    if {named.get(key, key) for key in meant} != set(heard):
        return False
    for key, value in meant.items():
        told = heard[named.get(key, key)]
        if key in named:
            if abs(datetime.fromtimestamp(told) - _midnight(value)) > timedelta(days=1):
                return False
        elif told != value:
            return False
    return True


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time())
