"""How often a SeViLA answers right, by type of question, and what its choice of frames is worth.

The same questions are asked once for each way to choose the frames, so that ways are compared pair
by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import numpy as np
from pydantic import Field

from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.qa.samples import FileQa, QaData, QaSample
from whenabouts.errors import InputError, MediaError
from whenabouts.evaluate.interval import clustered_interval
from whenabouts.evaluate.report import Report
from whenabouts.metrics.answers.by_type import Chosen, accuracies
from whenabouts.models.positions import even_positions
from whenabouts.models.seen import SeenFrames
from whenabouts.settings import Settings
from whenabouts.systems.sevila import Answered, Asked, FrameAnswerer

Way = Literal["located", "uniform", "true"]
"""Which frames are read: those that the localizer finds, evenly spread ones, or those of the truth
(where the data tell it)."""
THRESHOLDS = (0.5, 0.7)


class QuestionSettings(Settings):
    """Which questions are asked, and how the frames are chosen."""

    data: QaData
    questions: int = Field(default=0, ge=0)
    """So many; 0: all that the sets have."""
    frames: int = Field(default=32, gt=0)
    """Looked at of each video, evenly spread."""
    key_frames: int = Field(default=4, gt=0)
    """Read of these."""
    ways: tuple[Way, ...] = ("located", "uniform")
    seed: int = 0
    """Of the questions about drawn videos."""
    resamples: int = Field(default=1000, gt=0)


@dataclass(slots=True)
class _Found:
    """Answers by way, and single values by figure, each with the video that it is about."""

    answers: dict[str, list[Chosen]] = field(default_factory=dict[str, list[Chosen]])
    values: dict[str, dict[str, list[float]]] = field(
        default_factory=dict[str, dict[str, list[float]]]
    )
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def add(self, name: str, video: str, value: float) -> None:
        self.values.setdefault(name, {}).setdefault(video, []).append(value)


def evaluate(
    answerer: FrameAnswerer,
    settings: QuestionSettings,
    on_done: Callable[[int, int], None] | None = None,
) -> Report:
    """Figures in percent, those over all questions with 95 % intervals over videos.

    Accuracies of each way, in all and by type; what the first way gains over each other one; the
    best moment of queries. A video that cannot be read counts as wrong.
    """
    size_px = answerer.settings.pixels.size_px
    frames = FrameSettings(frames=settings.frames, size_px=size_px, way="middle")
    sets, _, _ = settings.data.open(frames)
    places = [(one, place) for one in sets for place in range(len(one))]
    places = places[: settings.questions or None]
    found = _Found()
    for number, (one, place) in enumerate(places):
        try:
            sample = one.sample(place, Random(f"{settings.seed} {place}"))
        except MediaError as error:
            if isinstance(one, FileQa):
                _lost(one.rows[place], settings, found, str(error))
            continue
        _ask(answerer, settings, sample, found)
        if on_done is not None:
            on_done(number + 1, len(places))
    if not found.rows:
        raise InputError("there is no question to ask; look at data")
    return _report(found, settings)


def _lost(row: QaRow, settings: QuestionSettings, found: _Found, why: str) -> None:
    """A question about a video that cannot be read is answered wrong."""
    for way in settings.ways if row.answer is not None else ():
        found.answers.setdefault(way, []).append(Chosen(row.id, None, row.answer or 0))
        found.add(f"{way}.accuracy", row.video, 0.0)
    for threshold in THRESHOLDS if row.dataset == "qvhighlights" else ():
        found.add(f"moment.R@1 IoU={threshold}", row.video, 0.0)
    found.rows.append({"id": row.id, "video": row.video, "error": why})


def _ask(
    answerer: FrameAnswerer, settings: QuestionSettings, sample: QaSample, found: _Found
) -> None:
    row = sample.row
    seen = answerer.look(sample.clip.pixels, sample.clip.times_s.tolist())
    told: dict[str, Any] = {"id": row.id, "video": row.video, "asked": row.question}
    if row.dataset == "qvhighlights":
        _locate(answerer, sample, seen, found, told)
    elif row.answer is None:
        raise InputError(f"the question {row.id} has no published answer; take another split")
    else:
        told["right"] = row.answer
        first = answerer.locate(seen, row.question, row.options)
        if sample.shows is not None:
            hit = bool(sample.shows[int(first.scores.argmax())])
            found.add("best frame shows it", row.video, float(hit))
        for way in settings.ways:
            frames = _frames(way, settings, sample, first.scores)
            if frames is None:
                continue
            asked = Asked(row.question, row.options, settings.key_frames, frames)
            answered = answerer.ask(seen, asked)
            found.answers.setdefault(way, []).append(Chosen(row.id, answered.option, row.answer))
            found.add(f"{way}.accuracy", row.video, float(answered.option == row.answer))
            told[way] = _told(answered, sample)
    found.rows.append(told)


def _locate(
    answerer: FrameAnswerer,
    sample: QaSample,
    seen: SeenFrames,
    found: _Found,
    told: dict[str, Any],
) -> None:
    """The best moment of a query against all true ones."""
    row = sample.row
    if not row.spans:
        raise InputError(f"the query {row.id} has no published moments; take another split")
    located = answerer.locate_query(seen, row.question)
    duration_s = row.duration_s or float(sample.clip.times_s[-1])
    best, score = answerer.moments(seen, located, duration_s)[0]
    iou = max(best.iou(span) for span in row.spans)
    for threshold in THRESHOLDS:
        found.add(f"moment.R@1 IoU={threshold}", row.video, float(iou >= threshold))
    if sample.shows is not None:
        right = (located.chances >= 0.5) == sample.shows
        found.add("frames", row.video, float(right.mean()))
    told["moment"] = [round(best.start_s, 2), round(best.end_s, 2), round(score, 3)]
    told["truth"] = [[span.start_s, span.end_s] for span in row.spans]


def _frames(
    way: Way,
    settings: QuestionSettings,
    sample: QaSample,
    scores: np.ndarray,
) -> tuple[int, ...] | None:
    """Places of the frames that are read; None where the truth is not known."""
    count = min(settings.key_frames, len(scores))
    if way == "uniform":
        return tuple(even_positions(len(scores), count, "middle"))
    if way == "located":
        return tuple(sorted(np.argsort(-scores, kind="stable")[:count].tolist()))
    if sample.shows is None:
        return None
    inside = np.flatnonzero(sample.shows)
    others = np.setdiff1d(np.arange(len(scores)), inside)
    even = inside[np.unique(np.arange(count) * len(inside) // count)] if len(inside) else inside
    return tuple(sorted([*even.tolist(), *others.tolist()][:count]))


def _told(answered: Answered, sample: QaSample) -> dict[str, Any]:
    return {
        "option": answered.option,
        "confidence": round(answered.confidence, 4),
        "frames_s": [round(float(sample.clip.times_s[place]), 2) for place in answered.frames],
    }


def _report(found: _Found, settings: QuestionSettings) -> Report:
    figures, intervals = dict[str, float](), dict[str, tuple[float, float]]()
    for way, answers in found.answers.items():
        figures |= {f"{way}.{name}": value for name, value in accuracies(answers).items()}
    first = f"{settings.ways[0]}.accuracy"
    values = dict(found.values)
    for way in settings.ways[1:]:
        name = f"{way}.accuracy"
        if name in values and first in values:
            values[f"{settings.ways[0]} over {way}"] = {
                video: [
                    a - b for a, b in zip(values[first][video], values[name][video], strict=True)
                ]
                for video in values[name]
            }
    for name, by_video in values.items():
        groups: Sequence[Sequence[float]] = list(by_video.values())
        figures[name] = 100.0 * float(np.mean([one for group in groups for one in group]))
        low, high = clustered_interval(groups, settings.resamples)
        intervals[name] = 100.0 * low, 100.0 * high
    return Report(figures, intervals, tuple(found.rows))
