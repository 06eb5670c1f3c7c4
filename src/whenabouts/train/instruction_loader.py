"""Batches of instructions from several sets, made ahead of the steps by threads.

Which rows a step has depends on the settings, the sets and the step alone, so a resumed run goes
on with the very same batches. A step takes all its rows from one set, as the published recipes do;
each process chooses for itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data.instruct.samples import InstructionSample, Samples
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.settings import Settings

_CHOICE, _ORDER, _OTHER = 71, 72, 73
"""Keys of the random streams."""
_BLOCK = 1024
"""Steps whose sets are drawn at once."""
TRIES = 10
"""Samples tried before a row that cannot be read ends the run."""


class InstructionLoaderSettings(Settings):
    """How samples become batches."""

    batch: int = Field(default=1, gt=0)
    """Rows of a step in each process."""
    broken: Literal["replace", "refuse"] = "replace"
    """`replace`: another sample of the set stands in for one that cannot be read, and is told."""
    workers: int = Field(default=2, ge=0)
    """Threads that prepare batches; 0: the training thread does it."""
    ahead: int = Field(default=2, gt=0)
    """Batches prepared ahead of the one in use."""
    seed: int = 42


@dataclass(frozen=True, slots=True, eq=False)
class InstructionBatch:
    """The rows of one step in one process."""

    step: int
    samples: tuple[InstructionSample, ...]
    notes: tuple[str, ...]
    """Samples that could not be read or are damaged, and what stands in for them."""


class Mixture:
    """Which set each step takes, and which rows of it."""

    def __init__(
        self,
        sizes: Sequence[int],
        weights: Sequence[float],
        settings: InstructionLoaderSettings,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        """`part` is the number of this process and how many there are."""
        rank, world = part
        if not sizes or min(sizes) < world:
            raise InputError(
                f"sets of {list(sizes)} samples cannot be shared by {world} processes; use larger "
                "sets or fewer processes"
            )
        self.sizes = tuple(sizes)
        self._shares = np.array(weights, np.float64) / sum(weights)
        self._settings, self._rank, self._world = settings, rank, world
        self._before: list[NDArray[np.int64]] = [np.zeros(len(sizes), np.int64)]
        self._choices: dict[int, NDArray[np.int64]] = {}
        self._orders: dict[int, tuple[int, NDArray[np.int64]]] = {}

    def rows(self, step: int) -> tuple[int, list[int]]:
        """The set of a step, and the places of its rows."""
        block, place = divmod(step, _BLOCK)
        while len(self._before) <= block:
            drawn = np.bincount(self._drawn(len(self._before) - 1), minlength=len(self.sizes))
            self._before.append(self._before[-1] + drawn)
        chosen = self._drawn(block)
        which = int(chosen[place])
        shown = int(self._before[block][which] + np.count_nonzero(chosen[:place] == which))
        batch = self._settings.batch
        return which, [self._row(which, shown * batch + i) for i in range(batch)]

    def _drawn(self, block: int) -> NDArray[np.int64]:
        """The sets of all steps of a block."""
        if block not in self._choices:
            random = np.random.default_rng([_CHOICE, self._settings.seed, self._rank, block])
            drawn = random.choice(len(self.sizes), size=_BLOCK, p=self._shares)
            self._choices = {block: drawn.astype(np.int64)}
        return self._choices[block]

    def _row(self, which: int, count: int) -> int:
        """The place of the n-th row that this process takes of a set: all once, then all again.

        Processes take every n-th of one order, so none sees another's rows within a pass.
        """
        mine = self.sizes[which] // self._world
        epoch, place = divmod(count, mine)
        if which not in self._orders or self._orders[which][0] != epoch:
            random = np.random.default_rng([_ORDER, self._settings.seed, which, epoch])
            self._orders[which] = epoch, random.permutation(self.sizes[which])
        return int(self._orders[which][1][place * self._world + self._rank])


class InstructionLoader:
    """Batches of one process."""

    def __init__(
        self,
        sets: Sequence[Samples],
        settings: InstructionLoaderSettings,
        weights: Sequence[float] | None = None,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        """`weights` say how often each set is taken; all equally often without."""
        self.sets, self.settings = tuple(sets), settings
        sizes = [len(one) for one in sets]
        self.mixture = Mixture(sizes, weights or [1.0] * len(sizes), settings, part)
        self._rank = part[0]

    def batch(self, step: int) -> InstructionBatch:
        """The batch of a step."""
        return self._made(step, *self.mixture.rows(step))

    def _made(self, step: int, which: int, rows: Sequence[int]) -> InstructionBatch:
        found = [self._read(which, row, step, place) for place, row in enumerate(rows)]
        return InstructionBatch(
            step,
            tuple(sample for sample, _ in found),
            tuple(note for _, notes in found for note in notes),
        )

    def stream(self, first_step: int = 0) -> Iterator[InstructionBatch]:
        """The batches of a step and all that follow, made ahead; endless."""
        if not self.settings.workers:
            step = first_step
            while True:
                yield self.batch(step)
                step += 1
        pool = ThreadPoolExecutor(self.settings.workers, thread_name_prefix="instructions")
        waiting: deque[Future[InstructionBatch]] = deque()
        step = first_step
        try:
            while True:
                while len(waiting) < self.settings.workers + self.settings.ahead:
                    waiting.append(pool.submit(self._made, step, *self.mixture.rows(step)))
                    step += 1
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _read(
        self, which: int, row: int, step: int, place: int
    ) -> tuple[InstructionSample, list[str]]:
        """A row of a step; if it cannot be read, another one of its set."""
        samples, notes = self.sets[which], list[str]()
        random = Random(f"{_OTHER} {self.settings.seed} {self._rank} {step} {place}")
        for attempt in range(TRIES):
            try:
                sample = samples.sample(row, random)
            except WhenaboutsError as error:
                if self.settings.broken == "refuse" or attempt + 1 == TRIES:
                    raise
                notes.append(f"{samples.name}: {error}; another sample stands in")
                row = random.randrange(len(samples))
                continue
            if sample.clip.damage:
                notes.append(f"{samples.name}: {sample.video} is damaged: {sample.clip.damage}")
            return sample, notes
        raise AssertionError("the last attempt returns or raises")
