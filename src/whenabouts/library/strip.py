"""The frames of one video on their way into the library."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.alike import changed, signatures
from whenabouts.protocols import FrameVectors
from whenabouts.store.rows import FrameRows
from whenabouts.types import Frames


@dataclass(slots=True)
class Strip:
    """Takes frames in order, leaves out those alike, and puts vectors back in their places."""

    width: int
    """D of the encoder."""
    alike_grey: float
    times_s: list[float] = field(default_factory=list[float])
    ends_s: list[float] = field(default_factory=list[float])
    seen: int = 0
    """Frames taken, alike ones included."""
    waiting: int = 0
    """Frames that are with the encoder."""
    _last: NDArray[np.float32] | None = None
    _vectors: dict[int, NDArray[np.float32]] = field(default_factory=dict[int, NDArray[np.float32]])
    _logits: dict[int, float] = field(default_factory=dict[int, float])

    def take(self, frames: Frames) -> tuple[NDArray[np.uint8], list[int]]:
        """The frames that must be encoded, and the places of their vectors."""
        marks = signatures(frames.pixels) if self.alike_grey > 0 else None
        kept: list[int] = []
        for at, time_s in enumerate(map(float, frames.times_s)):
            self.seen += 1
            if self.ends_s:
                self.ends_s[-1] = time_s
            if marks is not None:
                if self._last is not None and changed(marks[at], self._last) <= self.alike_grey:
                    continue
                self._last = marks[at]
            kept.append(at)
            self.times_s.append(time_s)
            self.ends_s.append(time_s)
        places = list(range(len(self.times_s) - len(kept), len(self.times_s)))
        self.waiting += len(kept)
        whole = len(kept) == len(frames)
        return frames.pixels if whole else frames.pixels[kept], places

    def put(self, places: list[int], encoded: FrameVectors) -> None:
        """Vectors come back from the encoder, in whatever order batches were made."""
        for at, place in enumerate(places):
            self._vectors[place] = encoded.vectors[at]
            self._logits[place] = float(encoded.logits[at])
        self.waiting -= len(places)

    def rows(self, duration_s: float) -> FrameRows:
        """What the store keeps; the last frame stands to the end of the video."""
        count = len(self.times_s)
        ends_s = np.array(self.ends_s)
        if count:
            ends_s[-1] = max(duration_s, self.times_s[-1])
        vectors = (
            np.stack([self._vectors[place] for place in range(count)])
            if count
            else np.empty((0, self.width), np.float32)
        )
        logits = np.array([self._logits[place] for place in range(count)], np.float32)
        return FrameRows(vectors.astype(np.float16), logits, np.array(self.times_s), ends_s)
