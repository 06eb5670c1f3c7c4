"""Batches of captions and clips for retrieval training, made ahead of the steps by threads.

What a batch holds depends on the settings, the split and the step alone: a resumed run, and a run
on another number of processes, sees the same rows with the same augmentation. Threads serve
because decoding, resizing and augmenting pictures leave the interpreter free.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from whenabouts.data.frame_cache import FrameCache
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.errors import InputError
from whenabouts.models.pixels import PixelSettings, fit
from whenabouts.settings import Settings
from whenabouts.train.rand_augment import RandAugmentSettings, augment, draw

_ORDER, _CAPTION, _AUGMENT = 91, 92, 93
"""Keys of the random streams."""


class LoaderSettings(Settings):
    """How rows become batches."""

    batch: int = Field(default=128, gt=0)
    """Rows of a step, over all processes."""
    each: Literal["caption", "video"] = "caption"
    """What an epoch shows once: each caption with its video, or each video with one of its
    captions, drawn anew in every epoch."""
    workers: int = Field(default=2, ge=0)
    """Threads that prepare batches; 0: the training thread does it."""
    ahead: int = Field(default=2, gt=0)
    """Batches prepared ahead of the one in use."""
    seed: int = 0


class Order:
    """Which rows each step takes: all of an epoch in random order, the last few left out."""

    def __init__(self, items: int, batch: int, seed: int) -> None:
        if items < batch:
            raise InputError(
                f"a batch of {batch} rows does not fit into {items} rows of training data; lower "
                "batch or use more data"
            )
        self.items, self.batch, self.seed = items, batch, seed
        self._epoch: tuple[int, NDArray[np.int64]] | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in the data."""
        return self.items // self.batch

    def epoch(self, step: int) -> int:
        """The epoch that a step (both from 0) belongs to."""
        return step // self.steps_per_epoch

    def rows(self, step: int) -> NDArray[np.int64]:
        """[batch]: the rows of a step, over all processes."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._epoch is None or self._epoch[0] != epoch:
            random = np.random.default_rng([_ORDER, self.seed, epoch])
            self._epoch = epoch, random.permutation(self.items)
        return self._epoch[1][place * self.batch : (place + 1) * self.batch]


@dataclass(frozen=True, slots=True, eq=False)
class ClipBatch:
    """B captions with their clips: F frames of S x S pixels."""

    step: int
    pixels: NDArray[np.uint8]
    """[B,F,S,S,3] RGB, black where `mask` is False."""
    mask: NDArray[np.bool_]
    """[B,F]: which frames there are."""
    captions: tuple[str, ...]
    caption: NDArray[np.int64]
    """[B]: the captions' places in the split."""
    video: NDArray[np.int64]
    """[B]: the videos' places in the split."""


class ClipLoader:
    """Makes this process's part of each batch: rows r*b to (r+1)*b of it for process r.

    Joined in order of process, the parts are the batch that one process alone would see.
    """

    def __init__(
        self,
        split: RetrievalSplit,
        cache: FrameCache,
        pixels: PixelSettings,
        settings: LoaderSettings,
        augment: RandAugmentSettings | None = None,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        """`part` is the number of this process and how many there are."""
        self.split, self.cache, self.pixels, self.settings = split, cache, pixels, settings
        self.augment = augment
        rank, size = part
        if settings.batch % size:
            raise InputError(
                f"a batch of {settings.batch} rows cannot be shared by {size} processes equally; "
                f"set batch to a multiple of {size}"
            )
        self._mine = slice(rank * settings.batch // size, (rank + 1) * settings.batch // size)
        items = len(split.captions) if settings.each == "caption" else len(split.videos)
        self.order = Order(items, settings.batch, settings.seed)
        # Captions sorted by video, and where each video's begin: for drawing one of a video.
        self._by_video = np.argsort(split.owner, kind="stable")
        self._counts = split.counts
        self._starts = np.cumsum(self._counts) - self._counts
        self._entries = [
            cache.entry(path, split.span(video)) for video, path in enumerate(split.videos)
        ]

    def batch(self, step: int) -> ClipBatch:
        """This process's part of the batch of a step."""
        return self._start(step, None)[0]

    def stream(self, first_step: int = 0) -> Iterator[ClipBatch]:
        """The batches of a step and all that follow, made ahead; endless."""
        if not self.settings.workers:
            step = first_step
            while True:
                yield self.batch(step)
                step += 1
        pool = ThreadPoolExecutor(self.settings.workers, thread_name_prefix="clips")
        waiting: deque[tuple[ClipBatch, list[Future[None]]]] = deque()
        step = first_step
        try:
            while True:
                while len(waiting) <= self.settings.ahead:
                    waiting.append(self._start(step, pool))
                    step += 1
                ready, tasks = waiting.popleft()
                for task in tasks:
                    task.result()
                yield ready
        finally:
            pool.shutdown(cancel_futures=True)

    def _start(
        self, step: int, pool: ThreadPoolExecutor | None
    ) -> tuple[ClipBatch, list[Future[None]]]:
        """The batch of a step, and the tasks that are still filling it."""
        rows = self.order.rows(step)[self._mine]
        epoch = self.order.epoch(step)
        caption = np.array([self._caption(int(row), epoch) for row in rows], np.int64)
        side = self.pixels.size_px
        shape = len(rows), self.cache.settings.limit, side, side, 3
        made = ClipBatch(
            step,
            np.zeros(shape, np.uint8),
            np.zeros(shape[:2], bool),
            tuple(self.split.captions[index] for index in caption),
            caption,
            self.split.owner[caption],
        )
        if pool is not None:
            return made, [pool.submit(self._fill, made, b, epoch) for b in range(len(rows))]
        for b in range(len(rows)):
            self._fill(made, b, epoch)
        return made, []

    def _caption(self, row: int, epoch: int) -> int:
        """The caption of a row: itself, or one of the video's."""
        if self.settings.each == "caption":
            return row
        random = np.random.default_rng([_CAPTION, self.settings.seed, epoch, row])
        drawn = int(random.integers(self._counts[row]))
        return int(self._by_video[self._starts[row] + drawn])

    def _fill(self, batch: ClipBatch, place: int, epoch: int) -> None:
        """Put the frames of one row in their place."""
        video = int(batch.video[place])
        split = self.split
        clip = self.cache.read(self._entries[video], split.videos[video], split.span(video))
        frames = clip.pixels
        if self.augment is not None:
            keys = [_AUGMENT, self.settings.seed, epoch, int(batch.caption[place])]
            frames = augment(frames, draw(self.augment, np.random.default_rng(keys)))
        for index, frame in enumerate(frames):
            batch.pixels[place, index] = np.asarray(fit(Image.fromarray(frame), self.pixels))
        batch.mask[place, : len(frames)] = True
