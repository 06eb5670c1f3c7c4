"""Figures of dialogues the way IVCR-200K's scripts count them, slips included: 2025 and 2024.

Published figures rest on these rules. `metrics/dialogue.py` counts better.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from whenabouts.metrics.answers.ivcr import (
    first_number,
    gold_times,
    overlap,
    training_window,
    two_sentences,
    window,
)
from whenabouts.metrics.answers.timechat import Window
from whenabouts.models.dialogue_text import video_number

LIMITS = (0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Told:
    """One turn: its words as the file has them, what it asks for, the gold answer."""

    text: str
    moment: bool
    """A moment of the video in view is asked for, not a video."""
    gold: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of turns and of those answered right; `hits` at an overlap of 0.3, 0.5 and 0.7."""

    videos: int = 0
    right: int = 0
    moments: int = 0
    hits: tuple[int, ...] = (0, 0, 0)

    @property
    def shares(self) -> dict[str, float]:
        """R@1 in [0, 1]; 0 where nothing was asked."""
        found = {"video R@1": self.right / max(1, self.videos)}
        return found | {
            f"moment R@1 IoU={limit}": hits / max(1, self.moments)
            for limit, hits in zip(LIMITS, self.hits, strict=True)
        }


Rows = Sequence[tuple[Told, str]]
"""Turns, each with what was put out for it."""


def tally(rows: Rows, *, skip_first: bool = False) -> Tally:
    """Counts over samples.

    The published script only opens its counts at the first sample of each kind and never scores
    it: `skip_first` does so, too.
    """
    right = [_right(told, output) for told, output in rows if not told.moment]
    ious = [_iou(told, output) for told, output in rows if told.moment]
    right, ious = right[int(skip_first) :], ious[int(skip_first) :]
    hits = tuple(sum(iou >= limit for iou in ious) for limit in LIMITS)
    return Tally(len(right), sum(right), len(ious), hits)


def official(rows: Rows, turns: Iterable[Told], *, skip_first: bool = True) -> Tally:
    """What the script of 2025 prints: the right ones among `rows`, of all `turns`.

    `turns` are those of every test dialogue that is not just talk. What no sample asks about,
    because retrieval failed or the dialogue is long, counts as wrong.
    """
    every = list(turns)
    found = tally(rows, skip_first=skip_first)
    moments = sum(told.moment for told in every)
    return Tally(len(every) - moments, found.right, moments, found.hits)


def official_turns(
    dialogues: Iterable[Sequence[Told]], outputs: Iterable[tuple[str, str]]
) -> dict[int, Tally]:
    """The script's table by place of the turn, from 1.

    `outputs` are pairs of a user's words and what was put out. A turn is looked up by its words:
    the first pair with the very same ones counts, whoever said them; none is a miss.
    """
    known: dict[str, str] = {}
    for asked, output in outputs:
        known.setdefault(asked, output)
    by_place: dict[int, list[Told]] = {}
    for dialogue in dialogues:
        for place, told in enumerate(dialogue, 1):
            by_place.setdefault(place, []).append(told)
    found: dict[int, Tally] = {}
    for place, turns in by_place.items():
        rows = [(told, known[told.text]) for told in turns if told.text in known]
        found[place] = official(rows, turns, skip_first=False)
    return found


def _right(told: Told, output: str) -> bool:
    return video_number(output) == video_number(told.gold)


def _iou(told: Told, output: str) -> float:
    return overlap(window(output), gold_times(told.gold)[:2])


# 2024: an answer begins with a sentence that tells the intent.


@dataclass(frozen=True, slots=True)
class Pick:
    """What an answer of 2024 says about ten candidates."""

    intent: str
    said: str
    """The second sentence: the first number in it is the candidate's."""
    candidates: tuple[str, ...]

    @property
    def video(self) -> str:
        """The picked candidate; empty for a number that none has."""
        number = first_number(self.said)
        return self.candidates[number - 1] if 1 <= number <= len(self.candidates) else ""


