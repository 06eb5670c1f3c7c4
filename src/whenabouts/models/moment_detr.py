"""Moment-DETR: moments of a video for a query, as a set of windows with scores.

Lei et al., "Detecting Moments and Highlights in Videos via Natural Language Queries". Shapes: B
videos, N steps of the video, T tokens of the text, Q windows, K decoder layers, D width.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.models.attend import attend
from whenabouts.models.moment_sizes import MomentSizes

_EPS = 1e-6
REACH = 3
"""Steps beside the likeliest one that take part in where an edge is."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the network says; the first axis of `logits` and `spans` is the decoder layer."""

    logits: Tensor
    """[K,B,Q,2]: moment, and no moment, in this order."""
    spans: Tensor
    """[K,B,Q,2]: centre and width, in shares of the valid steps."""
    saliency: Tensor
    """[B,N], higher is more; steps beyond the end hold what they hold."""
    edges: Tensor | None = None
    """[K,B,Q,2,N]: scores of each step to be the first one, and the last one."""
    queries: Tensor | None = None
    """[K,B,Q,A] unit length, for the alignment with `words`."""
    words: Tensor | None = None
    """[B,T,A] unit length."""
    steps: Tensor | None = None
    """[B,N,A] unit length."""


class MomentDetr(nn.Module):
    """Steps of a video and tokens of a text to windows and saliency."""

    def __init__(self, sizes: MomentSizes) -> None:
        super().__init__()
        self.sizes = sizes
        wide = sizes.width
        self.video_in = _entrance(sizes.video_width, sizes)
        self.text_in = _entrance(sizes.text_width, sizes)
        self.text_places = None if sizes.text_places == "none" else TextPlaces(sizes)
        self.encoder = nn.ModuleList(Block(sizes, cross=False) for _ in range(sizes.encoder_layers))
        self.encoder_norm = nn.LayerNorm(wide) if sizes.pre_norm else None
        self.decoder = nn.ModuleList(Block(sizes, cross=True) for _ in range(sizes.decoder_layers))
        self.decoder_norm = nn.LayerNorm(wide)
        self.queries = nn.Embedding(sizes.queries, wide)
        self.moment = nn.Linear(wide, 2)
        self.saliency = nn.Linear(wide, 1)
        regress = sizes.spans == "regress"
        self.span = _tower(wide) if regress else None
        self.pointer = None if regress else Pointer(wide)
        self.align = Alignment(wide, sizes.align_width) if sizes.align_width else None
        self._start()

    def _start(self) -> None:
        """Xavier for the matrices of both transformers, torch's own for the rest."""
        for part in (self.encoder, self.decoder):
            for weight in part.parameters():
                if weight.dim() > 1:
                    nn.init.xavier_uniform_(weight)

    def forward(self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor) -> Found:
        """[B,N,V] and [B,T,W] with masks of 1 and 0 for what is valid."""
        steps, words = self.video_in(video), self.text_in(text)
        places = sine_places(video_mask, self.sizes.width)
        word_places = torch.zeros_like(words)
        if self.text_places is not None and self.sizes.text_places == "used":
            word_places = self.text_places(words)
        memory = torch.cat([steps, words], dim=1)
        place = torch.cat([places, word_places], dim=1)
        valid = torch.cat([video_mask, text_mask], dim=1)
        bias = torch.zeros_like(valid, dtype=memory.dtype).masked_fill(valid == 0, -math.inf)
        bias = bias[:, None, None, :]
        for block in self.encoder:
            memory = block(memory, place, memory, place, bias)
        if self.encoder_norm is not None:
            memory = self.encoder_norm(memory)
        query = self.queries.weight.expand(video.shape[0], -1, -1)
        state, layers = torch.zeros_like(query), list[Tensor]()
        for block in self.decoder:
            state = block(state, query, memory, place, bias)
            layers.append(self.decoder_norm(state))
        hidden = torch.stack(layers)
        seen, read = memory[:, : video.shape[1]], memory[:, video.shape[1] :]
        spans, edges = self._spans(hidden, seen, video_mask)
        found = Found(self.moment(hidden), spans, self.saliency(seen).squeeze(-1), edges)
        return found if self.align is None else self.align(found, hidden, read, seen)

    def _spans(self, hidden: Tensor, seen: Tensor, mask: Tensor) -> tuple[Tensor, Tensor | None]:
        if self.pointer is not None:
            return self.pointer(hidden, seen, mask)
        assert self.span is not None
        return self.span(hidden).float().sigmoid(), None


class Block(nn.Module):
    """A layer of the encoder, or with `cross` of the decoder."""

    def __init__(self, sizes: MomentSizes, *, cross: bool) -> None:
        super().__init__()
        width = sizes.width
        self.pre_norm = sizes.pre_norm
        self.attention = Attention(width, sizes.heads, sizes.attention_dropout)
        self.attention_norm = nn.LayerNorm(width)
        self.cross = Attention(width, sizes.heads, sizes.attention_dropout) if cross else None
        self.cross_norm = nn.LayerNorm(width) if cross else None
        self.wide = nn.Linear(width, sizes.feed_forward)
        self.narrow = nn.Linear(sizes.feed_forward, width)
        self.wide_norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(sizes.dropout)

    def forward(
        self, state: Tensor, place: Tensor, memory: Tensor, memory_place: Tensor, bias: Tensor
    ) -> Tensor:
        """`state` looks at itself, and in the decoder at `memory`; `bias` hides padded memory."""
        own = bias if self.cross is None else None

        def look(x: Tensor) -> Tensor:
            return self.attention(x + place, x + place, x, own)

        state = self._add(state, self.attention_norm, look)
        if self.cross is not None and self.cross_norm is not None:
            cross = self.cross

            def read(x: Tensor) -> Tensor:
                return cross(x + place, memory + memory_place, memory, bias)

            state = self._add(state, self.cross_norm, read)
        return self._add(state, self.wide_norm, self._think)

    def _think(self, x: Tensor) -> Tensor:
        return self.narrow(self.drop(F.relu(self.wide(x))))

    def _add(self, state: Tensor, norm: nn.LayerNorm, change: Callable[[Tensor], Tensor]) -> Tensor:
        if self.pre_norm:
            return state + self.drop(change(norm(state)))
        return norm(state + self.drop(change(state)))


