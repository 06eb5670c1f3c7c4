"""Where Moment-DETR's examples come from: drawn videos as a library keeps them, or feature files.

The example of a place in a run is always the same: a run that goes on draws what it would have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from whenabouts.data.moments.drawn import DrawnVideos, KeptQuery, KeptVideo
from whenabouts.data.moments.example import MomentExample, steps_in
from whenabouts.models.moment_features import even_rows, with_match
from whenabouts.shapeworld.highlights import CLIP_S
from whenabouts.train.moment_collate import collate
from whenabouts.train.moment_loss import MomentBatch
from whenabouts.types import Encoding

_NEAR = 16
"""Batches whose examples are sorted by length."""


class MomentSource(Protocol):
    """Examples by number."""

    def __len__(self) -> int: ...

    def example(self, number: int, generator: np.random.Generator) -> MomentExample:
        """The example of a number; `generator` draws what differs from epoch to epoch."""
        ...

    def length_s(self, number: int) -> float:
        """About how long its video is: those of a batch should be alike."""
        ...


class DrawnSource:
    """Queries on drawn videos, each on all of its video or on a part."""

    def __init__(
        self,
        videos: DrawnVideos,
        step_s: float,
        most_steps: int,
        *,
        parts: float = 0.0,
        noise: float = 0.0,
    ) -> None:
        """`parts`: share of examples that see only a part of their video.

        `noise`: largest deviation added to each number of a frame's vector.
        """
        self._step_s, self._most, self._parts, self._noise = step_s, most_steps, parts, noise
        self._videos = list(videos)
        self._places = [
            (place, number)
            for place, video in enumerate(self._videos)
            for number in range(len(video.queries))
        ]

    def __len__(self) -> int:
        return len(self._places)

    def example(self, number: int, generator: np.random.Generator) -> MomentExample:
        """A query; videos longer than the network's window are cut at random."""
        place, query = self._places[number]
        video = self._videos[place]
        if self._noise:
            video = blurred(video, self._noise * generator.random(), generator)
        whole = drawn_example(video, video.queries[query], self._step_s)
        steps = len(whole.video)
        wanted = min(steps, self._most)
        if generator.random() < self._parts:
            wanted = int(generator.integers(max(1, wanted // 4), wanted + 1))
        first = int(generator.integers(0, steps - wanted + 1))
        return whole if wanted == steps else whole.part(first, first + wanted)

    def length_s(self, number: int) -> float:
        """Of the video."""
        return self._videos[self._places[number][0]].duration_s


def blurred(video: KeptVideo, deviation: float, generator: np.random.Generator) -> KeptVideo:
    """The same video with noise on its vectors, of unit length as before."""
    seen = video.seen
    noise = generator.standard_normal(seen.vectors.shape, np.float32) * np.float32(deviation)
    noisy = seen.vectors + noise
    unit = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    return replace(video, seen=Encoding(unit, seen.weights, seen.times_s))


def drawn_example(video: KeptVideo, query: KeptQuery, step_s: float) -> MomentExample:
    """A query on a whole drawn video."""
    rows = even_rows(np.asarray(video.seen.times_s), video.duration_s, step_s)
    steps = with_match(video.seen.vectors[rows], query.encoding)
    edges = [[span.start_s, span.end_s] for span in query.spans]
    windows = np.array(edges, np.float64).reshape(-1, 2).clip(0, len(rows) * step_s)
    relevant = steps_in(windows, len(rows), step_s) if len(windows) else ()
    marks = {clip: float(sum(scores)) for clip, scores in query.marks}
    totals = tuple(marks.get(int((step + 0.5) * step_s / CLIP_S), 0.0) for step in relevant)
    name = f"{video.name}: {query.text}"
    return MomentExample(name, steps, query.encoding.vectors, step_s, windows, relevant, totals)


def batches(
    source: MomentSource,
    size: int,
    words: int,
    seed: int,
    first_step: int,
    device: torch.device,
) -> Iterator[MomentBatch]:
    """Batches of every step from `first_step` on: all examples once an epoch, in random order.

    Those of a batch are about equally long, so that little is padded.
    """
    count = len(source)
    size = min(size, count)
    an_epoch = count // size
    lengths = np.array([source.length_s(number) for number in range(count)])
    step, epoch, order = first_step, -1, np.zeros(0, np.intp)
    while True:
        if step // an_epoch != epoch:
            epoch = step // an_epoch
            order = in_batches(lengths, size, np.random.default_rng((seed, 1, epoch)))
        generator = np.random.default_rng((seed, 2, step))
        chosen = order[step % an_epoch]
        examples = [source.example(int(number), generator) for number in chosen]
        yield collate(examples, words, generator, device)
        step += 1


def in_batches(
    lengths: NDArray[np.float64], size: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Numbers of examples [batches,size] in random order, alike lengths together."""
    order = generator.permutation(len(lengths))
    whole = len(order) // size * size
    order = order[:whole]
    near = size * _NEAR
    for first in range(0, whole, near):
        some = order[first : first + near]
        order[first : first + near] = some[np.argsort(lengths[some], kind="stable")]
    return generator.permutation(order.reshape(-1, size))
