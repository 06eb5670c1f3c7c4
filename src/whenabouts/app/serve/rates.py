"""How often one address may ask: a bucket that fills with time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_MOST = 4096
"""Addresses that are remembered; the one heard longest ago is forgotten."""


class Buckets:
    """One bucket an address: `burst` at once, `rate_hz` on average."""

    def __init__(
        self, rate_hz: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate_hz, self._burst, self._clock = rate_hz, burst, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """0 and one is taken, or how long to wait until there is one."""
        now_s = self._clock()
        left = self._now(address, now_s)
        taken = left >= 1
        self._left[address] = (left - 1 if taken else left, now_s)
        self._left.move_to_end(address)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._rate_hz

    def empty(self, address: str) -> bool:
        """Whether there is none left; nothing is taken."""
        return self._now(address, self._clock()) < 1

    def _now(self, address: str, now_s: float) -> float:
        left, then_s = self._left.get(address, (float(self._burst), now_s))
        return min(float(self._burst), left + (now_s - then_s) * self._rate_hz)
