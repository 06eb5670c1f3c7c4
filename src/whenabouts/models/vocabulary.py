"""Rows for added tokens in the embedding table and the head of a language model.

A time token starts as the digit it stands for (VTG-LLM, https://arxiv.org/abs/2405.13382).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from whenabouts.errors import WeightsError
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.time_tokens import TIME_TOKENS

_SPREAD = 0.02


def time_token_sources(tokens: LlamaTokens) -> dict[int, int]:
    """Id of each time token to the id whose rows it starts with: the last one of its character."""
    return {
        tokens.id_of(token): tokens.encode(character)[-1]
        for token, character in zip(TIME_TOKENS, "0123456789.", strict=True)
    }


def grow_alike(table: Tensor, rows: int) -> Tensor:
    """A table [n,D] with `rows` rows: further ones are the mean of all."""
    _can_grow(table, rows)
    mean = table.float().mean(dim=0, keepdim=True).to(table.dtype)
    return torch.cat([table, mean.expand(rows - len(table), -1)])


def grow(
    table: Tensor, rows: int, sources: Mapping[int, int], generator: torch.Generator
) -> Tensor:
    """A table [n,D] with `rows` rows: further ones random, then those of `sources` copied."""
    _can_grow(table, rows)
    more = torch.randn(rows - len(table), table.shape[1], generator=generator) * _SPREAD
    grown = torch.cat([table, more.to(table.dtype)])
    for added, source in sources.items():
        grown[added] = grown[source]
    return grown


def _can_grow(table: Tensor, rows: int) -> None:
    if rows < len(table):
        raise WeightsError(
            f"the tokenizer has {rows} tokens, the table {len(table)} rows; they do not belong "
            "together"
        )
