"""How well an encoder finds the videos of a published dataset by their captions, and back.

Shapes: C captions, V videos, B captions of the query bank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data.frame_cache import CacheSettings, FrameCache
from whenabouts.data.retrieval import RetrievalSplit, retrieval_split
from whenabouts.data.settings import DataSettings
from whenabouts.errors import InputError
from whenabouts.evaluate.interval import rank_intervals
from whenabouts.evaluate.report import Report
from whenabouts.metrics.renormalise import Renormalisation, dual_softmax, query_bank
from whenabouts.metrics.retrieval import (
    Standing,
    Ties,
    caption_figures,
    caption_standing,
    figures,
    standing,
)
from whenabouts.settings import Settings

Scores = NDArray[np.float32]

OnDone = Callable[[int, int, str], None]
"""Hears how many of how many videos are done, and with what."""


class RetrievalEvaluation(Settings):
    """What is reported about a retrieval split."""

    ties: Ties = "expected"
    """Where the right video stands among others with the same score; `reference` as the published
    scorers count, which lengthens the list."""
    resamples: int = Field(default=1000, gt=0)
    """Of the confidence intervals; all captions of a video are drawn together."""
    also: tuple[Renormalisation, ...] = ()
    """Figures of renormalised scores beside the plain ones: `dual_softmax`, `query_bank`. Both look
    at more queries than the one that is asked, which a search cannot."""
    bank: int = Field(default=5000, gt=0)
    """Captions of the training split that make the bank of `query_bank`."""
    found: int = Field(default=10, gt=0)
    """Best videos of each caption that are written down."""
    worst: int = Field(default=10, ge=0)
    """Captions with the worst ranks that get a contact sheet."""
    apart: bool = False
    """Look at each frame alone, as a library does, instead of at clips."""


@dataclass(frozen=True, slots=True)
class Task:
    """Which split is looked at, and how."""

    dataset: str
    folder: Path
    split: str
    settings: DataSettings
    frames: CacheSettings
    cache: Path
    """Folder of the decoded frames."""
    words: int
    """Most tokens of a caption."""


class Scorer(Protocol):
    """Scores captions against the videos of a split."""

    def __call__(
        self,
        split: RetrievalSplit,
        tell: Callable[[int, int], None] | None = None,
        captions: Sequence[str] | None = None,
    ) -> Scores:
        """[captions, videos]; `captions` None: those of the split."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A split with its scores and everything that follows from them."""

    split: RetrievalSplit
    scores: Scores
    standings: Mapping[str, Standing]
    report: Report


def evaluate(
    task: Task,
    open_scorer: Callable[[FrameCache], Scorer],
    settings: RetrievalEvaluation,
    on_done: OnDone | None = None,
) -> Judged:
    """Decode what is not in the cache, encode, score and judge."""
    cache = FrameCache(task.cache, task.frames)
    split = retrieval_split(task.dataset, task.folder, task.split, task.settings)
    split = cache.fill_split(split, tell=on_done)
    bank: tuple[str, ...] = ()
    if "query_bank" in settings.also:
        train = retrieval_split(task.dataset, task.folder, "train", task.settings)
        bank = _some(train.captions, settings.bank)
    tell = None if on_done is None else (lambda n, of: on_done(n, of, "encoded"))
    rows = open_scorer(cache)(split, tell, [*split.captions, *bank])
    return judge(split, rows[: len(split)], settings, rows[len(split) :])


def judge(
    split: RetrievalSplit,
    scores_CV: Scores,
    settings: RetrievalEvaluation,
    bank_BV: Scores | None = None,
) -> Judged:
    """All figures of a split's scores; those of renormalised scores have names of their own."""
    standings = both_ways(scores_CV, split.owner)
    found, bounds = tell(standings, split.owner, settings)
    for kind in settings.also:
        changed = _renormalised(kind, scores_CV, split.owner, bank_BV)
        more, more_bounds = tell(changed, split.owner, settings)
        found |= {_named(name, kind): value for name, value in more.items()}
        bounds |= {_named(name, kind): value for name, value in more_bounds.items()}
    rows = predictions(split, scores_CV, standings, settings.found)
    return Judged(split, scores_CV, standings, Report(found, bounds, rows))


def both_ways(scores_CV: Scores, owner_C: NDArray[np.integer]) -> dict[str, Standing]:
    """Standings by the protocol that fits: one caption a video, or several."""
    if scores_CV.shape[0] == scores_CV.shape[1] and _is_diagonal(owner_C):
        return {"text_to_video": standing(scores_CV), "video_to_text": standing(scores_CV.T)}
    return caption_standing(scores_CV, owner_C)


