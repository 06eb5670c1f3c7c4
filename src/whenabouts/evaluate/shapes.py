"""How well an encoder finds videos and moments of the shape world that it has never seen.

Shapes: Q captions or queries, V videos, N frames, D width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.evaluate.interval import interval
from whenabouts.evaluate.report import Report
from whenabouts.metrics.grounding import best_iou, grounding
from whenabouts.metrics.retrieval import figures, ranks
from whenabouts.models.pairs import pack_encodings, score_all
from whenabouts.models.scoring import softmax
from whenabouts.protocols import Encoder, Grounder
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import Lang, Split, held_out_pair
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.render import render, sample_times
from whenabouts.shapeworld.say import Query, caption, moment_query
from whenabouts.shapeworld.scene import draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import Description
from whenabouts.types import Encoding, Span, Video

LANGS: tuple[Lang, ...] = ("en", "zh")
_DICE = 91
_TOP = 5

OnDone = Callable[[int, int], None]
"""Hears how many of how many videos are done."""


class EvaluateSettings(Settings):
    """Which videos are drawn and how they are looked at."""

    split: Split = "test"
    videos: int = Field(default=1000, gt=0)
    first_seed: int = 0
    rate_hz: float = Field(default=2.0, gt=0)
    """Frames a second that are shown to the encoder."""
    short_px: int = Field(default=0, ge=0)
    """Shorter side of the drawn frames; 0: the size of the video."""
    resamples: int = Field(default=1000, gt=0)
    """Of the confidence intervals."""
    workers: int = Field(default=2, ge=0)
    """Processes that draw."""


@dataclass(frozen=True, slots=True)
class Case:
    """One video with what is asked about it: a fine caption and a query, in both languages."""

    script: Script
    video: Video
    captions: dict[Lang, str]
    told: dict[Lang, Description]
    queries: dict[Lang, Query]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A video's encoded frames: `vectors` [N,D], `logits` [N], `times_s` [N]."""

    vectors: NDArray[np.float32]
    logits: NDArray[np.float32]
    times_s: NDArray[np.float64]

    @property
    def encoding(self) -> Encoding:
        """As the grounders take it."""
        return Encoding(self.vectors, softmax(self.logits), self.times_s)


def make_cases(settings: EvaluateSettings) -> list[Case]:
    """The videos of a split, as scripts, with their captions and queries."""
    return [_case(settings, settings.first_seed + index) for index in range(settings.videos)]


def _case(settings: EvaluateSettings, seed: int) -> Case:
    script = draw_script(seed, settings.split)
    dice = Dice(_DICE, seed)
    event = dice.pick(script.main_events)
    captions: dict[Lang, str] = {}
    told: dict[Lang, Description] = {}
    for lang in LANGS:
        said = caption(script, lang, dice)
        captions[lang], told[lang] = said.text, said.description
    return Case(
        script,
        Video(
            f"{settings.split}-{seed}",
            Path(f"{settings.split}-{seed}.mp4"),
            script.duration_s,
            script.fps,
            script.width,
            script.height,
        ),
        captions,
        told,
        {lang: moment_query(script, event, lang, dice) for lang in LANGS},
    )


def draw_frames(case: Case, settings: EvaluateSettings) -> NDArray[np.uint8]:
    """The frames that the encoder is shown, uint8 [N,H,W,3]."""
    script = case.script
    scale = settings.short_px / min(script.width, script.height) if settings.short_px else 1.0
    times_s = [float(time_s) for time_s in sample_times(script, settings.rate_hz)]
    return render(script, times_s, round(script.width * scale), round(script.height * scale))


def draw_all(
    cases: Sequence[Case], settings: EvaluateSettings
) -> Iterator[tuple[Case, NDArray[np.uint8]]]:
    """Frames of all cases in turn, drawn by worker processes."""
    draw = partial(draw_frames, settings=settings)
    if not settings.workers:
        yield from zip(cases, map(draw, cases), strict=True)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(settings.workers, mp_context=context) as pool:
        # A few at a time: the frames of a thousand videos would not fit into memory.
        for start in range(0, len(cases), 16):
            part = cases[start : start + 16]
            yield from zip(part, pool.map(draw, part), strict=True)


def look(
    encoder: Encoder,
    drawn: Iterator[tuple[Case, NDArray[np.uint8]]],
    settings: EvaluateSettings,
    on_done: Callable[[int], None] | None = None,
) -> list[Seen]:
    """Encode the frames of all videos."""
    found: list[Seen] = []
    for case, pixels in drawn:
        vectors = encoder.encode_frames(pixels)
        times_s = sample_times(case.script, settings.rate_hz)
        found.append(Seen(vectors.vectors, vectors.logits, times_s))
        if on_done:
            on_done(len(found))
    return found


