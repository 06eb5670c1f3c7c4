"""Encoding a large batch in the memory of a small one.

A contrastive loss needs the features of the whole batch at once, but not what lies between pixels
and features. So each chunk is encoded without keeping that, the loss is taken over all features,
and when the gradient of a chunk's features is known the chunk is encoded once more. The gradients
are those of encoding all at once; the price is one more forward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint


def encode_in_chunks(encode: Callable[..., Tensor], inputs: Sequence[Tensor], chunk: int) -> Tensor:
    """`encode(*inputs)` by so many rows at a time; 0 or no gradient wanted: all in one go."""
    rows = len(inputs[0])
    if not chunk or rows <= chunk or not torch.is_grad_enabled():
        return encode(*inputs)
    parts: list[Tensor] = []
    for start in range(0, rows, chunk):
        some = [value[start : start + chunk] for value in inputs]
        made = checkpoint(encode, *some, use_reentrant=False)
        assert isinstance(made, Tensor)
        parts.append(made)
    return torch.cat(parts)
