"""Scaled dot-product attention, by the kernel that is fastest where it runs."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None, dropout: float = 0.0
) -> Tensor:
    """Softmax attention, all [N,heads,L,w]; `bias` is added to the scores, `dropout` is of them."""
    if query.device.type != "cpu" or not torch.is_grad_enabled():
        return F.scaled_dot_product_attention(query, key, value, bias, dropout)
    # On processors the fused kernel's gradient is several times slower than plain products.
    scores = (query @ key.transpose(-1, -2)) * query.shape[-1] ** -0.5
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    weights = scores.softmax(dim=-1).to(value.dtype)
    return (F.dropout(weights, dropout) if dropout else weights) @ value
