"""Channel decorrelation: matched texts and clips should agree channel by channel, and no more.

CDCR of "Disentangled Representation Learning for Text-Video Retrieval": the matrix of correlations
between the channels of both sides should be the identity. Only for training. All variants read
features of length 1. Shapes: B pairs, T tokens, F frames, N rows, D width.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from whenabouts.errors import InputError
from whenabouts.models.interaction import Tokens, token_weights
from whenabouts.settings import Settings

Rows = Literal["none", "pooled", "one", "all", "weighted"]
"""What the correlations are taken over: nothing (off); one pooled vector a side; one token and one
frame of each pair, drawn at random; every token with its best frame and every frame with its best
token; the same, each counted by its weight."""


class DecorrelationSettings(Settings):
    """How much the channels are pressed apart."""

    rows: Rows = "none"
    share: float = 0.001
    """Weight of this loss beside the scores' (`cdcr_lambda`)."""
    own: float = 1.0
    """Weight of each channel's agreement with itself (`cdcr_alpha1`)."""
    others: float = Field(default=0.06, ge=0)
    """Weight of its agreement with other channels (`cdcr_alpha2`)."""


def decorrelation_loss(
    text: Tokens,
    video: Tokens,
    settings: DecorrelationSettings,
    picks: tuple[Tensor, Tensor],
) -> Tensor:
    """The loss without `share`; i-th text and i-th clip belong together, B at least 2.

    `picks` int64 [B] and [B]: which valid token and frame stand for each pair under `one`, any
    number of at least 0, taken modulo the number of valid ones.
    """
    if len(text.mask) < 2:
        raise InputError(
            "decorrelation compares pairs with each other and needs at least 2 in a batch, got "
            f"{len(text.mask)}; raise the batch size or set decorrelation.rows=none"
        )
    if settings.rows == "pooled":
        between = correlations(*_pooled(text, video))
    elif settings.rows == "one":
        between = correlations(_picked(text, picks[0]), _picked(video, picks[1]))
    else:
        weigh = settings.rows == "weighted"
        # As published, without turning the second: its rows are channels of the frames.
        between = (_matched(text, video, weigh) + _matched(video, text, weigh)) / 2
    own = between.diagonal()
    away = between - torch.diag_embed(own)
    return settings.own * (own - 1).square().sum() + settings.others * away.square().sum()


def correlations(one_ND: Tensor, other_ND: Tensor, weights_N: Tensor | None = None) -> Tensor:
    """Sum over matched rows of the products of standardised channels, [D,D].

    Rows count 1/N each, or as `weights_N` says. The deviation is the unbiased one.
    """
    one, other = (_standard(rows) for rows in (one_ND, other_ND))
    weights = torch.full_like(one[:, 0], 1 / len(one)) if weights_N is None else weights_N
    return (one * weights[:, None]).T @ other


def _standard(rows_ND: Tensor) -> Tensor:
    """Each channel with mean 0 and deviation 1."""
    return (rows_ND - rows_ND.mean(dim=0)) / rows_ND.std(dim=0)


def _unit(tokens: Tokens) -> Tensor:
    """Features of length 1, padding included: it may be a token's best match."""
    return F.normalize(tokens.vectors, dim=-1, eps=1e-20)


def _pooled(text: Tokens, video: Tokens) -> tuple[Tensor, Tensor]:
    """End tokens and mean frames, [B,D] each."""
    frames = video.mask.sum(dim=1, keepdim=True).clamp(min=1)
    clips = F.normalize(video.unit.sum(dim=1) / frames, dim=-1, eps=1e-20)
    return _rows(text, text.mask.long().sum(dim=1).clamp(min=1) - 1), clips


def _picked(tokens: Tokens, picks: Tensor) -> Tensor:
    """One valid feature of each row, [B,D]."""
    return _rows(tokens, picks % tokens.mask.long().sum(dim=1).clamp(min=1))


def _rows(tokens: Tokens, places: Tensor) -> Tensor:
    """The feature at one place of each row, [B,D]."""
    return _unit(tokens)[torch.arange(len(places), device=places.device), places]


def _matched(asking: Tokens, asked: Tokens, weigh: bool) -> Tensor:
    """Correlations of every valid token with its best match on the other side of its pair."""
    valid = asking.mask.bool()
    similar = torch.einsum("bnd,bmd->bnm", asking.unit, asked.unit)
    best = similar.argmax(dim=2, keepdim=True)
    matches = _unit(asked).gather(1, best.expand(-1, -1, asked.vectors.shape[2]))
    weights = None
    if weigh:
        if asking.logits is None:
            raise InputError(
                "decorrelation.rows=weighted needs learned token weights; "
                "set interaction=wti, or decorrelation.rows=all"
            )
        weights = token_weights(asking.logits, asking.mask)[valid] / len(valid)
    return correlations(_unit(asking)[valid], matches[valid], weights)