@dataclass(frozen=True, slots=True)
class Timed:
    """What an answer of 2024 says about a moment: no or one window."""

    intent: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of a conversation of 2024."""

    video: str
    found: bool
    """Whether retrieval brought anything to choose from, or the moment's video."""
    window: Window | None = None
    """Of a moment; None: the video is asked for."""


def pick(output: str, candidates: Sequence[str]) -> Pick | None:
    """None where there are not two sentences: the script passes over such answers."""
    parts = two_sentences(output)
    return None if parts is None else Pick(parts[0], parts[1], tuple(candidates))


def timed(output: str) -> Timed:
    """The window, and the words up to the first full stop."""
    return Timed(f"{output.partition('.')[0]}.", tuple(training_window(output)))


def video_accuracy(rows: Iterable[tuple[Pick | None, str]]) -> float:
    """Percent of gold videos that were picked by answers with the right intent."""
    every = list(rows)
    right = sum(
        found is not None and "video retrieval" in found.intent and found.video == gold
        for found, gold in every
    )
    return 100.0 * right / max(1, len(every))


def intent_accuracy(picks: Iterable[Pick | None]) -> float:
    """Percent of readable answers about videos that tell the right intent."""
    told = [found for found in picks if found is not None]
    return 100.0 * sum("video retrieval" in found.intent for found in told) / max(1, len(told))


def moment_recall(rows: Iterable[tuple[Timed, Window]], asked: int) -> dict[float, float]:
    """Percent of the `asked` moments found at each overlap by answers with the right intent.

    `asked` is the length of the list before retrieval, so its failures count as misses.
    """
    ious = [
        overlap(found.windows[0], gold)
        for found, gold in rows
        if found.windows
        and ("temporal video grounding" in found.intent or "video moment" in found.intent)
    ]
    return {limit: 100.0 * sum(iou >= limit for iou in ious) / max(1, asked) for limit in LIMITS}


def outcome(step: Step, answer: Pick | Timed | None) -> bool | float:
    """Whether the video is right, or the overlap of the moment; the intent does not count here."""
    if step.window is None:
        return step.found and isinstance(answer, Pick) and answer.video == step.video
    if not step.found or not isinstance(answer, Timed) or not answer.windows:
        return 0.0
    return overlap(answer.windows[0], step.window)


def propagated(outcomes: Sequence[bool | float]) -> list[bool | float]:
    """The same, where everything after a wrong video has failed, too."""
    found: list[bool | float] = []
    lost = False
    for one in outcomes:
        found.append(type(one)() if lost else one)
        lost = lost or one is False
    return found


def by_turn(conversations: Iterable[Sequence[bool | float]]) -> dict[int, dict[str, float]]:
    """Percent by place of the turn, from 1: `video`, and `IoU=0.3` and so on of moments."""
    places: dict[int, list[bool | float]] = {}
    for outcomes in conversations:
        for place, one in enumerate(outcomes, 1):
            places.setdefault(place, []).append(one)
    table: dict[int, dict[str, float]] = {}
    for place, ones in sorted(places.items()):
        videos = [one for one in ones if isinstance(one, bool)]
        ious = [one for one in ones if not isinstance(one, bool)]
        table[place] = {"video": 100.0 * sum(videos) / max(1, len(videos))} | {
            f"IoU={limit}": 100.0 * sum(iou >= limit for iou in ious) / max(1, len(ious))
            for limit in LIMITS
        }
    return table


def picks_of(rows: Iterable[Mapping[str, object]]) -> list[Pick | None]:
    """Raw answers of the script of 2024: `vname` has the candidates, `generated_cap` the words."""
    found: list[Pick | None] = []
    for row in rows:
        names = row["vname"]
        candidates = [str(name) for name in names] if isinstance(names, list) else []
        found.append(pick(str(row["generated_cap"]), candidates))
    return found
