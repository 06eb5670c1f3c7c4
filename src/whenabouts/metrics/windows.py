"""Overlap of many windows at once, as the published evaluators measure it.

Shapes: N and M windows of two edges in s. They may be reversed: a model can answer anything, and
`Span` refuses what these must score. Each evaluator divides by something else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

Floats = NDArray[np.float64]

TINY = 1e-8
"""Added to the union by the dense captioning evaluators."""


def as_windows(windows: Sequence[Sequence[float]]) -> Floats:
    """Windows as float64 [N,2]; further columns, such as a score, are left out."""
    try:
        found = np.array([window[:2] for window in windows], np.float64)
    except (TypeError, ValueError):
        raise InputError("a window is no list of two numbers, [start_s, end_s]") from None
    found = found.reshape(-1, 2) if found.size == 2 * len(windows) else np.full(2, np.nan)
    if not np.isfinite(found).all():
        raise InputError("a window is no pair of finite numbers, [start_s, end_s]")
    return found


def area_iou(a_N2: Floats, b_M2: Floats) -> Floats:
    """[...,N,M] intersection over both lengths less the intersection; 0 for empty windows.

    Leading dimensions are shared. QVHighlights pairs all windows this way.
    """
    left, right = a_N2[..., :, None, :], b_M2[..., None, :, :]
    shared = _shared(left, right)
    union = (left[..., 1] - left[..., 0]) + (right[..., 1] - right[..., 0]) - shared
    return _divide(shared, union)


def hull_iou(a_N2: Floats, b_N2: Floats) -> Floats:
    """[N] intersection over the stretch from the first edge to the last, window by window.

    The same as the union where both overlap. Two windows of no length at one place have 0.
    """
    first = np.minimum(a_N2[..., 0], b_N2[..., 0])
    last = np.maximum(a_N2[..., 1], b_N2[..., 1])
    return _divide(_shared(a_N2, b_N2), last - first)


def caption_iou(a_N2: Floats, b_M2: Floats, repair: bool) -> Floats:
    """[N,M] intersection over the shorter of hull and sum of lengths, a little below the true IoU.

    `repair` puts the edges of each window in order first, as TimeChat does and ActivityNet's
    evaluator does not.
    """
    if repair:
        a_N2, b_M2 = np.sort(a_N2, axis=-1), np.sort(b_M2, axis=-1)
    left, right = a_N2[:, None, :], b_M2[None, :, :]
    hull = np.maximum(left[..., 1], right[..., 1]) - np.minimum(left[..., 0], right[..., 0])
    lengths = (left[..., 1] - left[..., 0]) + (right[..., 1] - right[..., 0])
    return _shared(left, right) / (np.minimum(hull, lengths) + TINY)


def _shared(left: Floats, right: Floats) -> Floats:
    first = np.maximum(left[..., 0], right[..., 0])
    return np.maximum(0.0, np.minimum(left[..., 1], right[..., 1]) - first)


def _divide(shared: Floats, union: Floats) -> Floats:
    return np.divide(shared, union, out=np.zeros_like(shared), where=union != 0)
