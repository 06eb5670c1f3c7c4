"""Tensors out of zip checkpoints without running anything that is inside them.

Two kinds: TorchScript archives (the OpenAI release) and what `torch.save` writes. Both hold an
object graph `data.pkl` and raw storages `data/<n>`; the code of an archive is never looked at.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from whenabouts.errors import WeightsError

if TYPE_CHECKING:
    import torch

_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}


def is_archive(path: Path) -> bool:
    """True for a zip checkpoint."""
    return zipfile.is_zipfile(path)


def read_archive(path: Path) -> dict[str, torch.Tensor]:
    """All tensors by dotted name, as they are stored; other attributes are left out."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(names) != 1:
                raise WeightsError(f"{path} is a zip file, but no checkpoint (no data.pkl inside)")
            with archive.open(names[0]) as file:
                graph = _Reader(file, archive, names[0].removesuffix("data.pkl")).load()
    except (zipfile.BadZipFile, pickle.UnpicklingError, EOFError, KeyError, IndexError) as error:
        raise WeightsError(f"{path} is damaged or not a checkpoint: {error}") from error
    tensors: dict[str, torch.Tensor] = {}
    _collect(graph, "", tensors)
    if not tensors:
        raise WeightsError(f"{path} holds no tensors")
    return tensors


class _Node(dict[str, Any]):
    """Stands for any object of a TorchScript archive: its attributes and nothing else."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.update(state)


class _Reader(pickle.Unpickler):
    """Knows tensors, ordered dicts and attribute holders; anything else is refused."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, top: str) -> None:
        super().__init__(file, encoding="utf-8")
        self._archive = archive
        self._top = top
        self._storages: dict[str, torch.Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        """The few names that a checkpoint of plain tensors needs."""
        if module == "__torch__" or module.startswith("__torch__."):
            return _Node
        if module == "torch" and name in _STORAGES:
            return name
        allowed: dict[tuple[str, str], Callable[..., Any]] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch._utils", "_rebuild_parameter"): _parameter,
        }
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which plain tensors never need; refused"
            )
        return allowed[module, name]

    def persistent_load(self, pid: Any) -> torch.Tensor:
        """The storage that ("storage", type, key, location, count) names, as a flat tensor."""
        import torch

        if not (isinstance(pid, tuple) and len(cast(tuple[Any, ...], pid)) == 5):
            raise pickle.UnpicklingError(f"unknown reference {pid!r}")
        _, kind, key, _, count = cast(tuple[Any, ...], pid)
        if key not in self._storages:
            dtype = getattr(torch, _STORAGES[kind])
            raw = bytearray(self._archive.read(f"{self._top}data/{key}"))
            whole = torch.frombuffer(raw, dtype=dtype) if raw else torch.empty(0, dtype=dtype)
            if len(whole) < count:
                raise pickle.UnpicklingError(f"storage {key} has {len(whole)} of {count} values")
            self._storages[key] = whole
        return self._storages[key]


def _tensor(storage: torch.Tensor, offset: int, size: Any, stride: Any, *_: Any) -> torch.Tensor:
    """A view into a storage."""
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if min((offset, *size, *stride), default=0) < 0 or (all(size) and last >= len(storage)):
        raise pickle.UnpicklingError(f"a tensor {tuple(size)} lies outside of its storage")
    return storage.as_strided(tuple(size), tuple(stride), offset)


def _parameter(data: torch.Tensor, *_: Any) -> torch.Tensor:
    """Parameters are read as plain tensors."""
    return data


def _collect(node: Any, name: str, tensors: dict[str, torch.Tensor]) -> None:
    """Walk nested attributes; keys joined with dots are the state-dict keys."""
    import torch

    if isinstance(node, torch.Tensor):
        tensors[name] = node
    elif isinstance(node, Mapping):
        for key, value in cast(Mapping[Any, Any], node).items():
            _collect(value, f"{name}.{key}" if name else str(key), tensors)
