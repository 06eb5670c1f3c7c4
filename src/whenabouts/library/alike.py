"""Frames that look like the one before: they are not encoded again, the stored one stands longer.

Black fades and small moving things must not be lost, so what counts is the cell that changed most,
not the mean over the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 16
_ENOUGH_PX = 8
"""Pixels a cell side that are looked at, up to twice as many: more of them tell nothing new."""


def signatures(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean colours of a grid of cells, float32 [T,16,16,3], of `pixels` uint8 [T,H,W,3]."""
    count, height, width, _ = pixels.shape
    step_y = max(1, height // (CELLS * _ENOUGH_PX))
    step_x = max(1, width // (CELLS * _ENOUGH_PX))
    thin = pixels[:, ::step_y, ::step_x]
    height, width = thin.shape[1:3]
    if height < CELLS or width < CELLS:  # smaller than the grid: repeat pixels
        rows = np.arange(CELLS) * height // CELLS
        columns = np.arange(CELLS) * width // CELLS
        return thin[:, rows][:, :, columns].astype(np.float32)
    tall, wide = height // CELLS, width // CELLS
    rows = np.ascontiguousarray(thin[:, : tall * CELLS, : wide * CELLS])
    # Rows first: whole lines are added at once. A cell is at most 15 px tall, so 16 bits do.
    sums = rows.reshape(count, CELLS, tall, -1).sum(axis=2, dtype=np.uint16)
    sums = sums.reshape(count, CELLS, CELLS, wide, 3).sum(axis=3, dtype=np.uint32)
    return sums.astype(np.float32) / np.float32(tall * wide)


def changed(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Grey levels by which the cell that differs most differs."""
    return float(np.abs(one - other).max())
