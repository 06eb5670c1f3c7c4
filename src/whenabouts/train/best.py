"""The best weights of a run so far, by one figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from whenabouts.train.towers import plain_tensors
from whenabouts.weights.folder import read_tensors

_FILE = "best.safetensors"


class Best:
    """Kept in the run folder; among equals the later one stays, as published.

    A run that goes on from an earlier state meets its own figures again and decides again alike.
    """

    def __init__(self, folder: Path, figure: str) -> None:
        self._path, self._figure = folder / _FILE, figure

    def offer(self, figures: Mapping[str, float], model: nn.Module) -> bool:
        """Keep these weights if they are at least as good; says whether they were kept."""
        mine = figures[self._figure]
        if self._path.exists() and self.value() > mine:
            return False
        part = self._path.with_suffix(".part")
        save_file(plain_tensors(model), part, {self._figure: repr(mine)})
        part.replace(self._path)
        return True

    def value(self) -> float:
        """The best figure so far."""
        with safe_open(self._path, framework="pt") as file:
            return float(file.metadata()[self._figure])

    def read(self) -> dict[str, Tensor] | None:
        """The best weights; None when none were ever offered."""
        return read_tensors(self._path) if self._path.exists() else None
