"""Summary figures: a curve of importance, or a selection, against what raters chose.

F-score of the selected frames (Gygli et al., "Creating Summaries from User Videos", SumMe; Song et
al., "TVSum") and rank correlation with raters (Otani et al., "Rethinking the Evaluation of Video
Summaries"). Shapes: N frames, or other equal steps, of one video; R raters; S shots.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BUDGET = 0.15
"""Share of a video that a summary may hold."""


def stretched(scores: Sequence[float], steps: int) -> Floats:
    """Scores repeated to `steps` equal steps, each as long as its share: [steps]."""
    given = np.asarray(scores, np.float64)
    if given.ndim != 1 or not len(given) or not np.isfinite(given).all():
        raise InputError(f"scores must be finite numbers in a list, got shape {given.shape}")
    return given[np.arange(steps) * len(given) // steps]


def key_shots(scores_N: Floats, shots: Sequence[tuple[int, int]], budget: float = BUDGET) -> Bools:
    """Frames of the shots with the highest sum of mean scores that fit the budget, bool [N].

    `shots`: first and last frame of each, both inside. Whole shots are taken, the best sum found
    exactly (0/1 knapsack over frames).
    """
    frames = len(scores_N)
    if not shots or any(not 0 <= first <= last < frames for first, last in shots):
        raise InputError(
            f"{len(shots)} shots for {frames} frames; a shot is [first, last] frame, both inside"
        )
    lengths = [last - first + 1 for first, last in shots]
    values = [float(scores_N[first : last + 1].mean()) for first, last in shots]
    limit = int(frames * budget)
    best = np.zeros(limit + 1)
    taken = np.zeros((len(shots), limit + 1), bool)
    for shot, (length, value) in enumerate(zip(lengths, values, strict=True)):
        if length > limit:
            continue
        held = best[: limit + 1 - length] + value
        taken[shot, length:] = held > best[length:]
        best[length:] = np.maximum(best[length:], held)
    selected = np.zeros(frames, bool)
    room = limit
    for shot in range(len(shots) - 1, -1, -1):
        if taken[shot, room]:
            first, last = shots[shot]
            selected[first : last + 1] = True
            room -= lengths[shot]
    return selected


def f_score(selected_N: Bools, chosen_RN: Bools, of: Literal["mean", "max"]) -> float:
    """F-score of a selection in [0, 1]: the mean over raters (TVSum) or the best one (SumMe)."""
    if chosen_RN.ndim != 2 or not len(chosen_RN) or chosen_RN.shape[1] != len(selected_N):
        raise InputError(f"summaries of shape {chosen_RN.shape} for {len(selected_N)} frames")
    shared = (chosen_RN & selected_N).sum(axis=1)
    both = chosen_RN.sum(axis=1) + selected_N.sum()
    scores = np.where(shared > 0, 2 * shared / np.maximum(1, both), 0.0)
    return float(scores.mean() if of == "mean" else scores.max())


def rank_correlations(scores_N: Floats, raters_RN: Floats) -> tuple[float, float]:
    """Kendall's tau-b and Spearman's rho with each rater, averaged; in [-1, 1].

    A rater, or a prediction, that gives everything the same score has no ranks and counts 0.
    """
    if raters_RN.ndim != 2 or not len(raters_RN) or raters_RN.shape[1] != len(scores_N):
        raise InputError(f"raters of shape {raters_RN.shape} for {len(scores_N)} scores")
    kendalls = [kendall(scores_N, rater) for rater in raters_RN]
    return float(np.mean(kendalls)), float(np.mean([spearman(scores_N, r) for r in raters_RN]))


def spearman(left_N: Floats, right_N: Floats) -> float:
    """Spearman's rank correlation; equal values share the mean of their ranks."""
    left, right = _ranks(left_N), _ranks(right_N)
    left, right = left - left.mean(), right - right.mean()
    size = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum()) / size if size else 0.0


def kendall(left_N: Floats, right_N: Floats) -> float:
    """Kendall's tau-b, which allows for ties, in O(n log² n)."""
    count = len(left_N)
    order = np.lexsort((right_N, left_N))
    pairs = count * (count - 1) // 2
    ties_left, ties_right = _tied(left_N), _tied(right_N)
    _, both = np.unique(np.stack([left_N, right_N]), axis=1, return_inverse=True)
    ties_both = _tied(both.ravel())
    _, places = np.unique(right_N[order], return_inverse=True)
    against = _inversions(places.ravel())
    balance = pairs - ties_left - ties_right + ties_both - 2 * against
    size = float(np.sqrt(float(pairs - ties_left) * float(pairs - ties_right)))
    return balance / size if size else 0.0


def _ranks(values_N: Floats) -> Floats:
    _, inverse, counts = np.unique(values_N, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return (last - (counts - 1) / 2)[inverse.ravel()]


def _tied(values_N: NDArray[np.generic]) -> int:
    """Pairs of equal values."""
    counts = np.unique(values_N, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


def _inversions(places_N: NDArray[np.integer]) -> int:
    """Pairs i < j with a strictly greater value first, counted by merging halves of blocks."""
    values = places_N.astype(np.int64)
    count = len(values)
    above = int(values.max(initial=0)) + 1
    positions = np.arange(count)
    found, half = 0, 1
    while half < count:
        block = positions // (2 * half)
        # Block by block, so that one sorted array serves all of them.
        keys = block * above + values
        in_left = positions % (2 * half) < half
        left = np.sort(keys[in_left])
        right_blocks, right = block[~in_left], keys[~in_left]
        ends = np.searchsorted(left, (right_blocks + 1) * above, side="left")
        found += int((ends - np.searchsorted(left, right, side="right")).sum())
        half *= 2
    return found
