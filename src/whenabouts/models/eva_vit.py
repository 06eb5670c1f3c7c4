"""The EVA vision transformer of BLIP-2 and its relatives: every token of its last block.

Source: EVA-CLIP, https://arxiv.org/abs/2211.07636. Pre-norm, no norm behind the last block, no
head. Shapes: N pictures, P patches, W width.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from whenabouts.errors import InputError
from whenabouts.models.attend import attend
from whenabouts.models.clip import Norm, activate
from whenabouts.models.sizes import Activation
from whenabouts.models.video_llm_sizes import VitSizes

_EPS, _CLIP_EPS = 1e-6, 1e-5


class Patches(nn.Module):
    """Pictures cut into squares."""

    def __init__(self, width: int, patch_px: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch_px, patch_px)

    def forward(self, pixels: Tensor) -> Tensor:
        """[N,3,S,S] to [N,P,W], row by row."""
        return self.proj(pixels.to(self.proj.weight.dtype)).flatten(2).transpose(1, 2)


class EvaAttention(nn.Module):
    """Self-attention whose queries and values have a bias and whose keys have none."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(width))
        self.v_bias = nn.Parameter(torch.zeros(width))
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[N,L,W] to [N,L,W]."""
        bias = torch.cat([self.q_bias, torch.zeros_like(self.v_bias), self.v_bias]).to(x.dtype)
        qkv = F.linear(x, self.qkv.weight, bias).unflatten(-1, (3, self.heads, -1))
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        return self.proj(attend(query, key, value).transpose(1, 2).flatten(2))


class EvaMlp(nn.Module):
    """Two linear layers with an activation between, EVA's being the exact GELU."""

    def __init__(self, sizes: VitSizes) -> None:
        super().__init__()
        self.fc1 = nn.Linear(sizes.width, sizes.feed_width)
        self.fc2 = nn.Linear(sizes.feed_width, sizes.width)
        self.activation: Activation = sizes.activation

    def forward(self, x: Tensor) -> Tensor:
        """Apply to the last axis."""
        return self.fc2(activate(self.fc1(x), self.activation))


class EvaBlock(nn.Module):
    """Attention, then MLP, each added to what came in."""

    def __init__(self, sizes: VitSizes) -> None:
        super().__init__()
        eps = _CLIP_EPS if sizes.pre_norm else _EPS
        self.norm1 = Norm(sizes.width, eps=eps)
        self.attn = EvaAttention(sizes.width, sizes.heads)
        self.norm2 = Norm(sizes.width, eps=eps)
        self.mlp = EvaMlp(sizes)

    def forward(self, x: Tensor) -> Tensor:
        """[N,L,W] to [N,L,W]."""
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class EvaVit(nn.Module):
    """Pictures to tokens, the class token first."""

    def __init__(self, sizes: VitSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.patch_embed = Patches(sizes.width, sizes.patch_px)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, sizes.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + sizes.side**2, sizes.width))
        self.norm = Norm(sizes.width, eps=_CLIP_EPS) if sizes.pre_norm else None
        """In front of the blocks."""
        self.blocks = nn.ModuleList(EvaBlock(sizes) for _ in range(sizes.layers))
        self.recompute = False
        """Training keeps no more than the input of each block and runs it again for gradients."""

    def forward(self, pixels: Tensor) -> Tensor:
        """Prepared `pixels` [N,3,S,S] to [N,1+P,W]."""
        side_px = self.sizes.image_px
        if tuple(pixels.shape[-2:]) != (side_px, side_px):
            raise InputError(
                f"pictures are {tuple(pixels.shape[-2:])} px, the network takes {side_px} x "
                f"{side_px}; prepare them with its pixel settings"
            )
        x = self.patch_embed(pixels)
        start = self.cls_token.to(x.dtype).expand(x.shape[0], -1, -1)
        x = torch.cat([start, x], dim=1) + self.pos_embed.to(x.dtype)
        x = x if self.norm is None else self.norm(x)
        again = self.recompute and torch.is_grad_enabled()
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False) if again else block(x)
        return x

    def initialise(self, generator: torch.Generator) -> None:
        """Random start: truncated normal, residual outputs thinner with depth."""
        for name, weight in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(weight)
            elif "norm" not in name:
                nn.init.trunc_normal_(weight, std=0.02, generator=generator)
        with torch.no_grad():
            for index, module in enumerate(self.blocks, start=1):
                block = cast(EvaBlock, module)
                for layer in (block.attn.proj, block.mlp.fc2):
                    layer.weight.div_((2 * index) ** 0.5)


def resize_positions(table: Tensor, side: int) -> Tensor:
    """A position table [1,1+g*g,W] for another grid: [1,1+side*side,W], bicubic."""
    first, grid = table[:, :1], table[:, 1:]
    old = round(grid.shape[1] ** 0.5)
    if old * old != grid.shape[1]:
        raise InputError(f"a position table of {grid.shape[1]} patches is no square grid")
    if old == side:
        return table
    square = grid.unflatten(1, (old, old)).permute(0, 3, 1, 2).float()
    resized = F.interpolate(square, size=(side, side), mode="bicubic", align_corners=False)
    return torch.cat([first, resized.flatten(2).transpose(1, 2).to(table.dtype)], dim=1)