def judge(
    encoder: Encoder,
    cases: Sequence[Case],
    seen: Sequence[Seen],
    grounder: Grounder,
    settings: EvaluateSettings,
) -> Report:
    """All figures of cases whose frames are encoded."""
    found: dict[str, float] = {}
    bounds: dict[str, tuple[float, float]] = {}
    rows: list[dict[str, Any]] = []
    videos = pack_encodings([one.encoding for one in seen])
    for lang in LANGS:
        texts = pack_encodings([encoder.encode_text(case.captions[lang]) for case in cases])
        scores = score_all(texts, videos)
        places = ranks(scores)
        for way, mine in (("text_to_video", places), ("video_to_text", ranks(scores.T))):
            found |= {f"{way}.{lang}.{name}": value for name, value in figures(mine).items()}
        for cut in (1, 10):
            name = f"text_to_video.{lang}.R@{cut}"
            bounds[name] = interval(100.0 * (places < cut), settings.resamples)
        found |= _by_novelty(f"text_to_video.{lang}", cases, lang, places)
        rows += _caption_rows(cases, lang, scores, places)
        spans = [
            [moment.span for moment in grounder.locate(
                encoder.encode_text(case.queries[lang].text), case.video, one.encoding
            )]
            for case, one in zip(cases, seen, strict=True)
        ]  # fmt: skip
        truths = [list(case.queries[lang].spans) for case in cases]
        found |= {f"moment.{lang}.{k}": v for k, v in grounding(spans, truths).items()}
        ious = np.array([best_iou(f, t) for f, t in zip(spans, truths, strict=True)])
        for limit in (0.5, 0.7):
            name = f"moment.{lang}.R@1 IoU={limit}"
            bounds[name] = interval(100.0 * (ious >= limit), settings.resamples)
        rows += _moment_rows(cases, lang, spans, ious)
    return Report(found, bounds, tuple(rows))


def evaluate(
    encoder: Encoder,
    grounder: Grounder,
    settings: EvaluateSettings,
    on_done: OnDone | None = None,
) -> Report:
    """Draw, encode and judge."""
    cases = make_cases(settings)
    total = len(cases)
    drawn = draw_all(cases, settings)
    seen = look(encoder, drawn, settings, (lambda n: on_done(n, total)) if on_done else None)
    return judge(encoder, cases, seen, grounder, settings)


def _novel(description: Description) -> bool:
    """Whether somebody is named whose shape and colour training never shows together."""
    return any(
        claim.actor.shape and claim.actor.colour
        and held_out_pair(claim.actor.shape, claim.actor.colour)
        for claim in description.claims
    )  # fmt: skip


def _by_novelty(
    name: str, cases: Sequence[Case], lang: Lang, places: NDArray[np.float64]
) -> dict[str, float]:
    """R@1 of captions with and without an unseen pair of shape and colour."""
    novel = np.array([_novel(case.told[lang]) for case in cases])
    found: dict[str, float] = {}
    for kind, mine in (("unseen_pairs", novel), ("seen_pairs", ~novel)):
        if mine.any():
            found[f"{name}.{kind}.R@1"] = 100.0 * float((places[mine] < 1).mean())
    return found


def _caption_rows(
    cases: Sequence[Case], lang: Lang, scores: NDArray[np.float32], places: NDArray[np.float64]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for case, mine, place in zip(cases, scores, places, strict=True):
        best = np.argsort(-mine, kind="stable")[:_TOP]
        rows.append({
            "task": "text_to_video", "lang": lang, "text": case.captions[lang],
            "video": case.video.id, "rank": float(place),
            "found": [cases[int(index)].video.id for index in best],
        })  # fmt: skip
    return rows


def _moment_rows(
    cases: Sequence[Case],
    lang: Lang,
    spans: Sequence[Sequence[Span]],
    ious: NDArray[np.float64],
) -> list[dict[str, Any]]:
    return [
        {
            "task": "moment",
            "lang": lang,
            "text": case.queries[lang].text,
            "video": case.video.id,
            "truth": [[span.start_s, span.end_s] for span in case.queries[lang].spans],
            "found": [[span.start_s, span.end_s] for span in mine],
            "iou": float(iou),
        }
        for case, mine, iou in zip(cases, spans, ious, strict=True)
    ]
