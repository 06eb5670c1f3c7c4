"""What a language model has read already: a next prompt that begins alike is not read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import DynamicCache

Key = Any
"""Whatever stands for one position of a prompt: an id, or a visual token of a certain video."""


@dataclass(slots=True, eq=False)
class PromptCache:
    """Keys and values of one prompt, with what stands at each of its positions."""

    past: DynamicCache | None = None
    read: Sequence[Key] = ()

    def shared(self, prompt: Sequence[Key]) -> DynamicCache | None:
        """What was read of the beginning of `prompt`; at least its last position is left to read.

        The cache is cut to that and handed over; `keep` puts it back with what came after.
        """
        past, read = self.past, self.read
        self.past, self.read = None, ()
        same = 0
        for mine, theirs in zip(read, prompt[:-1], strict=False):
            if mine is not theirs and mine != theirs:
                break
            same += 1
        if past is None or same == 0:
            return None
        if len(read) > same:
            past.crop(same - len(read))
        return past

    def keep(self, past: DynamicCache, read: Sequence[Key]) -> None:
        """Remember `past`, which has read `read`."""
        self.past, self.read = past, read
