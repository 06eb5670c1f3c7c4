"""Which frames are wanted: the frame shown at time t is the last one with pts <= t.

Pure bookkeeping in integer ticks of the stream's clock, without a decoder: frames come in display
order, wanted ones leave.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

FrameT = TypeVar("FrameT")

TOLERANCE_S = 1e-6
"""A frame counts as shown at t when it starts up to this much later: 0.1 + 0.2 is not 0.3."""


@dataclass(slots=True)
class Targets:
    """The wanted times of one video, served in order; with neither rate nor times, every frame."""

    origin: int
    """Tick of the first shown frame."""
    tick_s: float
    """Seconds a tick."""
    rate_hz: float | None = None
    times_s: Sequence[float] | None = None
    """In ascending order."""
    served: int = 0

    @property
    def every(self) -> bool:
        """Whether all frames are wanted."""
        return self.rate_hz is None and self.times_s is None

    def tick(self, index: int) -> int | None:
        """The wanted tick number `index`; None behind the last one."""
        if self.times_s is not None:
            if index >= len(self.times_s):
                return None
            time_s = self.times_s[index]
        else:
            time_s = index / (self.rate_hz or 1.0)
        return self.origin + math.floor((time_s + TOLERANCE_S) / self.tick_s)

    def next(self) -> int | None:
        """The first tick not served yet."""
        return self.tick(self.served)

    def before(self, tick: int | None) -> bool:
        """Whether something is wanted before `tick` (None: ever)."""
        if self.every:
            return True
        upcoming = self.next()
        return upcoming is not None and (tick is None or upcoming < tick)

    def wanted(self, shown: Sequence[int], end: int | None) -> set[int]:
        """Of the frames at the ascending ticks `shown`, until `end`: those shown at wanted times.

        Times before the first of `shown` are the affair of frames read earlier. With `end` None
        it is unknown what follows; the last frame then counts as wanted.
        """
        if self.every or not shown:
            return set(shown)
        result: set[int] = set() if end is not None else {shown[-1]}
        place, index = 0, self.served
        while (tick := self.tick(index)) is not None and tick < (shown[-1] if end is None else end):
            if tick < shown[0]:
                index = max(index + 1, self._first_from(shown[0]))
                continue
            while place + 1 < len(shown) and shown[place + 1] <= tick:
                place += 1
            result.add(shown[place])
            if place + 1 == len(shown):
                break
            index = max(index + 1, self._first_from(shown[place + 1]))
        return result

    def serve(self, end: int) -> None:
        """All times before `end` are served."""
        self.served = max(self.served, self._first_from(end))
        while self.before(end):
            self.served += 1

    def _first_from(self, tick: int) -> int:
        """Number of the first wanted time at or just before `tick` (a lower bound)."""
        if self.rate_hz is None:
            return 0
        return max(0, math.floor((tick - self.origin) * self.tick_s * self.rate_hz) - 1)


@dataclass(slots=True)
class Chooser(Generic[FrameT]):
    """Takes frames in display order and gives back those shown at the wanted times."""

    targets: Targets
    held: tuple[int, FrameT] | None = None
    """The latest frame and its tick: shown until the next one comes."""
    given: bool = False
    """Whether the held frame was given out already."""
    last: int | None = None
    """Tick of the latest frame seen."""

    def take(self, tick: int, frame: FrameT) -> Iterator[tuple[int, FrameT]]:
        """Feed one frame; out come the frames whose wanted times are now past."""
        if self.last is not None and tick <= self.last:
            return
        self.last = tick
        if self.targets.every:
            yield tick, frame
            return
        yield from self.settle(tick)
        self.held, self.given = (tick, frame), False

    def settle(self, end: int) -> Iterator[tuple[int, FrameT]]:
        """No frame before `end` is to come: serve the wanted times until then.

        A rate gives each frame once, and nothing for times before the first readable frame. Given
        times give a frame for each: repeated if need be, the first readable one for earlier times.
        """
        targets = self.targets
        if targets.rate_hz is not None:
            if targets.before(end) and self.held is not None and not self.given:
                yield self.held
                self.given = True
            targets.serve(end)
            return
        while targets.before(end) and self.held is not None:
            yield self.held
            targets.served += 1

    def finish(self, end: int) -> Iterator[tuple[int, FrameT]]:
        """The video ends at `end`; given times behind it get the last frame."""
        if self.targets.times_s is None:
            yield from self.settle(end)
        elif self.held is not None:
            yield from self.settle(sys.maxsize)
