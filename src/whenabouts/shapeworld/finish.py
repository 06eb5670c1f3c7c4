"""What a camera and a codec do to a picture: light, blur, noise, block compression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.style import Style

Picture = NDArray[np.floating[Any]]
_SPARE = 16
"""Pixels by which the noise field is wider than the frame, so that each frame may shift it."""


class Finisher:
    """Applies a style's finish to pictures of one size."""

    def __init__(self, style: Style, seed: int, width: int, height: int) -> None:
        self._style = style
        self._size = height, width
        self._noise = None
        if style.noise:
            grain = Dice(21, seed).grid(height + _SPARE, width + _SPARE, 3)
            self._noise = (grain - np.float32(0.5)) * np.float32(2 * style.noise)
        self._light = self._factors()
        steps = np.ones((2,) * 6, dtype=np.float32)
        for index in np.ndindex(*steps.shape):
            steps[index] = 8 * style.compression * (0.35 + 0.3 * sum(index))
        self._steps = steps[..., None]

    def apply(self, picture: Picture, time_s: float) -> NDArray[np.uint8]:
        """The finished picture, uint8 [H,W,3]; `picture` is used up."""
        picture *= self._light
        if self._style.finish == "washed":
            picture *= np.float32(0.74)
            picture += np.float32(46)
        for _ in range(self._style.blur):
            picture = _blurred(picture)
        if self._noise is not None:
            # Another part of the field for every millisecond.
            place = Dice(22, round(time_s * 1000))
            x, y = place.below(_SPARE), place.below(_SPARE)
            picture += self._noise[y : y + self._size[0], x : x + self._size[1]]
        if self._style.compression:
            np.clip(picture, 0, 255, out=picture)
            _compress(picture, self._steps)
        np.clip(picture, 0, 255, out=picture)
        picture += np.float32(0.5)
        return picture.astype(np.uint8)

    def _factors(self) -> Picture:
        """Brightness factors, [3] or [H,W,3]."""
        factors = np.full(3, self._style.gain, dtype=np.float32)
        height, width = self._size
        if self._style.finish == "tint":
            return factors * np.array(self._style.tint, dtype=np.float32)
        if self._style.finish == "vignette":
            x = (np.arange(width, dtype=np.float32) + 0.5) * np.float32(2 / width) - 1
            y = (np.arange(height, dtype=np.float32) + 0.5) * np.float32(2 / height) - 1
            dark = (x * x)[None, :] + (y * y)[:, None]
            return factors * (1 - np.float32(0.2) * dark)[:, :, None]
        if self._style.finish == "scanlines":
            rows = np.ones(height, dtype=np.float32)
            rows[::3] = np.float32(0.8)
            return factors * rows[:, None, None] * np.ones((1, width, 1), dtype=np.float32)
        return factors


def _blurred(picture: Picture) -> Picture:
    """A 3 x 3 blur with weights 1 2 1; the outermost pixels stay."""
    half, quarter = np.float32(0.5), np.float32(0.25)
    across = picture.copy()
    sides = picture[:, :-2] + picture[:, 2:]
    sides *= quarter
    across[:, 1:-1] *= half
    across[:, 1:-1] += sides
    down = across.copy()
    sides = across[:-2] + across[2:]
    sides *= quarter
    down[1:-1] *= half
    down[1:-1] += sides
    return down


def _compress(picture: Picture, steps: Picture) -> None:
    """Quantise 8 x 8 blocks in the Walsh-Hadamard domain, in place.

    It looks like strong JPEG compression, and sums of whole numbers are exact in float32.
    """
    rows, columns = picture.shape[0] // 8, picture.shape[1] // 8
    inner = picture[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8, 3)
    # Places inside a block first, so that each step of the transform runs over whole planes.
    blocks = np.round(inner.transpose(1, 3, 0, 2, 4)).reshape(2, 2, 2, 2, 2, 2, -1)
    blocks = np.ascontiguousarray(blocks)
    _butterflies(blocks)
    np.divide(blocks, steps, out=blocks)
    np.round(blocks, out=blocks)
    blocks *= steps
    _butterflies(blocks)
    blocks *= np.float32(1 / 64)
    planes = blocks.reshape(8, 8, rows, columns, 3).transpose(2, 0, 3, 1, 4)
    picture[: rows * 8, : columns * 8] = planes.reshape(rows * 8, columns * 8, 3)


def _butterflies(blocks: Picture) -> None:
    """The transform along six axes of length two, in place; twice gives 64 times the input."""
    for axis in range(6):
        low = blocks[(slice(None),) * axis + (0,)]
        high = blocks[(slice(None),) * axis + (1,)]
        total = low + high
        np.subtract(low, high, out=high)
        low[...] = total
