"""A video with one query as Moment-DETR learns from it, whatever the features are.

Shapes: N steps of the video, T tokens, G true windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_LEAST_SHARE = 0.3
"""Of a true window must be in a part of the video, for the part to have it."""


@dataclass(frozen=True, slots=True, eq=False)
class MomentExample:
    """One row of a batch."""

    name: str
    video: Floats
    """[N,V] without the columns of places."""
    text: Floats
    """[T,W]."""
    step_s: float
    windows: NDArray[np.float64]
    """[G,2] first and last edge, seconds; none: the query never holds."""
    relevant: tuple[int, ...] = ()
    """Steps in which it holds."""
    totals: tuple[float, ...] = ()
    """How well raters like each; as many, or none when nobody was asked."""

    @property
    def length_s(self) -> float:
        """Seconds that the steps cover."""
        return len(self.video) * self.step_s

    def shares(self) -> NDArray[np.float64]:
        """[G,2] centre and width of the true windows in shares of the steps."""
        first, last = self.windows.reshape(-1, 2).T / self.length_s
        return np.stack([(first + last) / 2, last - first], axis=1)

    def part(self, first: int, last: int) -> MomentExample:
        """Only the steps from `first` to before `last`, with what holds there."""
        start_s, end_s = first * self.step_s, last * self.step_s
        whole = self.windows.reshape(-1, 2)
        cut = whole.clip(start_s, end_s)
        lengths, left = whole[:, 1] - whole[:, 0], cut[:, 1] - cut[:, 0]
        kept = cut[left > np.maximum(_LEAST_SHARE * lengths, 1e-6)] - start_s
        inside = [place for place, step in enumerate(self.relevant) if first <= step < last]
        return replace(
            self,
            video=self.video[first:last],
            windows=kept,
            relevant=tuple(self.relevant[place] - first for place in inside),
            totals=tuple(self.totals[place] for place in inside) if self.totals else (),
        )


def steps_in(windows: NDArray[np.float64], steps: int, step_s: float) -> tuple[int, ...]:
    """Steps whose middle lies in one of `windows` [G,2]; at least one for each window."""
    middles = (np.arange(steps) + 0.5) * step_s
    rows = windows.reshape(-1, 2)
    held = (middles >= rows[:, :1]) & (middles < rows[:, 1:])
    inside: NDArray[np.bool_] = np.any(held, axis=0)
    nearest = (rows.mean(axis=1) / step_s).astype(int).clip(0, max(steps - 1, 0))
    inside[nearest] = True
    return tuple(np.flatnonzero(inside).tolist())


def fewer(windows: NDArray[np.float64], most: int, generator: np.random.Generator) -> Sequence[int]:
    """Which windows count when there are more than `most`: some at random, in order."""
    if len(windows) <= most:
        return range(len(windows))
    return sorted(generator.choice(len(windows), most, replace=False).tolist())
