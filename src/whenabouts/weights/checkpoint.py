"""Reading big training checkpoints: only the network in them, without copying it into memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from whenabouts.errors import WeightsError
from whenabouts.weights.pickles import load_pickle
from whenabouts.weights.source import read_shards

if TYPE_CHECKING:
    from torch import Tensor

_NESTED = "model"


def read_network(path: Path) -> dict[str, Tensor]:
    """Tensors of a folder as transformers writes it, of a .safetensors, or of a PyTorch file.

    Of a training checkpoint only what lies under `model` is taken. Nothing in a file is run, and
    tensors of a PyTorch file stay on disk until they are used.
    """
    if path.is_dir():
        return read_shards(path, ("model", "pytorch_model"))
    if not path.is_file():
        raise WeightsError(f"no weights file {path}")
    if path.suffix == ".safetensors":
        from whenabouts.weights.folder import read_tensors

        return read_tensors(path)
    loaded = load_pickle(path)
    inside = loaded.get(_NESTED, loaded)
    if not isinstance(inside, Mapping):
        raise WeightsError(f"{path} has something else than tensors under {_NESTED!r}")
    return _tensors(cast(Mapping[str, Any], inside), path)


def _tensors(inside: Mapping[str, Any], path: Path) -> dict[str, Tensor]:
    import torch

    odd = [name for name, value in inside.items() if not isinstance(value, torch.Tensor)]
    if odd:
        raise WeightsError(f"{path} has {odd[0]!r} beside its tensors; it is no network")
    return dict(inside)
