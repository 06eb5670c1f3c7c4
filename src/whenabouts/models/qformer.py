"""The Q-Former of BLIP-2: learned queries read a memory, beside a text if it takes one.

Source: https://arxiv.org/abs/2301.12597; with text as in InstructBLIP, https://arxiv.org/abs/
2305.06500. Post-norm, as BERT. Shapes: N items, Q queries, L text tokens, M memory tokens, W width.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import InputError
from whenabouts.models.attend import attend
from whenabouts.models.clip import Norm
from whenabouts.models.video_llm_sizes import QFormerSizes

_EPS = 1e-12
_HIDDEN = -10000.0
"""Added to the scores of padded text, as the published weights were trained."""


class Attend(nn.Module):
    """Attention with its output layer: dense, dropout, norm of the sum."""

    def __init__(self, sizes: QFormerSizes, memory_width: int) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.dropout = sizes.dropout
        self.query = nn.Linear(sizes.width, sizes.width)
        self.key = nn.Linear(memory_width, sizes.width)
        self.value = nn.Linear(memory_width, sizes.width)
        self.dense = nn.Linear(sizes.width, sizes.width)
        self.norm = Norm(sizes.width, eps=_EPS)

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor | None = None) -> Tensor:
        """`x` [N,K,W] reads `memory` [N,M,*]; `bias` [N,1,1,M] is added to the scores."""
        query, key, value = (
            layer(given).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, given in ((self.query, x), (self.key, memory), (self.value, memory))
        )
        dropped = self.dropout if self.training else 0.0
        mixed = attend(query, key, value, bias, dropped)
        out = F.dropout(self.dense(mixed.transpose(1, 2).flatten(2)), self.dropout, self.training)
        return self.norm(out + x)


class Feed(nn.Module):
    """Two linear layers with the exact GELU between, dropout, norm of the sum."""

    def __init__(self, sizes: QFormerSizes) -> None:
        super().__init__()
        self.dropout = sizes.dropout
        self.up = nn.Linear(sizes.width, sizes.feed_width)
        self.down = nn.Linear(sizes.feed_width, sizes.width)
        self.norm = Norm(sizes.width, eps=_EPS)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to the last axis."""
        out = F.dropout(self.down(F.gelu(self.up(x))), self.dropout, self.training)
        return self.norm(out + x)


class QFormerLayer(nn.Module):
    """Self-attention over everything, cross-attention of the queries, two feed-forward nets."""

    def __init__(self, sizes: QFormerSizes, *, crosses: bool) -> None:
        super().__init__()
        self.attention = Attend(sizes, sizes.width)
        self.cross = Attend(sizes, sizes.memory_width) if crosses else None
        self.feed = Feed(sizes)
        self.feed_text = Feed(sizes) if sizes.words else None

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        queries: int,
        bias: Tensor | None,
        memory_bias: Tensor | None = None,
    ) -> Tensor:
        """[N,Q+L,W] to the same; the first `queries` positions read `memory`."""
        x = self.attention(x, x, bias)
        asked = x[:, :queries]
        if self.cross is not None:
            asked = self.cross(asked, memory, memory_bias)
        asked = self.feed(asked)
        if self.feed_text is None or x.shape[1] == queries:
            return asked
        return torch.cat([asked, self.feed_text(x[:, queries:])], dim=1)


class QFormer(nn.Module):
    """Queries, and the layers through which they read."""

    def __init__(self, sizes: QFormerSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.queries = nn.Parameter(torch.zeros(1, sizes.queries, sizes.width))
        self.words = nn.Embedding(sizes.words, sizes.width) if sizes.words else None
        self.positions = nn.Embedding(sizes.positions, sizes.width) if sizes.words else None
        self.norm = Norm(sizes.width, eps=_EPS)
        self.layers = nn.ModuleList(
            QFormerLayer(sizes, crosses=index % sizes.cross_every == 0)
            for index in range(sizes.layers)
        )

    def forward(
        self,
        memory: Tensor,
        ids: Tensor | None = None,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """`memory` [N,M,*] to [N,Q+L,W]: queries first, then the text positions.

        `ids` and `mask` int64 [N,L] are the text beside the queries. Padded positions are hidden
        from attention, but come out too, as the networks behind were trained. Where `memory_mask`
        [N,M] is 0, the memory is not read.
        """
        x = self.queries.to(memory.dtype).expand(memory.shape[0], -1, -1)
        bias = None
        if ids is not None:
            x = torch.cat([x, self._text(ids).to(x.dtype)], dim=1)
        if mask is not None:
            bias = _bias(F.pad(mask, (self.sizes.queries, 0), value=1), x)
        memory_bias = None if memory_mask is None else _bias(memory_mask, x)
        x = F.dropout(self.norm(x), self.sizes.dropout, self.training)
        for layer in self.layers:
            x = layer(x, memory, self.sizes.queries, bias, memory_bias)
        return x

    def _text(self, ids: Tensor) -> Tensor:
        """Word plus position; positions count the text alone."""
        if self.words is None or self.positions is None:
            raise InputError("this Q-Former takes no text (its sizes say words = 0)")
        if ids.shape[1] > self.sizes.positions:
            raise InputError(
                f"text of {ids.shape[1]} tokens, the Q-Former has {self.sizes.positions} positions"
            )
        return self.words(ids) + self.positions.weight[: ids.shape[1]]

    def initialise(self, generator: torch.Generator) -> None:
        """Random start, as BERT's."""
        tables = [table.weight for table in (self.words, self.positions) if table is not None]
        for weight in (self.queries, *tables):
            nn.init.normal_(weight, std=0.02, generator=generator)
        for module in self.layers.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02, generator=generator)
                nn.init.zeros_(cast(Tensor, module.bias))


def _bias(seen: Tensor, like: Tensor) -> Tensor:
    """[N,K] of 0 and 1 to what is added to scores, [N,1,1,K]: 0 where a position is seen."""
    return (1 - seen.to(like.dtype))[:, None, None] * _HIDDEN
