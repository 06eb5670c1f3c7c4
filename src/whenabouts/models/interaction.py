"""How a text and a clip are compared token by token.

DP, TI and WTI of "Disentangled Representation Learning for Text-Video Retrieval".
Shapes: A texts, V videos, T tokens, F frames, D width. Masks are 0/1 or bool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from whenabouts.models.sizes import Interaction, MaskMode

_MASKED_LOGIT = -9e15
"""Finite, so that a row without any valid token gets uniform weights rather than NaN."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Token features of a batch: raw `vectors` [B,N,D], `mask` [B,N], weight `logits` [B,N]."""

    vectors: Tensor
    mask: Tensor
    logits: Tensor | None = None
    """None for uniform weights."""

    @property
    def unit(self) -> Tensor:
        """Vectors of length 1; padded slots are zero, so their similarity to anything is 0."""
        unit = torch.nn.functional.normalize(self.vectors, dim=-1, eps=1e-20)
        return unit * self.mask.unsqueeze(-1).to(unit.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """The two directions of a token-wise score, each [A,V]."""

    text_to_video: Tensor
    video_to_text: Tensor

    @property
    def mean(self) -> Tensor:
        """The score: the mean of both directions."""
        return (self.text_to_video + self.video_to_text) / 2


def weight_net(width: int, layers: int, hidden: int | None = None) -> nn.Module:
    """The network that gives each raw token feature [..,D] a weight logit [..,1]."""
    hidden = hidden or width
    if layers == 1:
        return nn.Linear(width, 1)
    parts: list[nn.Module] = [nn.Linear(width, hidden), nn.ReLU()]
    for _ in range(layers - 2):
        parts += [nn.Linear(hidden, hidden), nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(hidden, 1))


def token_weights(logits: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the valid tokens of each row, [B,N]; a row without any gets uniform weights."""
    return logits.masked_fill(~mask.bool(), _MASKED_LOGIT).softmax(dim=-1)


def similarities(text: Tokens, video: Tokens) -> Tensor:
    """Cosine of every token with every frame, [A,V,T,F]; 0 where either is padding."""
    return torch.einsum("atd,vfd->avtf", text.unit, video.unit)


def wti(text: Tokens, video: Tokens, mask_mode: MaskMode = "zero") -> Halves:
    """Weighted token-wise interaction: weighted sums of each token's best match."""
    best_frame, best_token = _best(text, video, mask_mode)
    text_w, video_w = _weights(text), _weights(video)
    return Halves(
        torch.einsum("avt,at->av", best_frame, text_w),
        torch.einsum("avf,vf->av", best_token, video_w),
    )


def ti(text: Tokens, video: Tokens, mask_mode: MaskMode = "zero") -> Halves:
    """Token-wise interaction: the mean over valid tokens of each one's best match."""
    return wti(Tokens(text.vectors, text.mask), Tokens(video.vectors, video.mask), mask_mode)


def dp(text: Tokens, video: Tokens, mask_mode: MaskMode = "zero") -> Halves:  # noqa: ARG001 (one signature for all interactions)
    """Cosine of the end token with the normalised mean of the normalised frames."""
    score = last_of(text.unit, text.mask) @ mean_of(video).T
    return Halves(score, score)


def last_of(vectors_BND: Tensor, mask_BN: Tensor) -> Tensor:
    """The last valid vector of each row, [B,D]."""
    return row_of(vectors_BND, mask_BN.long().sum(dim=1).clamp(min=1) - 1)


def row_of(vectors_BND: Tensor, which_B: Tensor) -> Tensor:
    """One vector of each row, [B,D]."""
    index = which_B[:, None, None].expand(-1, 1, vectors_BND.shape[2])
    return vectors_BND.gather(1, index).squeeze(1)


def mean_of(video: Tokens) -> Tensor:
    """The normalised mean of each clip's normalised frames, [V,D]."""
    frames = video.mask.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.nn.functional.normalize(video.unit.sum(dim=1) / frames, dim=-1, eps=1e-20)


INTERACTIONS: dict[Interaction, Callable[[Tokens, Tokens, MaskMode], Halves]] = {
    "dp": dp,
    "ti": ti,
    "wti": wti,
}
"""Those that need no network of their own; `xti` is `models/cross.py`."""


def _weights(tokens: Tokens) -> Tensor:
    """Weights [B,N], uniform over valid tokens when there are no logits."""
    if tokens.logits is not None:
        return token_weights(tokens.logits, tokens.mask)
    return token_weights(torch.zeros_like(tokens.vectors[..., 0]), tokens.mask)


def _best(text: Tokens, video: Tokens, mask_mode: MaskMode) -> tuple[Tensor, Tensor]:
    """Best frame of each token [A,V,T] and best token of each frame [A,V,F].

    `max` rather than `amax`: among equals one gets the gradient, as in the reference.
    """
    sims = similarities(text, video)
    if mask_mode == "zero":
        return sims.max(dim=3).values, sims.max(dim=2).values
    out_text = ~text.mask.bool()[:, None, :, None]
    out_video = ~video.mask.bool()[None, :, None, :]
    best_frame = sims.masked_fill(out_video, -torch.inf).max(dim=3).values
    best_token = sims.masked_fill(out_text, -torch.inf).max(dim=2).values
    # A side without any valid token has nothing to match: similarity 0, not minus infinity.
    return best_frame.masked_fill(best_frame.isinf(), 0), best_token.masked_fill(
        best_token.isinf(), 0
    )
