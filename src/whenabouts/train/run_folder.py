"""The folder of a run: whose it is, and what is odd about its data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import torch

from whenabouts.errors import SettingsError
from whenabouts.train.about import note_part
from whenabouts.train.distributed import Ranks

RECIPE, NOTES = "recipe.toml", "notes.txt"


class Recipe(Protocol):
    """What a run was told."""

    def binding(self) -> dict[str, Any]:
        """All that changes a weight, as plain values."""
        ...

    def to_toml(self) -> str:
        """As a file."""
        ...


def claim(
    folder: Path,
    recipe: Recipe,
    read: Callable[[Path], Recipe],
    device: torch.device,
    ranks: Ranks,
) -> None:
    """Make the folder this recipe's; refuse one that holds another recipe's run."""
    path = folder / RECIPE
    if path.exists() and (folder / "state.safetensors").exists():
        old, new = read(path).binding(), recipe.binding()
        changed = [key for key in new if old.get(key) != new[key]]
        if changed:
            raise SettingsError(
                f"{folder} holds a run with other {', '.join(changed)}; "
                "give this one a name of its own (name=...), or delete that folder"
            )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(recipe.to_toml(), encoding="utf-8")
    note_part(folder, device, ranks)


def add_notes(folder: Path, notes: Iterable[str]) -> None:
    """Lines for `notes.txt`; each is there once."""
    path = folder / NOTES
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = list(dict.fromkeys([*known, *notes]))
    if lines != known:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
