"""The picture tower of an encoder as the vision transformer of a video LLM, up to rounding.

CLIP's keys have a bias, which adds the same to all scores of a query and so changes no attention;
EVA's layout has no place for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import MissingPartError
from whenabouts.models.sizes import ClipSizes
from whenabouts.models.video_llm_sizes import VitSizes
from whenabouts.weights.folder import WEIGHTS, read_settings, read_tensors

if TYPE_CHECKING:
    from torch import Tensor

_TOWER = "clip.visual."
_BLOCK = "transformer.resblocks."
_NAMES = {
    "conv1.weight": "vision.patch_embed.proj.weight",
    "class_embedding": "vision.cls_token",
    "positional_embedding": "vision.pos_embed",
    "ln_pre.weight": "vision.norm.weight",
    "ln_pre.bias": "vision.norm.bias",
    "ln_post.weight": "vision_norm.weight",
    "ln_post.bias": "vision_norm.bias",
}
_BLOCK_NAMES = {
    "ln_1": "norm1",
    "ln_2": "norm2",
    "attn.out_proj": "attn.proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}


def vit_sizes(clip: ClipSizes) -> VitSizes:
    """The sizes of CLIP's picture tower."""
    return VitSizes(
        image_px=clip.image_px,
        patch_px=clip.patch_px,
        width=clip.vision_width,
        layers=clip.vision_layers,
        heads=clip.vision_heads,
        feed_width=4 * clip.vision_width,
        pre_norm=True,
        activation=clip.activation,
    )


def read_vision(folder: Path) -> tuple[VitSizes, dict[str, Tensor]]:
    """Sizes and weights, by the names of a `VideoLlm`, of the picture tower of an encoder."""
    settings = read_settings(folder)
    if settings.sizes is None or not (folder / WEIGHTS).is_file():
        raise MissingPartError(
            f"{folder} has no weights for training, only ONNX networks for use; take an encoder "
            "that `whenabouts convert` made of a published checkpoint"
        )
    return vit_sizes(settings.sizes.clip), to_vision(read_tensors(folder / WEIGHTS))


def read_projection(folder: Path) -> Tensor:
    """[W,E]: what takes the class token of an encoder's picture tower to the encoder's space."""
    return read_tensors(folder / WEIGHTS)[f"{_TOWER}proj"]


def to_vision(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a retrieval model's picture tower under the names of a `VideoLlm`."""
    import torch

    found: dict[str, Tensor] = {}
    for name, value in tensors.items():
        inner = name.removeprefix(_TOWER)
        if inner == name or inner == "proj":
            continue
        if inner in _NAMES:
            shape = {"class_embedding": (1, 1, -1), "positional_embedding": (1, *value.shape)}
            found[_NAMES[inner]] = value.reshape(shape.get(inner, value.shape))
            continue
        number, part = inner.removeprefix(_BLOCK).split(".", 1)
        block = f"vision.blocks.{number}."
        if part == "attn.in_proj_weight":
            found[f"{block}attn.qkv.weight"] = value
        elif part == "attn.in_proj_bias":
            query, _, of_value = value.chunk(3)
            found |= {f"{block}attn.q_bias": query, f"{block}attn.v_bias": of_value}
        else:
            layer, kind = part.rsplit(".", 1)
            found[f"{block}{_BLOCK_NAMES[layer]}.{kind}"] = value
    weight = found["vision.patch_embed.proj.weight"]
    found["vision.patch_embed.proj.bias"] = torch.zeros(len(weight), dtype=weight.dtype)
    return found
