"""Frames of many videos in full batches to the encoder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.strip import Strip
from whenabouts.protocols import Encoder

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Waiting:
    strip: Strip
    places: list[int]
    pixels: NDArray[np.uint8]


class Batcher:
    """Gathers frames of one size from whatever videos, encodes them, hands the vectors back."""

    def __init__(self, encoder: Encoder, batch: int, most_bytes: int) -> None:
        self._encoder = encoder
        self._batch = batch
        self._most_bytes = most_bytes
        self._waiting: dict[Shape, list[_Waiting]] = {}
        self._bytes = 0
        self.encoded = 0
        """Frames encoded so far."""

    def add(self, strip: Strip, pixels: NDArray[np.uint8], places: list[int]) -> None:
        """Take frames that wait for their vectors; encodes as soon as a batch is full."""
        if not places:
            return
        shape = pixels.shape[1:]
        self._waiting.setdefault(shape, []).append(_Waiting(strip, places, pixels))
        self._bytes += pixels.nbytes
        while self._count(shape) >= self._batch:
            self._encode(shape)
        while self._bytes > self._most_bytes:
            self._encode(max(self._waiting, key=self._count))

    def flush(self) -> None:
        """Encode everything that waits."""
        while self._waiting:
            self._encode(next(iter(self._waiting)))

    def _count(self, shape: Shape) -> int:
        return sum(len(waiting.places) for waiting in self._waiting.get(shape, ()))

    def _encode(self, shape: Shape) -> None:
        """One batch of one size: as many frames as fit, from the front."""
        queue, taken, room = self._waiting.pop(shape), list[_Waiting](), self._batch
        rest: list[_Waiting] = []
        for waiting in queue:
            here, later = _cut(waiting, room)
            if here is not None:
                taken.append(here)
                room -= len(here.places)
            if later is not None:
                rest.append(later)
        if rest:
            self._waiting[shape] = rest
        pixels = np.concatenate([waiting.pixels for waiting in taken])
        self._bytes -= pixels.nbytes
        encoded = self._encoder.encode_frames(pixels)
        self.encoded += len(pixels)
        at = 0
        for waiting in taken:
            count = len(waiting.places)
            part = type(encoded)(encoded.vectors[at : at + count], encoded.logits[at : at + count])
            waiting.strip.put(waiting.places, part)
            at += count


def _cut(waiting: _Waiting, room: int) -> tuple[_Waiting | None, _Waiting | None]:
    """What fits into `room` frames, and what does not."""
    count = len(waiting.places)
    if room <= 0:
        return None, waiting
    if count <= room:
        return waiting, None
    return (
        _Waiting(waiting.strip, waiting.places[:room], waiting.pixels[:room]),
        _Waiting(waiting.strip, waiting.places[room:], waiting.pixels[room:]),
    )
