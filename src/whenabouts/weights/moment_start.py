"""What Moment-DETR's training starts from: a published file, or a folder of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import WeightsError
from whenabouts.weights.folder import SETTINGS, WEIGHTS, read_tensors
from whenabouts.weights.published_moment_detr import read_moment_detr
from whenabouts.weights.rename import load_strictly

if TYPE_CHECKING:
    from whenabouts.models.moment_detr import MomentDetr


def read_moment_start(source: str, model: MomentDetr) -> None:
    """Load a checkpoint into a network; every tensor must fit.

    Raises:
        WeightsError: there is no such checkpoint, or it has other sizes.
    """
    path = Path(source).expanduser()
    if (path / SETTINGS).is_file():
        load_strictly(model, read_tensors(path / WEIGHTS), str(path))
    elif path.is_file():
        load_strictly(model, read_moment_detr(path)[1], str(path))
    else:
        raise WeightsError(f"start {source!r} is no file, and no folder of a Moment-DETR of ours")
