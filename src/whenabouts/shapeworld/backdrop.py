"""The picture behind the actors, drawn once a scene and then looked at by the camera."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.motion import wave
from whenabouts.shapeworld.script import Backdrop

MARGIN = 0.08
"""How much wider the backdrop is on each side than the frame, so that the camera may pan."""
Picture = NDArray[np.floating[Any]]


def draw_backdrop(backdrop: Backdrop, width: int, height: int) -> Picture:
    """The backdrop with its margins, float32 [h,w,3] in [0, 255]."""
    left, top = margins(width, height)
    w, h = width + 2 * left, height + 2 * top
    short = np.float32(min(width, height))
    x = ((np.arange(w, dtype=np.float32) - left) / short)[None, :]
    y = ((np.arange(h, dtype=np.float32) - top) / short)[:, None]
    rgb = np.array(backdrop.rgb, dtype=np.float32)
    other = np.array(backdrop.other, dtype=np.float32)
    share = _share(backdrop, x, y, float(short))
    return rgb + np.broadcast_to(share, (h, w))[:, :, None] * (other - rgb)


def margins(width: int, height: int) -> tuple[int, int]:
    """Pixels of margin to the left and right, and above and below."""
    return int(width * MARGIN) + 1, int(height * MARGIN) + 1


def _share(backdrop: Backdrop, x: Picture, y: Picture, short: float) -> Picture:
    """How much of the second shade is where, in [0, 1]."""
    grain = np.float32(backdrop.grain)
    cosine, sine = (np.float32(part) for part in wave(backdrop.slant))
    along = x * cosine + y * sine
    if backdrop.ground == "plain":
        return np.zeros((1, 1), dtype=np.float32)
    if backdrop.ground == "gradient":
        low, high = along.min(), along.max()
        return (along - low) / (high - low) * np.float32(1.5)
    if backdrop.ground == "stripes":
        cycle = along / (2 * grain)
        edge = np.abs((cycle - np.floor(cycle)) * 4 - 2) - 1
        return np.clip(edge * grain * np.float32(short) / 2 + np.float32(0.5), 0, 1)
    if backdrop.ground == "checks":
        parity = np.floor(x / grain) + np.floor(y / grain)
        return parity - 2 * np.floor(parity / 2)
    return _noise(backdrop, x, y)


def _noise(backdrop: Backdrop, x: Picture, y: Picture) -> Picture:
    """Coarse cells under fine ones."""
    dice = Dice(backdrop.seed)
    found = np.zeros((y.size, x.size), dtype=np.float32)
    for size, strength in ((backdrop.grain, 0.75), (backdrop.grain / 3, 0.5)):
        columns = ((x.ravel() - x.min()) / np.float32(size)).astype(np.int64)
        rows = ((y.ravel() - y.min()) / np.float32(size)).astype(np.int64)
        cells = dice.grid(int(rows.max()) + 1, int(columns.max()) + 1)
        found += np.float32(strength) * cells[rows][:, columns]
    return found
