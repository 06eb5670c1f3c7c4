"""How the learning rate moves: its share of the full rate at a share `x` of all steps."""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal["warmup_cosine", "warmup_constant", "warmup_linear"]
"""BertAdam's."""


def share_at(schedule: Schedule, x: float, warmup: float) -> float:
    """Share of the full rate; `warmup` is the share of steps on which it rises from 0.

    `warmup_cosine` is the cosine of all steps, not of those after the warm-up: at the end of the
    warm-up the rate drops a little.

    >>> share_at("warmup_cosine", 0.05, 0.1)
    0.5
    """
    if x < warmup:
        return x / warmup
    if schedule == "warmup_cosine":
        return 0.5 * (1 + math.cos(math.pi * x))
    if schedule == "warmup_linear":
        return max((x - 1) / (warmup - 1), 0.0)
    return 1.0
