"""What a video LLM keeps of a video that it has looked at, and its form on disk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

_MESSAGE, _NOTES = "message", "notes"
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
        from safetensors.numpy import save

        told = {_MESSAGE: self.message, _NOTES: _BETWEEN.join(self.notes), "model": fingerprint}
        return save({"tokens": self.tokens}, told)

    @classmethod
    def from_bytes(cls, data: bytes, fingerprint: str) -> Seen:
        """What `to_bytes` wrote; tokens of another model are refused, it could not read them."""
        import json

        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            tokens = load(data)["tokens"]
            head = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
        except (SafetensorError, KeyError, ValueError) as error:
            raise InputError(
                f"these are no visual tokens: {error}; look at the video again"
            ) from error
        if head["model"] != fingerprint:
            raise InputError(
                f"these visual tokens are of the model {head['model'][:12]}, this one is "
                f"{fingerprint[:12]}; look at the video again"
            )
        notes = tuple(head[_NOTES].split(_BETWEEN)) if head[_NOTES] else ()
        return cls(tokens, head[_MESSAGE], notes)
