"""What of a video could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from whenabouts.types import Span


@dataclass(slots=True)
class Damage:
    """What was not readable, filled while reading."""

    bad_packets: int = 0
    """Pieces that could not be read, or only patched up by the decoder from what is around."""
    first_bad_s: float | None = None
    """Time of the first unreadable packet."""
    readable: list[Span] = field(default_factory=list)
    """The stretches of the video that were read or could have been."""
    stopped: str = ""
    """Why reading ended early; empty when the file was read to its end."""

    def __bool__(self) -> bool:
        return bool(self.bad_packets or self.stopped)


@dataclass(slots=True)
class Ledger:
    """Keeps account of unreadable stretches in ticks while reading, and writes the `Damage`."""

    damage: Damage
    origin: int
    """Tick of the first shown frame."""
    tick_s: float
    bad: list[tuple[int, int | None]] = field(default_factory=list)
    """Unreadable stretches; the end of the last one may be open."""
    end: int = 0
    """Tick behind the last packet read."""

    def __post_init__(self) -> None:
        self.end = self.origin

    def reach(self, tick: int) -> None:
        """Packets up to `tick` were there."""
        self.end = max(self.end, tick)

    def lose(self, tick: int | None) -> None:
        """The packet at `tick` (None: the last one) was not readable."""
        self.damage.bad_packets += 1
        tick = self.end if tick is None else tick
        if self.damage.first_bad_s is None:
            self.damage.first_bad_s = max(0.0, (tick - self.origin) * self.tick_s)
        if not self.bad or self.bad[-1][1] is not None:
            self.bad.append((tick, None))

    def recover(self, tick: int | None) -> None:
        """Decoding begins anew at `tick`: what was unreadable ends here."""
        if self.bad and self.bad[-1][1] is None:
            self.bad[-1] = (self.bad[-1][0], tick)

    def close(self, faults: int, stopped: str) -> None:
        """Reading is over: write the stretches between the unreadable ones."""
        self.damage.bad_packets += faults
        self.damage.stopped = stopped
        start = self.origin
        for begin, end in [*self.bad, (self.end, None)]:
            if begin > start:
                self.damage.readable.append(self._span(start, begin))
            start = max(start, self.end if end is None else end)

    def _span(self, start: int, end: int) -> Span:
        return Span((start - self.origin) * self.tick_s, (end - self.origin) * self.tick_s)
