"""The weights of a big model: one file, or several, in its folder.

`model.safetensors`, or `model-00001-of-00004.safetensors` and so on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from whenabouts.errors import MissingPartError, WeightsError

if TYPE_CHECKING:
    import torch

_SHARD_BYTES = 4 << 30
_SAMPLES, _SAMPLE_BYTES = 64, 64 << 10

Precision = Literal["stored", "float32", "float16", "bfloat16", "int8", "int4"]
"""`stored`: each weight as it lies in the file. The last two keep the language model's layers in
few bits and the rest in bfloat16 (float32 without an accelerator)."""


def save_parts(folder: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write all weights, in parts where there are many."""
    from safetensors.torch import save_file

    shards = _shards(tensors)
    for number, names in enumerate(shards, start=1):
        part = {name: tensors[name].detach().cpu().contiguous() for name in names}
        which = f"-{number:05d}-of-{len(shards):05d}" if len(shards) > 1 else ""
        save_file(part, folder / f"model{which}.safetensors")


def read_parts(folder: Path) -> dict[str, torch.Tensor]:
    """All weights of a folder; a part that is missing is told."""
    from whenabouts.weights.folder import read_tensors

    paths = part_files(folder)
    wanted = int(paths[0].stem.rpartition("-")[2]) if "-of-" in paths[0].stem else 1
    if len(paths) != wanted:
        raise WeightsError(f"{folder} has {len(paths)} of {wanted} weight files; copy it again")
    return {name: value for path in paths for name, value in read_tensors(path).items()}


def part_files(folder: Path) -> list[Path]:
    """The files with weights."""
    paths = sorted(folder.glob("model*.safetensors"))
    if not paths:
        raise MissingPartError(f"{folder} has no model.safetensors; convert the model again")
    return paths


def sampled_hash(folder: Path, about: str) -> str:
    """SHA-256 of `about` and of samples of the weights.

    Samples, because reading all of a big model takes longer than looking at a video.
    """
    total = hashlib.sha256(about.encode())
    for path in part_files(folder):
        size = path.stat().st_size
        total.update(f"\n{path.name} {size}".encode())
        with path.open("rb") as file:
            for place in range(_SAMPLES):
                file.seek(size * place // _SAMPLES)
                total.update(file.read(_SAMPLE_BYTES))
    return total.hexdigest()


def dtype_of(precision: Precision, device: str) -> torch.dtype | None:
    """What weights become in memory; None: as they are stored."""
    import torch

    if precision == "stored":
        return None
    if precision in ("int8", "int4"):
        return torch.float32 if device == "cpu" else torch.bfloat16
    return getattr(torch, precision)


def _shards(tensors: Mapping[str, torch.Tensor]) -> list[list[str]]:
    """Names in groups whose tensors stay below the size of one file."""
    groups: list[list[str]] = [[]]
    size = 0
    for name, value in tensors.items():
        length = value.numel() * value.element_size()
        if groups[-1] and size + length > _SHARD_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(name)
        size += length
    return groups


def fill_network(
    model: torch.nn.Module,
    tensors: dict[str, torch.Tensor],
    source: str,
    precision: Precision,
    device: str,
    *,
    head: str,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Give a network on the meta device its weights; `tensors` is emptied on the way.

    The layers of its language model but `head` may be kept in few bits. `ready` is called with the
    device where the weights lie before that.
    """
    from whenabouts.models.quantised import quantise
    from whenabouts.weights.rename import check_names

    check_names(model, tensors, source)
    wide = dtype_of(precision, device)
    few = precision in ("int8", "int4")
    # A model that is made small on the way need not fit there as it was.
    first = "cpu" if few else device
    placed: dict[str, torch.Tensor] = {}
    for name in list(tensors):
        value = tensors.pop(name)
        placed[name] = value.to(first, value.dtype if wide is None else wide)
    model.load_state_dict(placed, assign=True)
    placed.clear()
    if ready is not None:
        ready(first)
    if few:
        bits = 8 if precision == "int8" else 4
        quantise(model.get_submodule("language"), bits, skip=(head,), device=device)
        model.to(device)
