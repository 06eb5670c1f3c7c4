"""The learning rate of the published video LLMs: linear warm-up, then a cosine over epochs.

An epoch is a number of iterations, not a pass over the data.
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from whenabouts.settings import Settings


class EpochSchedule(Settings):
    """Rates as TimeChat's and VTG-LLM's recipes state them."""

    epochs: int = Field(gt=0)
    iterations: int = Field(gt=0)
    """Iterations of an epoch (micro-steps: gradient accumulation does not change them)."""
    rate: float = Field(default=3e-5, gt=0)
    """The full rate."""
    least_rate: float = Field(default=1e-5, ge=0)
    """Where the cosine ends."""
    first_rate: float = Field(default=1e-6, ge=0)
    """Where the warm-up begins."""
    warmup: int = Field(default=0, ge=0)
    """Iterations of warm-up."""
    warmup_counts: Literal["iterations", "iterations of the epoch"] = "iterations"
    """The published code counts within the epoch: a warm-up longer than an epoch begins again with
    each. All published recipes have one that is not longer, so both give the same rates."""

    cosine: Literal["steps", "epochs"] = "steps"
    """`epochs`: SeViLA's. The rate rises in the first epoch alone, and from then on is the same all
    through an epoch."""

    def at(self, epoch: int, iteration: int) -> float:
        """The rate of an iteration (from 0) of an epoch (from 0).

        The cosine is taken of all iterations, not of those after the warm-up: at its end the rate
        drops a little.

        >>> EpochSchedule(epochs=3, iterations=22000, warmup=13200).at(0, 6600)
        1.55e-05
        """
        if self.cosine == "epochs":
            return self._at_epoch(epoch, iteration)
        done = epoch * self.iterations + iteration
        if done < self.warmup:
            risen = done if self.warmup_counts == "iterations" else iteration
            step = (self.rate - self.first_rate) * risen / self.warmup
            return min(self.rate, self.first_rate + step)
        share = done / (self.epochs * self.iterations)
        return (self.rate - self.least_rate) * 0.5 * (
            1.0 + math.cos(math.pi * share)
        ) + self.least_rate

    def _at_epoch(self, epoch: int, iteration: int) -> float:
        if epoch == 0:
            risen = iteration / max(self.warmup, 1)
            return min(self.rate, self.first_rate + (self.rate - self.first_rate) * risen)
        share = 0.5 * (1.0 + math.cos(math.pi * epoch / self.epochs))
        return self.least_rate + (self.rate - self.least_rate) * share

    def at_step(self, step: int) -> float:
        """The rate of the n-th iteration (from 0) of all."""
        return self.at(*divmod(step, self.iterations))
