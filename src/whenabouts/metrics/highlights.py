"""Highlight figures: does a curve of scores stand high where raters saw highlights.

Shapes: Q queries, C clips of the longest video, R raters, K minimum scores. A video is cut into
clips of equal length; three raters gave each relevant clip a score from 0 to 4 (QVHighlights).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import DataError, InputError

CLIP_S = 2.0
MINIMA = {"Fair": 2, "Good": 3, "VeryGood": 4}
"""Least score of a rater that makes a clip a highlight, by the name of the level."""


def clip_ratings(
    duration_s: float, clip_ids: Sequence[int], ratings: Sequence[Sequence[float]]
) -> NDArray[np.float64]:
    """Raters' scores of every clip of a video, float64 [clips, R]; 0 where none is given."""
    clips = int(duration_s / CLIP_S)
    widths = {len(row) for row in ratings}
    if len(clip_ids) != len(ratings) or len(widths) > 1:
        raise DataError(
            f"{len(ratings)} rows of scores for {len(clip_ids)} relevant clips; each clip needs a "
            "row with one score a rater"
        )
    if any(not 0 <= clip < clips for clip in clip_ids):
        raise DataError(f"clips {min(clip_ids)} to {max(clip_ids)} of a video of {clips} clips")
    found = np.zeros((clips, widths.pop() if widths else 3))
    if len(clip_ids):
        found[np.array(clip_ids)] = np.array(ratings, np.float64)
    return found


def average_precision(
    labels_BC: NDArray[np.bool_], scores_BC: NDArray[np.float64], lengths_B: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The QVHighlights average precision of each row, float64 [B].

    Every distinct score is a threshold, so ties are one point. Precision is made to rise with the
    threshold and averaged, without weights, over the thresholds at which recall changes. A row
    without positives has 0, a row of positives alone 1. `lengths_B`: valid clips of each row.
    """
    width = labels_BC.shape[1]
    if not width:
        return np.zeros(len(labels_BC))
    inside = np.arange(width) < np.asarray(lengths_B)[:, None]
    # What is beyond the end sorts last as one group without positives, which changes nothing.
    scores = np.where(inside, scores_BC, -np.inf)
    order = np.argsort(-scores, axis=1, kind="stable")
    labels = np.take_along_axis(labels_BC & inside, order, axis=1)
    scores = np.take_along_axis(scores, order, axis=1)
    ends = np.ones(labels.shape, bool)
    ends[:, :-1] = scores[:, 1:] != scores[:, :-1]
    hits = labels.cumsum(axis=1)
    precision = np.where(ends, hits / np.arange(1, width + 1), 0.0)
    rising = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    reached = np.maximum.accumulate(np.where(ends, hits, 0), axis=1)
    before = np.concatenate([np.zeros((len(hits), 1), hits.dtype), reached[:, :-1]], axis=1)
    changes = ends & (hits != before)
    total = hits[:, -1]
    mean = (rising * changes).sum(axis=1) / np.maximum(1, changes.sum(axis=1))
    return np.where(total == 0, 0.0, np.where(total == lengths_B, 1.0, mean))


def highlights(
    predicted: Sequence[Sequence[float]], ratings: Sequence[NDArray[np.float64]]
) -> dict[str, dict[str, float]]:
    """Shares in [0, 1] of both figures, by level: `{"Fair": {"mAP": .., "Hit1": ..}, ..}`.

    `predicted[q]` has a score a clip; too many are cut, missing ones are 0 for mAP. `ratings[q]`
    is [clips, R]. Hit@1: does any rater call the highest clip (the first on ties) a highlight; a
    clip beyond the end is a miss. mAP is the mean over raters and queries.
    """
    if len(predicted) != len(ratings) or not ratings:
        raise InputError(f"{len(predicted)} lists of scores for {len(ratings)} queries")
    raters = {rating.shape[1] for rating in ratings}
    lengths = np.array([len(rating) for rating in ratings])
    width = int(lengths.max())
    if len(raters) != 1 or not width:
        raise DataError(
            f"queries have {sorted(raters)} raters and at most {width} clips; all need the same "
            "number of raters, and at least one a whole clip"
        )
    count = raters.pop()
    scores = np.zeros((len(ratings), width))
    given = np.zeros((len(ratings), width, count))
    at_top = np.zeros((len(ratings), count))
    for row, (curve, rating) in enumerate(zip(predicted, ratings, strict=True)):
        told = np.asarray(curve, np.float64)
        if not np.isfinite(told).all():
            raise InputError(f"the scores of query {row} hold a value that is not finite")
        cut = told[: len(rating)]
        scores[row, : len(cut)] = cut
        given[row, : len(rating)] = rating
        if len(told) and told.argmax() < len(rating):
            at_top[row] = rating[told.argmax()]
    flat = given.transpose(0, 2, 1).reshape(-1, width)
    repeated = np.repeat(scores, count, axis=0), np.repeat(lengths, count)
    return {
        level: {
            "mAP": float(average_precision(flat >= least, *repeated).mean()),
            "Hit1": float((at_top >= least).any(axis=1).mean()),
        }
        for level, least in MINIMA.items()
    }
