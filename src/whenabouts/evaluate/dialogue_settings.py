"""Which conversations are had to measure a brain, and about which videos."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from whenabouts.evaluate.drawn_library import DrawnSettings
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import Lang

History = Literal["own", "gold", "none"]
"""What stands before a turn: the brain's own answers, the right ones, or nothing."""
HISTORIES: tuple[History, ...] = ("own", "gold", "none")


class DialogueSettings(Settings):
    """Which conversations are had about which videos."""

    corpus: DrawnSettings = DrawnSettings()
    seeds: tuple[int, ...] = (0, 1, 2)
    """Of the conversations."""
    dialogues: int = Field(default=60, gt=0)
    """Of each seed and language."""
    turns: int = Field(default=6, ge=1, le=10)
    langs: tuple[Lang, ...] = ("en", "zh")
    histories: tuple[History, ...] = HISTORIES
    searches: int = Field(default=60, ge=0)
    """Of the simulated user, of each seed and language."""
    rounds: int = Field(default=5, ge=1)
    """After so many turns the simulated user gives up."""
    coarse: float = Field(default=0.5, ge=0, le=1)
    """Share of searches that begin with a vague description."""
    nowhere: int = Field(default=50, ge=0)
    """Queries without a target, of each seed and language."""
    resamples: int = Field(default=1000, gt=0)
