"""Learned tables that tell visual tokens their place: the number of the frame, the second.

Source: VTG-LLM, https://arxiv.org/abs/2405.13382; the frame table alone is TimeChat's.
Shapes: B videos, T frames, N tokens a frame, W width.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from whenabouts.errors import InputError

ZeroRows = Literal["off", "reference", "linear"]
"""How rows of the second table that no training video reached are filled on loading."""


class TimeTables(nn.Module):
    """Adds one row a frame to all tokens of the frame."""

    def __init__(self, width: int, frames: int, seconds: int = 0) -> None:
        super().__init__()
        self.frames = nn.Parameter(torch.zeros(frames, width))
        self.seconds = nn.Parameter(torch.zeros(seconds, width)) if seconds else None

    def forward(self, tokens: Tensor, seconds: Tensor | None = None) -> Tensor:
        """[B,T,N,W] to the same; `seconds` int64 [B,T] are rows of the second table."""
        T = tokens.shape[1]
        if len(self.frames) < T:
            raise InputError(
                f"a video of {T} frames, the model knows {len(self.frames)} places; "
                "take fewer frames, or cut the video into windows"
            )
        tokens = tokens + self.frames[:T, None].to(tokens.dtype)
        if self.seconds is None:
            return tokens
        if seconds is None:
            raise InputError("this model wants the second of every frame; give seconds [B,T]")
        last = len(self.seconds) - 1
        if not seconds.is_meta and (int(seconds.min()) < 0 or int(seconds.max()) > last):
            raise InputError(
                f"a frame at second {int(seconds.max())}, the model knows 0 to {last}; "
                "`time_tokens.second_row` cuts times to what it knows"
            )
        return tokens + self.seconds[seconds][:, :, None].to(tokens.dtype)


def digit_rows(rows: int, width: int, generator: torch.Generator) -> Tensor:
    """A table [rows,width] in which each row is the sum of what its three digits look like.

    Rows of deviation 1. A small model reads the digits of a second from such rows with what it has
    learnt of ten digits a place, where rows of their own would have to be learnt one by one.
    """
    looks = torch.randn(3, 10, width, generator=generator)
    number = torch.arange(rows)
    digits = torch.stack([number // 100 % 10, number // 10 % 10, number % 10])
    return looks[torch.arange(3)[:, None], digits].sum(dim=0) / 3**0.5


def resize_rows(table: Tensor, rows: int) -> Tensor:
    """A table [n,W] with another number of rows: row i is row floor(i n / rows)."""
    if len(table) == rows:
        return table
    source = torch.arange(rows) * len(table) // rows
    return table[source]


def fill_zero_rows(table: Tensor, how: ZeroRows) -> Tensor:
    """A second table [n,W] whose all-zero rows are filled from their neighbours.

    `reference` keeps what the published evaluation does: the weights of both neighbours are
    swapped, and rows after the last trained one are meaningless. `linear` interpolates and
    holds the nearest trained row at both ends.
    """
    if how == "off":
        return table
    used = table.ne(0).any(dim=1).nonzero()[:, 0].tolist()
    if not used or len(used) == len(table):
        return table
    filled = table.clone()
    runs = _zero_runs(used, len(table))
    for first, end in runs:
        if how == "linear":
            _fill_linear(filled, first, end)
        else:
            _fill_swapped(filled, first, end)
    return filled


def _zero_runs(used: list[int], rows: int) -> list[tuple[int, int]]:
    """Stretches [first, end) of rows between the used ones, in order."""
    edges = [-1, *used, rows]
    return [(low + 1, high) for low, high in pairwise(edges) if high > low + 1]


def _fill_linear(table: Tensor, first: int, end: int) -> None:
    """Fill rows [first, end) on the line between the rows around them."""
    if first == 0 or end == len(table):
        table[first:end] = table[end] if first == 0 else table[first - 1]
        return
    left, right = table[first - 1], table[end]
    share = torch.arange(1, end - first + 1, dtype=table.dtype)[:, None] / (end - first + 1)
    table[first:end] = left + (right - left) * share


def _fill_swapped(table: Tensor, first: int, end: int) -> None:
    """Fill rows [first, end) from the last to the first as the reference does."""
    left = max(first - 1, 0)
    right = end if end < len(table) else -1
    for row in range(end - 1, first - 1, -1):
        mixed = table[left] * (row - left) + table[right] * (right - row)
        table[row] = mixed / (right - left)
