"""Shots from frames that are sampled anyway: where the picture changes, and a picture for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whenabouts.types import Frames, Span

CUT = 0.7
"""A frame this different from the one before (0 same, 1 nothing in common) begins a shot."""

JUMP, JUMP_TIMES = 0.45, 3.0
"""A smaller difference also does, if it is so many times what is usual in the shot."""

DRIFT = 0.85
"""A frame this different from the whole shot so far begins one: slow cross-fades."""

ALIKE = 0.85
"""Brightness patterns that correlate more than this are one scene: a fade, a lamp, a flash."""

DARK, FLAT = 24.0, 10.0
"""Mean brightness and its spread (of 255) below which a frame is black: between shots."""

LEAST_S = 0.8
"""Shots shorter than this are taken as part of their neighbour: flashes, steps of a fade."""

HELD = 8
"""Frames of a shot that are kept until it ends; one of them becomes its picture."""

GRID, COLOURS, SIDE_PX = 2, 512, 48
"""Fields a side, colours told apart, and size that is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A stretch without a cut, and the frame that stands for it."""

    span: Span
    time_s: float
    pixels: NDArray[np.uint8]
    """The frame at `time_s`, uint8 [H,W,3]."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What is looked at of a frame: its signature, its brightness pattern, whether it is black."""

    mark: NDArray[np.float32]
    lines: NDArray[np.float32]
    black: bool


@dataclass(slots=True, eq=False)
class _Run:
    """The shot that is running."""

    start_s: float
    mean: NDArray[np.float32]
    """Mean signature of its frames."""
    lines: NDArray[np.float32]
    """Mean brightness pattern."""
    count: int = 0
    usual: float = 0.0
    """Mean difference from frame to frame."""
    black: bool = True
    """Whether no picture was seen yet."""
    stride: int = 1
    held: list[tuple[float, _Look, NDArray[np.uint8]]] = field(default_factory=list)

    def add(self, time_s: float, look: _Look, pixels: NDArray[np.uint8]) -> None:
        """One more frame of this shot; every `stride`-th is kept, evenly over its length."""
        if self.count % self.stride == 0:
            self.held.append((time_s, look, pixels.copy()))
        self.count += 1
        self.mean += (look.mark - self.mean) / np.float32(self.count)
        self.lines += (look.lines - self.lines) / np.float32(self.count)
        if len(self.held) > HELD:
            self.held, self.stride = self.held[::2], self.stride * 2

    def end(self, end_s: float) -> Shot:
        """The finished shot; its picture is the most usual frame that is not black."""
        lit = [entry for entry in self.held if not entry[1].black] or self.held
        time_s, _, pixels = min(
            lit, key=lambda entry: float(np.abs(entry[1].mark - self.mean).sum())
        )
        return Shot(Span(self.start_s, max(self.start_s, end_s)), time_s, pixels)


