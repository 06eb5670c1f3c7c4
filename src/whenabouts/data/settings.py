"""How a published dataset folder is read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from whenabouts.settings import Settings

Variant = Literal["9k", "7k", "full"]


class DataSettings(Settings):
    """Which part of a dataset counts, and what happens when some of it is not there."""

    variant: Variant = "9k"
    """MSR-VTT only. `9k` and `7k`: that training list with the 1,000 test pairs known as 1k-A;
    `full`: the three splits of the data file, with all captions."""
    annotations: Path | None = None
    """Folder of the annotation files; None: they are looked for in the dataset folder."""
    videos: Path | None = None
    """Folder of the videos; None: they are looked for in the dataset folder."""
    missing: Literal["refuse", "drop"] = "refuse"
    """When a listed video has no file: `refuse` to open the split, or `drop` the video, which is
    told and makes figures hard to compare."""
    leave_out: tuple[str, ...] | None = None
    """LSMDC only. Clips to leave out; None: the three whose published files are broken."""
    held_out: int = Field(default=0, ge=0)
    """Videos of the training split that are kept out of it, as the split `held-out`: for choosing
    a model without looking at the test split."""
    held_out_seed: int = 0
    """Which videos these are."""
