"""What a frame shows, told from its tokens: a loss that helps small models from nothing to see."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_RARE = 20.0
"""Weight of a kind that is there: a frame shows one or two of many."""


class InView(nn.Module):
    """A linear layer over the mean of a frame's tokens; each kind of thing is there or not."""

    def __init__(self, width: int, kinds: int, weight: float, seed: int) -> None:
        """`weight` is that of its loss."""
        super().__init__()
        self.weight = weight
        self.head = nn.Linear(width, kinds)
        generator = torch.Generator().manual_seed(seed)
        nn.init.normal_(self.head.weight, std=0.02, generator=generator)
        nn.init.zeros_(self.head.bias)

    def forward(self, looked: Tensor, in_view: Tensor) -> Tensor:
        """`looked` [V,T,N,W] and `in_view` float [V,T,C] to the mean cross entropy."""
        scores = self.head(looked.float().mean(dim=2)).float()
        rare = torch.tensor(_RARE, device=scores.device)
        return F.binary_cross_entropy_with_logits(scores, in_view, pos_weight=rare)