class ShotFinder:
    """Takes sampled frames in order of time and gives shots as they end.

    Made for one to a few frames a second; black between two shots belongs to the later one.

    >>> finder = ShotFinder()
    >>> shots = [shot for frames in parts for shot in finder.take(frames)]    # doctest: +SKIP
    >>> shots += finder.finish(video.duration_s)    # doctest: +SKIP
    """

    def __init__(self) -> None:
        self._run: _Run | None = None
        self._last: _Look | None = None
        self._seen_s = 0.0

    def take(self, frames: Frames) -> Iterator[Shot]:
        """The shots that end within these frames. Nothing is done until they are asked for."""
        small = _thin(frames.pixels)
        grey = _brightness(small)
        seen = zip(frames.times_s, signatures(small), patterns(grey), frames.pixels, strict=True)
        blacks = _black(grey)
        for (time_s, mark, lines, pixels), black in zip(seen, blacks, strict=True):
            yield from self._see(float(time_s), _Look(mark, lines, bool(black)), pixels)

    def finish(self, duration_s: float) -> Iterator[Shot]:
        """The last shot, which lasts until the end of the video."""
        if self._run is not None:
            yield self._run.end(max(duration_s, self._seen_s))
            self._run = self._last = None

    def _see(self, time_s: float, look: _Look, pixels: NDArray[np.uint8]) -> Iterator[Shot]:
        mark, lines = look.mark, look.lines
        run = self._run
        if run is None:
            run = self._run = _Run(0.0, mark.copy(), lines.copy())
        elif self._begins(run, look, time_s):
            yield run.end(time_s)
            run = self._run = _Run(time_s, mark.copy(), lines.copy())
        elif self._last is not None:
            run.usual += (difference(self._last.mark, mark) - run.usual) / (run.count + 1)
        if not look.black and run.black:
            # A fade-in counts from its first picture on: the black before says nothing.
            run.mean, run.lines = mark.copy(), lines.copy()
            run.count, run.black, run.usual = 0, False, 0.0
        run.add(time_s, look, pixels)
        self._last, self._seen_s = look, time_s

    def _begins(self, run: _Run, look: _Look, time_s: float) -> bool:
        """Whether a shot begins with this frame."""
        if run.black or self._last is None or time_s - run.start_s < LEAST_S:
            return False
        if look.black:
            return True
        step = difference(self._last.mark, look.mark)
        sudden = step > JUMP and run.count > 2 and step > JUMP_TIMES * max(run.usual, 0.02)
        if step > CUT or sudden:
            return likeness(self._last.lines, look.lines) < ALIKE
        return difference(run.mean, look.mark) > DRIFT and likeness(run.lines, look.lines) < ALIKE


def signature(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How often each colour occurs in each quarter of a frame: float32 [4, 512], rows sum to 1."""
    return signatures(pixels[None])[0]


def signatures(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Signatures [T, 4, 512] of frames [T, H, W, 3]; many at once cost a third."""
    small = _thin(pixels).astype(np.int16)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    grey = (2 * red + 5 * green + blue) >> 3
    # Colours lie close to grey in most videos, so their axes are spread by two.
    warm = np.clip(2 * (red - grey) + 128, 0, 255)
    cold = np.clip(2 * (blue - grey) + 128, 0, 255)
    colour = (grey >> 5 << 6) | (warm >> 5 << 3) | (cold >> 5)
    count, height, width = grey.shape
    rows, columns = np.arange(height) * GRID // height, np.arange(width) * GRID // width
    fields = (rows[:, None] * GRID + columns) * COLOURS
    frames = np.arange(count)[:, None, None] * (GRID * GRID * COLOURS)
    places = frames + fields + colour
    counts = np.bincount(places.ravel(), minlength=count * GRID * GRID * COLOURS)
    counts = counts.reshape(count, -1, COLOURS)
    return (counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)).astype(np.float32)


def _thin(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Some of the pixels of frames [T,H,W,3]: more would tell nothing new and cost time."""
    height, width = pixels.shape[1:3]
    return pixels[:, :: max(1, height // SIDE_PX), :: max(1, width // SIDE_PX)]


def difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How little two frames have in common, 0 to 1."""
    return float(np.abs(one - other).sum()) / (2 * len(one))


def _brightness(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean of the colours of each pixel of frames [T,H,W,3], float32 [T,H,W]."""
    wide = pixels.astype(np.uint16)  # an order faster than a mean over an axis of three
    return (wide[..., 0] + wide[..., 1] + wide[..., 2]).astype(np.float32) / np.float32(3)


def patterns(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of the fields of a coarse grid over brightnesses [T,H,W], float32 [T, 6, 8]."""
    for axis, count in ((1, 6), (2, 8)):
        edges = np.arange(count) * grey.shape[axis] // count
        sizes = np.maximum(np.diff(edges, append=grey.shape[axis]), 1)
        shape = (-1, 1) if axis == 1 else (1, -1)
        grey = np.add.reduceat(grey, edges, axis=axis) / sizes.reshape(shape)
    return grey.astype(np.float32)


def likeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How far two brightness patterns are the same but for light and contrast, -1 to 1."""
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float((one * other).sum()) / scale if scale > 1e-6 else 0.0


def _black(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of some brightnesses [T,H,W] are those of black frames."""
    flat = grey.reshape(len(grey), -1)
    return (flat.mean(axis=1) < DARK) & (flat.std(axis=1) < FLAT)
