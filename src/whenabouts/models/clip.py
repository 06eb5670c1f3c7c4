"""CLIP: a vision and a text transformer into one space, with per-token outputs.

Parameter names follow the layout of the OpenAI release, so its state dicts load as they are.
Shapes: N pictures, B texts, L tokens, P patches, W tower width, E embedding width.
"""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from whenabouts.errors import InputError
from whenabouts.models.attend import attend
from whenabouts.models.interaction import last_of, row_of
from whenabouts.models.sizes import Activation, ClipSizes

_LOGIT_SCALE_START = math.log(1 / 0.07)


class Norm(nn.LayerNorm):
    """LayerNorm that always computes in float32 and returns the dtype it was given."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalise the last axis."""
        normed = F.layer_norm(
            input.float(), self.normalized_shape, self.weight.float(), self.bias.float(), self.eps
        )
        return normed.to(input.dtype)


class Attention(nn.Module):
    """Multi-head self-attention with one fused input projection (rows q, k, v)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise InputError(f"width {width} does not divide into {heads} heads")
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        nn.init.xavier_uniform_(self.in_proj_weight)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x_NLW: Tensor, mask: Tensor | None, first: int | None = None) -> Tensor:
        """Attend; `mask` is added to the scores, broadcast to [N,heads,L,L].

        With `first`, only that many leading positions ask, so [N,first,W] comes back.
        """
        N, L, W = x_NLW.shape
        if first is None:
            fused = F.linear(x_NLW, self.in_proj_weight, self.in_proj_bias)
            query, key, value = fused.view(N, L, 3, self.heads, W // self.heads).unbind(2)
        else:
            weight_q, weight_kv = self.in_proj_weight.split((W, 2 * W))
            bias_q, bias_kv = self.in_proj_bias.split((W, 2 * W))
            query = F.linear(x_NLW[:, :first], weight_q, bias_q)
            query = query.view(N, first, self.heads, W // self.heads)
            fused = F.linear(x_NLW, weight_kv, bias_kv)
            key, value = fused.view(N, L, 2, self.heads, W // self.heads).unbind(2)
        seen = attend(query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), mask)
        return self.out_proj(seen.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    """Two linear layers, four times wider inside."""

    def __init__(self, width: int, activation: Activation) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)
        self.activation: Activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """Apply to the last axis."""
        return self.c_proj(activate(self.c_fc(x), self.activation))


def activate(x: Tensor, kind: Activation) -> Tensor:
    """The activation of this name, element by element."""
    if kind == "quick_gelu":
        scaled = 1.702 * x
        if torch.is_grad_enabled():
            return x * torch.sigmoid(scaled)
        return scaled.sigmoid_().mul_(x)  # in place: this takes longer to store than to compute
    return F.gelu(x, approximate="tanh" if kind == "gelu_tanh" else "none")


class Block(nn.Module):
    """Pre-norm residual block: attention, then MLP."""

    def __init__(self, width: int, heads: int, activation: Activation, eps: float) -> None:
        super().__init__()
        self.attn = Attention(width, heads)
        self.ln_1 = Norm(width, eps=eps)
        self.mlp = Mlp(width, activation)
        self.ln_2 = Norm(width, eps=eps)

    def forward(self, x: Tensor, mask: Tensor | None, first: int | None = None) -> Tensor:
        """[N,L,W] to [N,L,W], or to [N,first,W]: the same numbers at fewer positions."""
        y = x[:, :first] + self.attn(self.ln_1(x), mask, first)
        return y + self.mlp(self.ln_2(y))


class Transformer(nn.Module):
    """A stack of residual blocks."""

    def __init__(
        self, width: int, layers: int, heads: int, activation: Activation, eps: float = 1e-5
    ) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads, activation, eps) for _ in range(layers))
        self.recompute = False
        """Training keeps no more than the input of each block and runs it again for gradients."""

    def forward(self, x: Tensor, mask: Tensor | None = None, first: int | None = None) -> Tensor:
        """Run all blocks; `first` leaves out what the last block need not compute."""
        again = self.recompute and torch.is_grad_enabled()
        *early, last = self.resblocks
        for block in early:
            x = checkpoint(block, x, mask, use_reentrant=False) if again else block(x, mask)
        if again:
            return checkpoint(last, x, mask, first, use_reentrant=False)
        return last(x, mask, first)

    def initialise(self, generator: torch.Generator) -> None:
        """Random start: input layers by width, residual outputs also by depth."""
        for module in self.resblocks:
            block = cast(Block, module)
            width = block.attn.out_proj.in_features
            spread = width**-0.5
            thin = spread * (2 * len(self.resblocks)) ** -0.5
            for weight, std in (
                (block.attn.in_proj_weight, spread),
                (block.attn.out_proj.weight, thin),
                (block.mlp.c_fc.weight, (2 * width) ** -0.5),
                (block.mlp.c_proj.weight, thin),
            ):
                nn.init.normal_(weight, std=std, generator=generator)
            for bias in (block.attn.in_proj_bias, block.attn.out_proj.bias):
                nn.init.zeros_(bias)
            for bias in (block.mlp.c_fc.bias, block.mlp.c_proj.bias):
                nn.init.zeros_(bias)


class Vision(nn.Module):
    """The picture tower."""

    def __init__(self, sizes: ClipSizes) -> None:
        super().__init__()
        width = sizes.vision_width
        if sizes.image_px % sizes.patch_px:
            raise InputError(f"{sizes.image_px} px do not divide into {sizes.patch_px} px patches")
        self.conv1 = nn.Conv2d(3, width, sizes.patch_px, sizes.patch_px, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros(1 + sizes.patches, width))
        self.ln_pre = Norm(width)
        self.transformer = Transformer(
            width, sizes.vision_layers, sizes.vision_heads, sizes.activation
        )
        self.ln_post = Norm(width)
        self.proj = nn.Parameter(torch.zeros(width, sizes.embed_width))

    def forward(self, pixels: Tensor, first: int | None = None) -> Tensor:
        """Prepared `pixels` [N,3,S,S] to projected tokens [N,1+P,E], the class token first."""
        x = self.conv1(pixels.to(self.conv1.weight.dtype)).flatten(2).transpose(1, 2)
        start = self.class_embedding.to(x.dtype).expand(x.shape[0], 1, -1)
        x = torch.cat([start, x], dim=1) + self.positional_embedding.to(x.dtype)
        x = self.transformer(self.ln_pre(x), first=first)
        return self.ln_post(x) @ self.proj


class Clip(nn.Module):
    """Two towers into one space.

    Features come back raw: callers normalise, because token weights read the raw ones.
    """

    def __init__(self, sizes: ClipSizes) -> None:
        super().__init__()
        self.sizes = sizes
        width = sizes.text_width
        self.visual = Vision(sizes)
        self.transformer = Transformer(width, sizes.text_layers, sizes.text_heads, sizes.activation)
        self.token_embedding = nn.Embedding(sizes.vocab_tokens, width)
        self.positional_embedding = nn.Parameter(torch.zeros(sizes.context_tokens, width))
        self.ln_final = Norm(width)
        self.text_projection = nn.Parameter(torch.zeros(width, sizes.embed_width))
        self.logit_scale = nn.Parameter(torch.tensor(_LOGIT_SCALE_START))

    def initialise(self, generator: torch.Generator) -> None:
        """Random start for training from nothing, as in the CLIP paper's release."""
        visual, sizes = self.visual, self.sizes
        for weight, std in (
            (visual.class_embedding, sizes.vision_width**-0.5),
            (visual.positional_embedding, sizes.vision_width**-0.5),
            (visual.proj, sizes.vision_width**-0.5),
            (visual.conv1.weight, (3 * sizes.patch_px**2) ** -0.5),
            (self.token_embedding.weight, 0.02),
            (self.positional_embedding, 0.01),
            (self.text_projection, sizes.text_width**-0.5),
        ):
            nn.init.normal_(weight, std=std, generator=generator)
        visual.transformer.initialise(generator)
        self.transformer.initialise(generator)

    def image_tokens(self, pixels: Tensor) -> Tensor:
        """Prepared `pixels` [N,3,S,S] to [N,1+P,E], class token first, not normalised."""
        return self.visual(pixels)

    def image(self, pixels: Tensor) -> Tensor:
        """Prepared `pixels` [N,3,S,S] to the class token [N,E]; skips what it does not need."""
        return self.visual(pixels, first=1)[:, 0]

    def text_tokens(self, ids: Tensor) -> Tensor:
        """`ids` int64 [B,L], L at most the context, to [B,L,E], not normalised.

        The mask is causal, so padding behind a text never changes its tokens.
        """
        L = ids.shape[1]
        if self.sizes.context_tokens < L:
            raise InputError(
                f"text of {L} tokens, but the context is {self.sizes.context_tokens}; cut it first"
            )
        dtype = self.text_projection.dtype
        x = self.token_embedding(ids).to(dtype) + self.positional_embedding[:L].to(dtype)
        causal = torch.full((L, L), -math.inf, dtype=dtype, device=ids.device).triu(1)
        return self.ln_final(self.transformer(x, causal)) @ self.text_projection

    def text(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """`ids` int64 [B,L] to the end token [B,E]."""
        return end_token(self.text_tokens(ids), ids, mask)


def end_token(tokens_BLE: Tensor, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    """The token at the end of each text, [B,E]: the last one of `mask`, else the largest id."""
    return row_of(tokens_BLE, ids.argmax(dim=1)) if mask is None else last_of(tokens_BLE, mask)
