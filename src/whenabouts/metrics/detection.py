"""Average precision of scored windows, as in detection, for many queries at once.

Shapes: Q queries, P windows predicted for one, G true ones, T thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.metrics.windows import Floats, area_iou

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


def detection_precision(
    predicted: Sequence[Floats], truths: Sequence[Floats], thresholds: Sequence[float] = THRESHOLDS
) -> Floats:
    """Average precision in [0, 1] of each query at each threshold, float64 [Q,T].

    `predicted[q]` is [P,3] (start_s, end_s, score), `truths[q]` [G,2]. From the highest score on
    (file order on ties) each window takes the free true window that it overlaps most, if the IoU
    reaches the threshold. Precision is made to fall with recall and summed over the steps of
    recall (ActivityNet's detection evaluator). A query without predictions has 0.
    """
    if len(predicted) != len(truths):
        raise InputError(f"windows for {len(predicted)} queries, truth for {len(truths)}")
    if any(len(truth) == 0 for truth in truths):
        raise InputError("a query without a true window has no average precision; leave it out")
    if not truths:
        return np.zeros((0, len(thresholds)))
    found, real = _stack(predicted, 3), _stack(truths, 2)
    order = np.argsort(-np.nan_to_num(found[..., 2], nan=-np.inf), axis=1, kind="stable")
    found = np.take_along_axis(found, order[..., None], axis=1)
    counts = np.array([len(windows) for windows in predicted])
    total = np.array([len(windows) for windows in truths])
    hits = _matched(found, real, total, np.asarray(thresholds))
    hits &= (np.arange(found.shape[1]) < counts[:, None])[:, None, :]
    return _summed(hits, total)


def _matched(
    found_QP3: Floats, real_QG2: Floats, total_Q: NDArray[np.int64], thresholds_T: Floats
) -> NDArray[np.bool_]:
    """Which predictions take a true window, bool [Q,T,P]; greedy in the order given."""
    ious = area_iou(found_QP3[..., :2], real_QG2)  # [Q,P,G]
    ious = np.where(np.arange(real_QG2.shape[1]) < total_Q[:, None, None], ious, -1.0)
    # The evaluator walks the reversed ascending order: of equal overlaps the later one comes first.
    best = np.argsort(np.nan_to_num(ious, nan=-1.0), axis=2, kind="stable")[..., ::-1]
    queries, predictions, places = ious.shape
    free = np.ones((queries, len(thresholds_T), places), bool)
    hits = np.zeros((queries, len(thresholds_T), predictions), bool)
    rows = np.arange(queries)
    for prediction in range(predictions):
        for place in range(places):
            truth = best[:, prediction, place]
            reach = ious[rows, prediction, truth][:, None] >= thresholds_T
            take = reach & free[rows, :, truth] & ~hits[:, :, prediction]
            free[rows, :, truth] &= ~take
            hits[:, :, prediction] |= take
    return hits


def _summed(hits_QTP: NDArray[np.bool_], total_Q: NDArray[np.int64]) -> Floats:
    """Area under precision made to fall with recall, [Q,T]."""
    taken = hits_QTP.cumsum(axis=2)
    recall = taken / total_Q[:, None, None]
    precision = taken / np.arange(1, hits_QTP.shape[2] + 1)
    falling = np.maximum.accumulate(precision[..., ::-1], axis=2)[..., ::-1]
    steps = np.diff(recall, axis=2, prepend=0.0)
    return (steps * falling).sum(axis=2)


def _stack(windows: Sequence[Floats], columns: int) -> Floats:
    """Windows of all queries as [Q, most, columns]; what is missing is not a number."""
    most = max((len(some) for some in windows), default=0)
    stacked = np.full((len(windows), most, columns), np.nan)
    for row, some in enumerate(windows):
        stacked[row, : len(some)] = np.asarray(some, np.float64).reshape(-1, columns)
    return stacked
