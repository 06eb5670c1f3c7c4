"""Linear layers with eight or four bits a weight, for machines with little memory.

Weights are stored small and made wide again for each product: half or a quarter of the memory of
bfloat16, at some cost in speed. They cannot be trained; LoRA beside them can.
"""

from __future__ import annotations

from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import InputError

Bits = Literal[8, 4]
_GROUP = 64
"""Weights that share one scale, with four bits; with eight it is a whole row."""


class QuantisedLinear(nn.Module):
    """y = x W' + b with W as whole numbers and scales."""

    def __init__(self, layer: nn.Linear, bits: Bits) -> None:
        super().__init__()
        self.bits = bits
        self.in_features, self.out_features = layer.in_features, layer.out_features
        weight = layer.weight.detach().float()
        group = layer.in_features if bits == 8 else _GROUP
        if layer.in_features % group:
            raise InputError(f"{layer.in_features} inputs do not divide into groups of {group}")
        grouped = weight.unflatten(1, (-1, group))
        most = 2 ** (bits - 1) - 1
        scales = grouped.abs().amax(dim=-1, keepdim=True).clamp_min(1e-8) / most
        whole = (grouped / scales).round().clamp(-most, most).flatten(1).to(torch.int8)
        self.register_buffer("scales", scales[..., 0].to(layer.weight.dtype))
        self.register_buffer("whole", whole if bits == 8 else _pack(whole))
        bias = cast("Tensor | None", layer.bias)
        self.register_buffer("bias", None if bias is None else bias.detach())

    @property
    def weight(self) -> Tensor:
        """The weights made wide again, [out,in]; other code asks it for dtype and device."""
        scales = cast(Tensor, self.scales)
        whole = cast(Tensor, self.whole)
        numbers = whole if self.bits == 8 else _unpack(whole)
        wide = numbers.to(scales.dtype).unflatten(1, (scales.shape[1], -1)) * scales[..., None]
        return wide.flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to the last axis."""
        weight = self.weight
        return F.linear(x.to(weight.dtype), weight, cast("Tensor | None", self.bias))


def quantise(module: nn.Module, bits: Bits, skip: tuple[str, ...] = (), device: str = "") -> int:
    """Replace every linear layer below `module` but those named; returns how many there were.

    LoRA matrices stay as they are, the layer that they lie beside is replaced. With `device` each
    layer goes there to be made small, one by one, so that all of them never lie there as they were.
    """
    count = 0
    for name, child in list(module.named_children()):
        if name in skip or name.startswith("lora_"):
            continue
        if isinstance(child, nn.Linear):
            moved = child.to(device) if device else child
            setattr(module, name, QuantisedLinear(moved, bits))
            count += 1
        else:
            count += quantise(child, bits, skip, device)
    return count


def _pack(whole: Tensor) -> Tensor:
    """int8 in [-7, 7], [out,in], to two in a byte, [out,in/2]."""
    low, high = (whole + 8).to(torch.uint8).unflatten(1, (-1, 2)).unbind(-1)
    return low | (high << 4)


def _unpack(packed: Tensor) -> Tensor:
    """The inverse of `_pack`."""
    both = torch.stack([packed & 15, packed >> 4], dim=-1)
    return both.flatten(1).to(torch.int8) - 8
