"""Highlights: how strongly each 2 s clip of a video answers a query, by three simulated raters.

The form is that of QVHighlights: scores 0 (very bad) to 4 (very good) for the relevant clips only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import Query, event_caption
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import frame_truth
from whenabouts.types import Span

CLIP_S = 2.0
"""Length of a clip."""
LEAST = 0.25
"""A clip is relevant when the query holds for at least this share of it."""


@dataclass(frozen=True, slots=True)
class Highlights:
    """The relevant clips of a query, and three raters' scores 0 to 4 for each."""

    clips: tuple[int, ...]
    scores: tuple[tuple[int, int, int], ...]

    @property
    def windows(self) -> tuple[Span, ...]:
        """Runs of relevant clips as spans in seconds."""
        found: list[Span] = []
        for clip in self.clips:
            span = Span(clip * CLIP_S, (clip + 1) * CLIP_S)
            if found and found[-1].end_s == span.start_s:
                found[-1] = found[-1].union(span)
            else:
                found.append(span)
        return tuple(found)


def rate(script: Script, query: Query, dice: Dice) -> Highlights:
    """What three raters say of each clip: they differ in mildness and now and then by a point.

    A clip is the better, the more of it the query covers and the larger and the more alone the
    actors are that can be seen in its middle.
    """
    mildness = [dice.pick((-0.5, 0.0, 0.0, 0.5)) for _ in range(3)]
    clips: list[int] = []
    scores: list[tuple[int, int, int]] = []
    for clip in range(math.floor(script.duration_s / CLIP_S)):
        window = Span(clip * CLIP_S, (clip + 1) * CLIP_S)
        covered = sum(window.overlap_s(span) for span in query.spans) / CLIP_S
        if covered < LEAST:
            continue
        merit = 1.0 + 2.2 * covered + prominence(script, window.start_s + CLIP_S / 2)
        marks = [round(merit + mild + dice.between(-0.6, 0.6)) for mild in mildness]
        clips.append(clip)
        scores.append(tuple(min(4, max(0, mark)) for mark in marks))  # pyright: ignore[reportArgumentType] # three raters
    return Highlights(tuple(clips), tuple(scores))


def prominence(script: Script, time_s: float) -> float:
    """How much there is to see at this time, 0 to 1: size of what is in view, less for a crowd."""
    sights = [sight for sight in frame_truth(script, time_s) if sight.opacity > 0.5]
    if not sights:
        return 0.0
    largest = max(sight.box[2] - sight.box[0] for sight in sights)
    return min(1.0, 2.2 * largest) / (1 + 0.2 * (len(sights) - 1))


@dataclass(frozen=True, slots=True)
class Summary:
    """A video in a few sentences, one for each clip that is kept."""

    text: str
    sentences: tuple[str, ...]
    clips: tuple[Span, ...]


def summarise(script: Script, lang: Lang, dice: Dice, count: int = 4) -> Summary:
    """A summary with up to `count` important clips and what happens in each, in order."""
    sentences: list[str] = []
    kept: list[Span] = []
    told: set[int] = set()
    for clip in important_clips(script, count):
        new = sorted(_events_in(script, clip) - told)
        if new:
            told.update(new)
            said = event_caption(script, script.events[new[0]], lang, dice).text.rstrip(".。")
            sentences.append(said + "。" if lang == "zh" else said[0].upper() + said[1:] + ".")
            kept.append(clip)
    return Summary(("" if lang == "zh" else " ").join(sentences), tuple(sentences), tuple(kept))


def important_clips(script: Script, count: int) -> tuple[Span, ...]:
    """The `count` clips of 2 s that a summary keeps, in order of time: full of events, and varied.

    Each next clip is the one with most to see whose events no kept clip has shown.
    """
    whole = [Span(i * CLIP_S, (i + 1) * CLIP_S) for i in range(int(script.duration_s / CLIP_S))]
    kept: list[Span] = []
    shown: set[int] = set()
    while whole and len(kept) < count:
        best = max(whole, key=lambda clip: (_fresh(script, clip, shown), -clip.start_s))
        whole.remove(best)
        kept.append(best)
        shown |= _events_in(script, best)
    return tuple(sorted(kept))


def _events_in(script: Script, clip: Span) -> set[int]:
    """Numbers of the main events that cover at least half of a clip."""
    return {
        number
        for number, event in enumerate(script.events)
        if event.main and event.span.overlap_s(clip) >= CLIP_S / 2
    }


def _fresh(script: Script, clip: Span, shown: set[int]) -> float:
    there = _events_in(script, clip)
    return 2 * len(there - shown) + prominence(script, clip.start_s + CLIP_S / 2)
