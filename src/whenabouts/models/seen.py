"""What models keep of a video that they have looked at, and its form on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

_MESSAGE, _NOTES, _MODEL = "message", "notes", "model"
_HEADS = ("localizer", "answerer")
_BETWEEN = "\n"


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A video as the language model reads it; can be kept and asked about again and again."""

    tokens: NDArray[np.float32]
    """Visual tokens [K,D]."""
    message: str
    """The sentence that lists the times of the frames, as it goes into prompts."""
    notes: tuple[str, ...] = ()
    """What a person should know: times beyond what the model can tell apart."""

    def to_bytes(self, fingerprint: str) -> bytes:
        """As a safetensors file; `fingerprint` is that of the model which looked."""
        told = {_MESSAGE: self.message, _NOTES: _BETWEEN.join(self.notes)}
        return pack({"tokens": self.tokens}, told, fingerprint)

    @classmethod
    def from_bytes(cls, data: bytes, fingerprint: str) -> Seen:
        """What `to_bytes` wrote; tokens of another model are refused, it could not read them."""
        tensors, told = unpack(data, ("tokens",), fingerprint)
        return cls(tensors["tokens"], told[_MESSAGE], notes_in(told))


@dataclass(frozen=True, slots=True, eq=False)
class SeenFrames:
    """A video as SeViLA's two heads read it, frame by frame; can be asked about again and again."""

    localizer: NDArray[np.float32]
    """Visual tokens of the head that finds frames [T,Q,D]."""
    answerer: NDArray[np.float32]
    """Those of the head that answers [T,Q,D]."""
    times_s: NDArray[np.float64]
    """[T]."""
    notes: tuple[str, ...] = ()
    """What a person should know: frames that could not be read."""

    def __len__(self) -> int:
        return len(self.times_s)

    def to_bytes(self, fingerprint: str) -> bytes:
        """As a safetensors file, tokens in half precision."""
        halves = {name: getattr(self, name).astype(np.float16) for name in _HEADS}
        told = {_NOTES: _BETWEEN.join(self.notes)}
        return pack({**halves, "times_s": self.times_s}, told, fingerprint)

    @classmethod
    def from_bytes(cls, data: bytes, fingerprint: str) -> SeenFrames:
        """What `to_bytes` wrote; tokens of another model are refused."""
        tensors, told = unpack(data, (*_HEADS, "times_s"), fingerprint)
        localizer, answerer = (tensors[name].astype(np.float32) for name in _HEADS)
        return cls(localizer, answerer, tensors["times_s"], notes_in(told))


def pack(tensors: Mapping[str, NDArray[Any]], told: Mapping[str, str], fingerprint: str) -> bytes:
    """Tensors and what is told about them as a safetensors file of one model."""
    from safetensors.numpy import save

    return save(dict(tensors), {**told, _MODEL: fingerprint})


def unpack(
    data: bytes, names: Sequence[str], fingerprint: str
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """What `pack` wrote, if it is of this model and whole."""
    import json

    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(data)
        tensors = {name: tensors[name] for name in names}
        head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    except (SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"these are no visual tokens: {error}; look at the video again") from error
    if head[_MODEL] != fingerprint:
        raise InputError(
            f"these visual tokens are of the model {head[_MODEL][:12]}, this one is "
            f"{fingerprint[:12]}; look at the video again"
        )
    return tensors, head


def notes_in(told: Mapping[str, str]) -> tuple[str, ...]:
    """The notes that were kept."""
    return tuple(told[_NOTES].split(_BETWEEN)) if told[_NOTES] else ()