def tell(
    standings: Mapping[str, Standing], owner_C: NDArray[np.integer], settings: RetrievalEvaluation
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Figures of each direction with their intervals, such as `text_to_video.R@1`."""
    ties = settings.ties
    if _is_diagonal(owner_C):
        found = {way: figures(one.ranks(ties)) for way, one in standings.items()}
    elif "video_to_text" in standings:
        found = caption_figures(standings, ties)
    else:
        found = {"text_to_video": figures(standings["text_to_video"].ranks(_plain(ties)))}
    values = {f"{way}.{name}": v for way, some in found.items() for name, v in some.items()}
    bounds: dict[str, tuple[float, float]] = {}
    for way, one in standings.items():
        cluster = owner_C if way == "text_to_video" else None
        # A list that ties have lengthened belongs to no queries that could be drawn again.
        ranks = one.ranks(_plain(ties))
        for name, low_high in rank_intervals(ranks, cluster, settings.resamples).items():
            bounds[f"{way}.{name}"] = low_high
    return values, bounds


def predictions(
    split: RetrievalSplit, scores_CV: Scores, standings: Mapping[str, Standing], most: int
) -> tuple[dict[str, Any], ...]:
    """One row a caption and one a video, with what is needed to score them again."""
    forward, back = standings["text_to_video"], standings["video_to_text"]
    rows: list[dict[str, Any]] = []
    for caption, owner in enumerate(split.owner.tolist()):
        best = np.argsort(-scores_CV[caption], kind="stable")[:most]
        rows.append({
            "task": "text_to_video", "caption": caption, "text": split.captions[caption],
            "video": split.video_ids[owner], "score": _short(scores_CV[caption, owner]),
            **_stands(forward, caption),
            "found": [[split.video_ids[v], _short(scores_CV[caption, v])] for v in best],
        })  # fmt: skip
    for video, name in enumerate(split.video_ids):
        best = np.argsort(-scores_CV[:, video], kind="stable")[:most]
        mine = scores_CV[split.owner == video, video]
        rows.append({
            "task": "video_to_text", "video": name, "score": _short(mine.max()),
            **_stands(back, video),
            "found": [[int(c), _short(scores_CV[c, video])] for c in best],
        })  # fmt: skip
    return tuple(rows)


def references(split: RetrievalSplit) -> tuple[dict[str, Any], ...]:
    """One row a caption: its number, its text and its video."""
    return tuple(
        {"caption": caption, "text": text, "video": split.video_ids[owner]}
        for caption, (text, owner) in enumerate(
            zip(split.captions, split.owner.tolist(), strict=True)
        )
    )


def _renormalised(
    kind: Renormalisation,
    scores_CV: Scores,
    owner_C: NDArray[np.integer],
    bank_BV: Scores | None,
) -> dict[str, Standing]:
    """Standings of changed scores; each direction has a change of its own."""
    if kind == "query_bank":
        if bank_BV is None or not len(bank_BV):
            raise InputError("query_bank needs the scores of a bank of training captions")
        # The bank is one of texts, so it says nothing about the way from videos to texts.
        changed = query_bank(scores_CV, bank_BV)
        return {"text_to_video": both_ways(changed, owner_C)["text_to_video"]}
    return {
        "text_to_video": both_ways(dual_softmax(scores_CV), owner_C)["text_to_video"],
        "video_to_text": both_ways(dual_softmax(scores_CV.T).T, owner_C)["video_to_text"],
    }


def _named(figure: str, kind: str) -> str:
    """`text_to_video.dual_softmax.R@1`."""
    way, _, name = figure.partition(".")
    return f"{way}.{kind}.{name}"


def _some(captions: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many, evenly spread."""
    at = np.linspace(0, len(captions) - 1, min(most, len(captions))).astype(int)
    return tuple(captions[int(index)] for index in at)


def _plain(ties: Ties) -> Ties:
    return "expected" if ties == "reference" else ties


def _is_diagonal(owner_C: NDArray[np.integer]) -> bool:
    return np.array_equal(owner_C, np.arange(len(owner_C)))


def _stands(standing: Standing, at: int) -> dict[str, float]:
    """Rank from 1, and how many stand above and beside it."""
    better, equal = int(standing.better[at]), int(standing.equal[at])
    return {"rank": float(standing.ranks()[at]) + 1, "better": better, "equal": equal}


def _short(score: np.floating) -> float:
    """Six digits."""
    return float(f"{float(score):.6g}")
