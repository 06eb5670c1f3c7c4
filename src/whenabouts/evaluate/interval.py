"""Confidence intervals by resampling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
