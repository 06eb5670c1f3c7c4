"""Confidence intervals by resampling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.metrics.retrieval import CUTS

_AT_ONCE = 4_000_000
"""Weights drawn at once."""


def interval(
    values: NDArray[np.floating], resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 percent bootstrap interval of the mean of `values`.

    >>> interval(np.ones(10))
    (1.0, 1.0)
    """
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(values), (resamples, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def clustered_interval(
    groups: Sequence[Sequence[float]], resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 percent bootstrap interval of the mean of all values, whole groups being drawn.

    >>> clustered_interval([[1.0, 1.0], [1.0]])
    (1.0, 1.0)
    """
    sums = np.array([sum(group) for group in groups], np.float64)
    counts = np.array([len(group) for group in groups], np.float64)
    picks = np.random.default_rng(seed).integers(0, len(groups), (resamples, len(groups)))
    low, high = np.percentile(sums[picks].sum(axis=1) / counts[picks].sum(axis=1), (2.5, 97.5))
    return float(low), float(high)


def rank_intervals(
    ranks_Q: NDArray[np.float64],
    cluster_Q: NDArray[np.integer] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """95 percent bootstrap intervals of R@K in percent, MdR and MnR from 0-based ranks.

    Queries of one cluster are drawn together: captions of one video succeed and fail together, and
    drawn one by one they would promise more than they show. None: each is its own cluster.
    """
    cluster = np.arange(len(ranks_Q)) if cluster_Q is None else np.unique(cluster_Q, False, True)[1]
    clusters = int(cluster.max()) + 1
    order = np.argsort(ranks_Q, kind="stable")
    sorted_ranks, sorted_cluster = ranks_Q[order], cluster[order]
    random = np.random.default_rng(seed)
    rows: list[NDArray[np.float64]] = []
    step = max(1, _AT_ONCE // len(ranks_Q))
    for first in range(0, resamples, step):
        count = min(step, resamples - first)
        drawn = random.multinomial(clusters, np.full(clusters, 1 / clusters), count)
        running = np.cumsum(drawn[:, sorted_cluster], axis=1)
        total = running[:, -1:]
        hits = np.searchsorted(sorted_ranks, CUTS, side="left")
        ends = np.concatenate([np.zeros((count, 1), running.dtype), running], axis=1)
        recalls = 100.0 * ends[:, hits] / total
        middle = (2 * running < total).sum(axis=1).clip(max=len(ranks_Q) - 1)
        means = (drawn[:, sorted_cluster] @ sorted_ranks) / total[:, 0]
        rows.append(np.column_stack([recalls, sorted_ranks[middle] + 1, means + 1]))
    low, high = np.percentile(np.concatenate(rows), (2.5, 97.5), axis=0)
    names = [*(f"R@{cut}" for cut in CUTS), "MdR", "MnR"]
    return {n: (float(a), float(b)) for n, a, b in zip(names, low, high, strict=True)}
