"""From the tokens of all frames to the few that the language model reads.

Every part takes [B,T,N,W] (videos, frames, tokens a frame, width) or [B,N,W] and gives tokens
[B,K,W] and a loss to add, which is 0 unless said otherwise. The windows of TimeChat are in
`video_qformer`; the others come from VTG-LLM, https://arxiv.org/abs/2405.13382.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import InputError
from whenabouts.models.video_llm_sizes import VideoLlmSizes
from whenabouts.models.video_qformer import VideoQFormer

_CROSS_HEADS = 8
_NEIGHBOUR = 5

Compressed = tuple[Tensor, Tensor]
"""Tokens [B,K,W], and a loss to add (scalar)."""


class Slots(nn.Module):
    """Each slot is a weighted mean of all tokens; the weights sum to 1 over the tokens."""

    def __init__(self, width: int, slots: int) -> None:
        super().__init__()
        self.slots = nn.Parameter(torch.zeros(width, slots))

    def weights(self, tokens: Tensor) -> Tensor:
        """`tokens` [B,N,W] to [B,N,K] in float32, each column summing to 1."""
        return (tokens.float() @ self.slots.float()).softmax(dim=1)

    def forward(self, tokens: Tensor) -> Compressed:
        """Tokens in the order of the slots."""
        x = tokens.flatten(1, -2)
        mixed = self.weights(x).transpose(1, 2) @ x.float()
        return mixed.to(tokens.dtype), tokens.new_zeros(())

    def initialise(self, generator: torch.Generator) -> None:
        """Standard normal."""
        nn.init.normal_(self.slots, generator=generator)

    @torch.no_grad()
    def follow(self, frames: Tensor, spread: float) -> None:
        """Make each slot look for its share of `frames` [T,W], rows of a table."""
        self.slots.copy_(spread * _shares(frames, self.slots.shape[1]).T)


class CrossSlots(nn.Module):
    """Attention of learned queries, with neither residual nor norm."""

    def __init__(self, width: int, slots: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.zeros(1, slots, width))
        self.attention = nn.MultiheadAttention(width, _CROSS_HEADS, batch_first=True)

    def weights(self, tokens: Tensor) -> Tensor:
        """`tokens` [B,N,W] to [B,N,K], each column summing to 1: the mean over the heads."""
        query = self.query.to(tokens.dtype).expand(len(tokens), -1, -1)
        return self.attention(query, tokens, tokens)[1].transpose(1, 2)

    def forward(self, tokens: Tensor) -> Compressed:
        """Tokens in the order of the queries."""
        x = tokens.flatten(1, -2)
        query = self.query.to(x.dtype).expand(len(x), -1, -1)
        mixed, _ = self.attention(query, x, x, need_weights=False)
        return mixed, tokens.new_zeros(())

    @torch.no_grad()
    def follow(self, frames: Tensor, spread: float) -> None:
        """Make each query look for its share of `frames` [T,W], rows of a table."""
        width = frames.shape[1]
        ask, key, _ = self.attention.in_proj_weight.split(width)
        nn.init.orthogonal_(key, generator=torch.Generator().manual_seed(width))
        ask.copy_(key)
        # Each head sees its part of the sum, over the root of its width.
        spread = spread * (width * _CROSS_HEADS) ** 0.5
        self.query[0] = spread * _shares(frames, self.query.shape[1])

    def initialise(self, generator: torch.Generator) -> None:
        """Standard normal queries; projections by their widths."""
        nn.init.normal_(self.query, generator=generator)
        for weight in (self.attention.in_proj_weight, self.attention.out_proj.weight):
            nn.init.xavier_uniform_(weight, generator=generator)


class Codebook(nn.Module):
    """The token nearest to each code; its loss pulls tokens and codes together."""

    def __init__(self, width: int, slots: int) -> None:
        super().__init__()
        self.codebook = nn.Parameter(torch.zeros(slots, width))

    def nearest(self, tokens: Tensor) -> Tensor:
        """`tokens` [B,N,W] to the index of the token nearest to each code, [B,K]."""
        return torch.cdist(self.codebook.expand(len(tokens), -1, -1), tokens).argmin(dim=-1)

    def forward(self, tokens: Tensor) -> Compressed:
        """Tokens as they are; gradients go to the codes."""
        x = tokens.flatten(1, -2)
        found = _pick(x, self.nearest(x.detach()))
        code = self.codebook.expand_as(found)
        loss = F.mse_loss(found, code.detach()) + F.mse_loss(code, found.detach())
        return code + (found - code).detach(), loss

    def initialise(self, generator: torch.Generator) -> None:
        """Standard normal."""
        nn.init.normal_(self.codebook, generator=generator)


class Diverse(nn.Module):
    """Tokens far from each other, drawn as k-means++ draws its seeds."""

    def __init__(self, slots: int, seed: int = 0) -> None:
        super().__init__()
        self.slots = slots
        self.seed = seed

    def forward(self, tokens: Tensor) -> Compressed:
        """The chosen tokens in the order of their drawing; the same for the same tokens."""
        x = tokens.flatten(1, -2)
        _has_room(x, self.slots)
        dice = torch.Generator().manual_seed(self.seed)
        first = torch.randint(x.shape[1], (len(x), 1), generator=dice).to(x.device)
        chosen = first
        for _ in range(self.slots - 1):
            odds = distance_to_nearest(x.detach().float(), chosen).cpu()
            odds = odds + odds.sum(dim=1, keepdim=True).eq(0)  # All alike: any will do.
            drawn = torch.multinomial(odds, 1, generator=dice).to(x.device)
            chosen = torch.cat([chosen, drawn], dim=1)
        return _pick(x, chosen), tokens.new_zeros(())


class Entropy(nn.Module):
    """Tokens drawn by how much information they carry."""

    def __init__(self, slots: int, seed: int = 0) -> None:
        super().__init__()
        self.slots = slots
        self.seed = seed

    def forward(self, tokens: Tensor) -> Compressed:
        """The chosen tokens in the order of their drawing; the same for the same tokens."""
        x = tokens.flatten(1, -2)
        _has_room(x, self.slots)
        dice = torch.Generator().manual_seed(self.seed)
        # An estimate of information can be below 0, odds cannot.
        odds = torch.stack([token_entropy(clip) for clip in x.detach()]).clamp_min(1e-6)
        chosen = torch.multinomial(odds.cpu(), self.slots, generator=dice).to(x.device)
        return _pick(x, chosen), tokens.new_zeros(())


class KeepAll(nn.Module):
    """Every token."""

    def forward(self, tokens: Tensor) -> Compressed:
        """Flattened, frame by frame."""
        return tokens.flatten(1, -2), tokens.new_zeros(())


def token_entropy(tokens: Tensor) -> Tensor:
    """Information of each of `tokens` [N,W] from the distance to its fifth neighbour, float64 [N].

    Kozachenko and Leonenko's estimate in the maximum norm, as VTG-LLM writes it.
    """
    count, width = tokens.shape
    if count <= _NEIGHBOUR:
        raise InputError(f"{count} tokens; choosing by information needs more than {_NEIGHBOUR}")
    x = tokens.double()
    near = torch.cdist(x, x, p=math.inf).sort(dim=1).values[:, _NEIGHBOUR]
    counts = torch.tensor([float(_NEIGHBOUR), float(count)], dtype=torch.float64).digamma()
    return counts[1] - counts[0] + width / count * (2 * near).log()


def distance_to_nearest(tokens: Tensor, chosen: Tensor) -> Tensor:
    """Distance of `tokens` [B,N,W] to the nearest of those `chosen` [B,K], as [B,N]."""
    return torch.cdist(tokens, _pick(tokens, chosen)).amin(dim=-1)


def build_compression(sizes: VideoLlmSizes) -> nn.Module:
    """The part that the sizes name."""
    width, tokens = sizes.frame_qformer.width, sizes.video_tokens
    match sizes.compression:
        case "window":
            return VideoQFormer(sizes.window_qformer, sizes.window_frames, sizes.stride_frames)
        case "slots":
            return Slots(width, tokens)
        case "cross":
            return CrossSlots(width, tokens)
        case "codebook":
            return Codebook(width, tokens)
        case "diverse":
            return Diverse(tokens)
        case "entropy":
            return Entropy(tokens)
        case "none":
            return KeepAll()


def _shares(frames: Tensor, count: int) -> Tensor:
    """The mean of each of `count` even shares of `frames` [T,W], of spread 1: [count,W]."""
    first = torch.arange(count) * len(frames) // count
    end = (-(-torch.arange(1, count + 1) * len(frames) // count)).maximum(first + 1)
    rows = [frames[a:b].mean(dim=0) for a, b in zip(first.tolist(), end.tolist(), strict=True)]
    return torch.stack([row / row.std() for row in rows])


def _pick(tokens: Tensor, index: Tensor) -> Tensor:
    """Tokens [B,N,W] at [B,K], as [B,K,W]."""
    return tokens.gather(1, index[:, :, None].expand(-1, -1, tokens.shape[2]))


def _has_room(tokens: Tensor, slots: int) -> None:
    if tokens.shape[1] < slots:
        raise InputError(f"{slots} tokens cannot be chosen from {tokens.shape[1]}")
