"""Parts of a language model's space in which one head looks for pictures that are like words."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

ROOMS = 3
"""How many there are, each as wide as a head."""
LOOKING = 0.5
"""How loud words ask, and pictures answer, in the head that looks for its like."""


@dataclass(frozen=True, slots=True, eq=False)
class Rooms:
    """Orthogonal parts of the space of the language model, rows [C,E] each, in the same order."""

    seen: Tensor
    """Directions in which pictures differ."""
    read: Tensor
    """Where words are written."""
    found: Tensor
    """Where a head writes what it found in pictures."""

    @classmethod
    def beside(cls, seen: Tensor, generator: torch.Generator) -> Rooms:
        """Two more, of random directions, beside `seen` [C,E], whose rows are orthonormal."""
        count = len(seen)
        other = torch.empty(2 * count, seen.shape[1]).normal_(generator=generator)
        other -= other @ seen.T @ seen
        read, found = torch.linalg.qr(other.T).Q.T.split(count)
        return cls(seen, read.contiguous(), found.contiguous())


@dataclass(frozen=True, slots=True, eq=False)
class Projections:
    """Weights of an attention: `query`, `key`, `value` [H*C,E] and `out` [E,H*C]."""

    query: Tensor
    key: Tensor
    value: Tensor
    out: Tensor


@torch.no_grad()
def look_for_like(attention: Projections, rooms: Rooms) -> None:
    """Head 1 looks for pictures that are like the word which is read, and writes what they show."""
    own = head_one(len(rooms.seen))
    attention.query[own] = LOOKING * rooms.read
    attention.key[own] = rooms.seen
    attention.value[own] = LOOKING * rooms.seen
    attention.out[:, own] = rooms.found.T


def head_one(width: int) -> slice:
    """Where head 1 stands among heads of this width."""
    return slice(width, 2 * width)
