"""A small picture for each shot, made while its frames pass by on their way to the encoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.alike import signatures
from whenabouts.media.preview import jpeg
from whenabouts.store.rows import PictureRow
from whenabouts.types import Frames

CUT_GREY = 30.0
HELD = 8
"""Frames of a shot that are kept until it ends; its middle one becomes the picture."""


class Pictures:
    """Takes sampled frames in order; `rows` gives a picture for each shot."""

    def __init__(self, width_px: int) -> None:
        self._width_px = width_px
        self._rows: list[PictureRow] = []
        self._held: list[tuple[float, NDArray[np.uint8]]] = []
        self._stride, self._count = 1, 0
        self._start_s = 0.0
        self._last: NDArray[np.float32] | None = None

    def take(self, frames: Frames) -> None:
        """Look at some frames; none of them is kept longer than its shot."""
        marks = signatures(frames.pixels)
        for mark, pixels, time_s in zip(marks, frames.pixels, frames.times_s, strict=True):
            if self._last is not None and float(np.abs(mark - self._last).mean()) > CUT_GREY:
                self._close(float(time_s))
            self._last = mark
            if self._count % self._stride == 0:
                self._held.append((float(time_s), pixels))
            self._count += 1
            if len(self._held) > HELD:
                self._held, self._stride = self._held[::2], self._stride * 2

    def rows(self, duration_s: float) -> tuple[PictureRow, ...]:
        """The pictures, after all frames were taken."""
        if self._held:
            self._close(max(duration_s, self._held[-1][0]))
        return tuple(self._rows)

    def _close(self, end_s: float) -> None:
        """A shot ends at `end_s`."""
        time_s, pixels = self._held[len(self._held) // 2]
        self._rows.append(PictureRow(self._start_s, end_s, time_s, jpeg(pixels, self._width_px)))
        self._held, self._stride, self._count = [], 1, 0
        self._start_s = end_s
