"""How well grounders find moments of drawn videos from the vectors that a library keeps.

No video file lies between: frames are drawn, encoded once and kept, and every grounder reads the
same vectors. What is told apart: queries with one span and with several, plain and grainy pictures,
languages, and queries for what never happens.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from whenabouts.data.moments.drawn import DrawnMoments, DrawnVideos, KeptQuery, KeptVideo, Shot
from whenabouts.evaluate.interval import clustered_interval
from whenabouts.evaluate.report import Report
from whenabouts.metrics.detection import detection_precision
from whenabouts.metrics.grounding import best_iou
from whenabouts.protocols import Encoder, Grounder
from whenabouts.settings import Settings
from whenabouts.types import Moment, Video

THRESHOLDS = (0.5, 0.7)
OnDone = Callable[[int, int], None]


class MomentEvaluation(Settings):
    """Which videos are drawn and what is asked."""

    split: DrawnMoments = DrawnMoments(
        split="test",
        videos=60,
        kinds=(Shot(duration_s=(60.0, 120.0), scenes=(3, 5)),),
        phrasings=1,
        looks=3,
        absent=2,
    )
    events: tuple[int, int] = (4, 8)
    """Fewest and most main events; other videos are passed over."""
    grain: tuple[float, ...] = (0.0, 25.0)
    """Noise on the pictures: deviation of each pixel in grey levels; 0: as drawn."""
    resamples: int = Field(default=1000, gt=0)


@dataclass(slots=True)
class _Figures:
    """Values by figure and video: queries about one video belong together."""

    values: dict[str, dict[str, list[float]]] = field(
        default_factory=dict[str, dict[str, list[float]]]
    )

    def add(self, name: str, video: str, value: float) -> None:
        self.values.setdefault(name, {}).setdefault(video, []).append(value)


@dataclass(slots=True)
class _Judged:
    """What is gathered while the grounders answer."""

    figures: _Figures = field(default_factory=_Figures)
    scores: dict[str, dict[bool, list[float]]] = field(
        default_factory=dict[str, dict[bool, list[float]]]
    )
    """Best score of each query, by whether it ever holds."""
    spent_s: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def evaluate(
    grounders: Mapping[str, Grounder],
    encoder: Encoder,
    settings: MomentEvaluation,
    folder: Path,
    on_done: OnDone | None = None,
) -> Report:
    """Figures in percent with 95 % intervals over videos; `ms`: median processor time of a query.

    Names: `peaks.one.en.R@1 IoU=0.5`, `peaks.several.mAP`, `peaks.grain25.one.mIoU`,
    `peaks.absent.AUROC` (50: its scores cannot tell what happens from what does not), and query by
    query what another gains over the first: `tiny-moment-detr over peaks.mIoU`.
    """
    judged = _Judged()
    for grain in settings.grain:
        asked = settings.split.model_copy(update={"grain": grain})
        videos = DrawnVideos(asked, encoder, folder)
        chosen = itertools.islice(_chosen(videos, settings.events), asked.videos)
        for number, video in enumerate(chosen):
            for query in video.queries:
                for name, grounder in grounders.items():
                    _judge(judged, name, grounder, grain, video, query)
            if on_done is not None:
                on_done(number + 1, asked.videos)
    _compare(judged, list(grounders))
    return _report(judged, settings.resamples)


def _chosen(videos: DrawnVideos, events: tuple[int, int]) -> Iterator[KeptVideo]:
    """Videos with the wanted number of events, without end."""
    fewest, most = events
    for number in itertools.count():
        if fewest <= videos.events(number) <= most:
            yield videos[number]


def _judge(
    judged: _Judged,
    name: str,
    grounder: Grounder,
    grain: float,
    kept: KeptVideo,
    query: KeptQuery,
) -> None:
    """One answer, timed and scored."""
    video = Video(kept.name, Path(f"{kept.name}.mp4"), kept.duration_s, 25.0, 1, 1)
    began_s = time.process_time()  # on a shared machine the clock on the wall lies
    found = grounder.locate(query.encoding, video, kept.seen)
    judged.spent_s.setdefault(name, []).append(time.process_time() - began_s)
    condition = f"grain{grain:g}." if grain else ""
    if not grain:
        best = found[0].score if found else 0.0
        judged.scores.setdefault(name, {}).setdefault(bool(query.spans), []).append(best)
    if not query.spans:
        return
    kind = "one" if len(query.spans) == 1 else "several"
    iou = best_iou([moment.span for moment in found], query.spans)
    precision = _precision(found, query)
    heads = (kind, f"{kind}.{query.lang}", "all")
    for head in (f"{name}.{condition}{one}" for one in heads):
        for threshold in THRESHOLDS:
            hit = 100.0 * (iou >= threshold)
            judged.figures.add(f"{head}.R@1 IoU={threshold}", kept.name, hit)
        judged.figures.add(f"{head}.mIoU", kept.name, 100.0 * iou)
        judged.figures.add(f"{head}.mAP", kept.name, 100.0 * precision)
    judged.rows.append(
        {
            "by": name,
            "grain": grain,
            "video": kept.name,
            "lang": query.lang,
            "query": query.text,
            "truth": [[span.start_s, span.end_s] for span in query.spans],
            "found": [
                [round(m.span.start_s, 2), round(m.span.end_s, 2), round(m.score, 4)] for m in found
            ],
        }
    )


def _compare(judged: _Judged, names: Sequence[str]) -> None:
    """What each grounder gains over the first one, query by query, on pictures as drawn."""
    values = judged.figures.values
    for other in names[1:]:
        for figure in [name.removeprefix(f"{other}.all.") for name in values]:
            mine, first = f"{other}.all.{figure}", f"{names[0]}.all.{figure}"
            if mine not in values or first not in values:
                continue
            values[f"{other} over {names[0]}.{figure}"] = {
                video: [a - b for a, b in zip(found, values[first][video], strict=True)]
                for video, found in values[mine].items()
            }


def _precision(found: Sequence[Moment], query: KeptQuery) -> float:
    """Mean average precision over IoU 0.5 to 0.95."""
    told = [[m.span.start_s, m.span.end_s, m.score] for m in found]
    true = [[span.start_s, span.end_s] for span in query.spans]
    return float(
        detection_precision([np.array(told, np.float64).reshape(-1, 3)], [np.array(true)]).mean()
    )


def _report(judged: _Judged, resamples: int) -> Report:
    figures, intervals = dict[str, float](), dict[str, tuple[float, float]]()
    for name, by_video in judged.figures.values.items():
        groups = list(by_video.values())
        figures[name] = float(np.mean(list(itertools.chain(*groups))))
        intervals[name] = clustered_interval(groups, resamples)
    for name, scores in judged.scores.items():
        if len(scores) == 2:
            figures[f"{name}.absent.AUROC"] = 100.0 * auroc(scores[True], scores[False])
    for name, spent_s in judged.spent_s.items():
        figures[f"{name}.ms"] = 1000.0 * float(np.median(spent_s))
    return Report(figures, intervals, tuple(judged.rows))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance in [0, 1] that a positive has a higher score than a negative; ties count half.

    >>> auroc([0.9, 0.5], [0.5, 0.1])
    0.875
    """
    high, low = np.array(positive)[:, None], np.array(negative)[None, :]
    return float((high > low).mean() + 0.5 * (high == low).mean())