class Attention(nn.Module):
    """Attention of several heads with its three inputs projected by one matrix."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        """[B,L,D]; `bias` [B,1,1,M] is added to the scores."""
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        parts = [
            F.linear(x, weight, one).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for x, weight, one in zip((query, key, value), weights, biases, strict=True)
        ]
        mixed = attend(*parts, bias=bias, dropout=self.dropout if self.training else 0.0)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class TextPlaces(nn.Module):
    """A learnt table of word positions."""

    def __init__(self, sizes: MomentSizes) -> None:
        super().__init__()
        self.table = nn.Embedding(sizes.most_words, sizes.width)
        self.norm = nn.LayerNorm(sizes.width)
        self.drop = nn.Dropout(sizes.input_dropout)

    def forward(self, words: Tensor) -> Tensor:
        """[B,T,D]: the positions of words that say `words`."""
        return self.drop(self.norm(words + self.table.weight[: words.shape[1]]))


class Pointer(nn.Module):
    """Where a window begins and ends: two steps of the video, each near the likeliest one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.edges = nn.Linear(width, 2 * width)
        self.steps = nn.Linear(width, 2 * width)

    def forward(self, hidden: Tensor, seen: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Centre and width [K,B,Q,2], and the scores of the steps [K,B,Q,2,N]."""
        wanted = self.edges(hidden).unflatten(-1, (2, -1))
        offered = self.steps(seen).unflatten(-1, (2, -1))
        scores = torch.einsum("kbqed,bned->kbqen", wanted, offered) * seen.shape[-1] ** -0.5
        scores = scores.float()  # bfloat16 would place an edge a step aside
        scores = scores.masked_fill(mask[None, :, None, None, :] == 0, -1e4)
        at = torch.arange(seen.shape[1], device=seen.device)
        far = (at - scores.argmax(dim=-1, keepdim=True)).abs() > REACH
        near = scores.masked_fill(far, -1e4).softmax(dim=-1)
        place = (near * at.to(near.dtype)).sum(dim=-1)
        count = mask.sum(dim=1).to(near.dtype).clamp(min=1)[None, :, None]
        first, last = place[..., 0] / count, (place[..., 1] + 1) / count
        last = torch.maximum(first, last)
        return torch.stack([(first + last) / 2, last - first], dim=-1), scores


class Alignment(nn.Module):
    """A space in which the windows that match are near the words."""

    def __init__(self, width: int, align_width: int) -> None:
        super().__init__()
        self.queries = nn.Linear(width, align_width)
        self.words = nn.Linear(width, align_width)
        self.steps = nn.Linear(width, align_width)

    def forward(self, found: Found, hidden: Tensor, read: Tensor, seen: Tensor) -> Found:
        """`found` with the three projections."""
        projected = [
            F.normalize(layer(x), dim=-1)
            for layer, x in ((self.queries, hidden), (self.words, read), (self.steps, seen))
        ]
        return Found(found.logits, found.spans, found.saliency, found.edges, *projected)


class _Entrance(nn.Module):
    """A layer from features to the width of the network."""

    def __init__(self, given: int, width: int, dropout: float, *, last: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(given)
        self.drop = nn.Dropout(dropout)
        self.linear = nn.Linear(given, width)
        self.last = last

    def forward(self, x: Tensor) -> Tensor:
        """[...,given] to [...,width]."""
        x = self.linear(self.drop(self.norm(x)))
        return x if self.last else F.relu(x)


def sine_places(mask: Tensor, width: int) -> Tensor:
    """[B,N,width]: sines and cosines of each step's share of the valid ones, interleaved."""
    counted = mask.to(torch.float32).cumsum(dim=1)
    share = counted / (counted[:, -1:] + _EPS) * (2 * math.pi)
    channel = torch.arange(width, dtype=torch.float32, device=mask.device)
    angle = share[..., None] / 10000 ** (2 * (channel // 2) / width)
    even = channel.long() % 2 == 0
    return torch.where(even, angle.sin(), angle.cos())


def _entrance(given: int, sizes: MomentSizes) -> nn.Sequential:
    count, width = sizes.input_layers, sizes.width
    return nn.Sequential(
        *(
            _Entrance(width if i else given, width, sizes.input_dropout, last=i == count - 1)
            for i in range(count)
        )
    )


class _Tower(nn.ModuleList):
    """Three layers from a window's state to its centre and width."""

    def forward(self, x: Tensor) -> Tensor:
        """[...,D] to [...,2]."""
        for number, layer in enumerate(self):
            x = layer(F.relu(x) if number else x)
        return x


def _tower(width: int) -> _Tower:
    return _Tower([nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, 2)])
