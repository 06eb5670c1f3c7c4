"""Random choices that are the same on every machine and with every numpy version.

Only the raw 64-bit stream of PCG64 is used: numpy keeps that stream fixed, while the methods of
`Generator` may change between versions and some of them call the platform's `log` and `exp`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
_BLOCK = 64


class Dice:
    """A seeded source of choices; the same keys give the same choices everywhere.

    >>> Dice(7, 1).pick(["a", "b", "c"]) == Dice(7, 1).pick(["a", "b", "c"])
    True
    """

    def __init__(self, *keys: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([key & (2**64 - 1) for key in keys]))
        self._block: list[int] = []

    def _raw(self) -> int:
        """53 random bits."""
        if not self._block:
            self._block = (self._bits.random_raw(_BLOCK) >> np.uint64(11)).tolist()
        return self._block.pop()

    def share(self) -> float:
        """A number in [0, 1)."""
        return self._raw() * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.share()

    def below(self, limit: int) -> int:
        """A whole number in [0, limit)."""
        return int(self.share() * limit)

    def whole(self, low: int, high: int) -> int:
        """A whole number in [low, high], both included."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.share() < share

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[self.below(len(options))]

    def weighed(self, options: Sequence[tuple[T, float]]) -> T:
        """One of the options, as likely as its weight says."""
        left = self.share() * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """The options in random order."""
        items = list(options)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items

    def grid(self, *shape: int) -> NDArray[np.float32]:
        """Numbers in [0, 1), float32 of this shape; used for texture and noise."""
        count = int(np.prod(shape))
        raw = self._bits.random_raw((count + 3) // 4).view(np.uint16)[:count]
        return (raw.astype(np.float32) * np.float32(1 / 65536)).reshape(shape)

    def fork(self, key: int) -> Dice:
        """Another source, so that drawing more here leaves what is drawn there unchanged."""
        return Dice(self._raw(), key)
