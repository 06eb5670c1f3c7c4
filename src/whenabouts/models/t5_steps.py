"""Few steps of T5's decoder, without keys and values of all that the encoder read.

A head scores a position s with q'(K s), which is (K'q)'s, and mixes with V (sum of p s): with fewer
steps than a head is wide it is cheaper to bring the tables to the steps than to every position. The
results are those of the decoder but for the order of sums. Shapes as in `t5`, H heads, w their
width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers.models.t5.modeling_t5 import T5Stack


def few_steps_fit(decoder: T5Stack, states: Tensor, steps: int) -> bool:
    """Whether `few_steps` gives what the decoder gives, and for less.

    Not in training, not with layers in few bits, and not in float16, where the decoder clamps.
    """
    if decoder.training or torch.is_grad_enabled() or steps >= decoder.config.d_kv:
        return False
    kept = {type(layer) for layer in decoder.modules() if hasattr(layer, "in_features")}
    weight = cast(Tensor, cast(Any, decoder.final_layer_norm).weight)
    return kept == {nn.Linear} and weight.dtype == states.dtype != torch.float16


def few_steps(decoder: T5Stack, embedded: Tensor, states: Tensor, mask: Tensor) -> Tensor:
    """Embedded words [N,J,D], given `states` [N,L,D] with `mask` [N,L], to states [N,J,D]."""
    blocks = cast(Any, decoder.block)
    steps = embedded.shape[1]
    later = torch.full((steps, steps), -torch.inf, device=embedded.device).triu(1)
    bias = blocks[0].layer[0].SelfAttention.compute_bias(steps, steps) + later
    x = embedded
    for block in blocks:
        own, crossing, feed = block.layer
        x = x + _own(own.SelfAttention, own.layer_norm(x), bias)
        x = x + _crossing(crossing.EncDecAttention, crossing.layer_norm(x), states, mask)
        x = feed(x)
    return cast(Any, decoder.final_layer_norm)(x)


def _own(attention: Any, x: Tensor, bias: Tensor) -> Tensor:
    """The steps [N,J,D] read one another."""
    query, key, value = (
        layer(x).unflatten(-1, (attention.n_heads, -1)).transpose(1, 2)
        for layer in (attention.q, attention.k, attention.v)
    )
    shares = ((query @ key.transpose(-1, -2)).float() + bias).softmax(dim=-1).to(x.dtype)
    return attention.o((shares @ value).transpose(1, 2).flatten(2))


def _crossing(attention: Any, x: Tensor, states: Tensor, mask: Tensor) -> Tensor:
    """The steps [N,J,D] read `states`."""
    heads, steps = attention.n_heads, x.shape[1]
    keys, values = (layer.weight.unflatten(0, (heads, -1)) for layer in (attention.k, attention.v))
    query = attention.q(x).unflatten(-1, (heads, -1))
    asked = torch.einsum("njhw,hwd->njhd", query, keys).flatten(1, 2)
    scores = (asked @ states.transpose(1, 2)).float()
    scores = scores.masked_fill(mask[:, None] == 0, torch.finfo(scores.dtype).min)
    mixed = (scores.softmax(dim=-1).to(states.dtype) @ states).unflatten(1, (steps, heads))
    return attention.o(torch.einsum("njhd,hwd->njhw", mixed, values).flatten(2))
