"""CLIP checkpoints as OpenAI, open_clip and transformers publish them, in our terms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import WeightsError
from whenabouts.models.pixels import CLIP_MEAN, CLIP_STD, PixelSettings
from whenabouts.models.sizes import Activation, ClipSizes, RetrievalSizes
from whenabouts.models.tokens import TextTokens
from whenabouts.weights.folder import EncoderSettings, read_tensors
from whenabouts.weights.published.openai_clip import OPEN_CLIP, OPEN_CLIP_TEXT, OPENAI, TRANSFORMERS
from whenabouts.weights.source import (
    Published,
    read_clip_tokens,
    read_json,
    read_pixels,
    read_shards,
)

if TYPE_CHECKING:
    import torch

_ACTIVATIONS: dict[str, Activation] = {
    "quick_gelu": "quick_gelu",
    "gelu": "gelu",
    "gelu_pytorch_tanh": "gelu_tanh",
}
_EPS = 1e-5
_OPEN_CLIP_STEMS = ("open_clip_model", "open_clip_pytorch_model")
_OPEN_CLIP_VISION = {"image_size", "layers", "width", "patch_size", "head_width", "patch_dropout"}
_OPEN_CLIP_TEXT = {"context_length", "vocab_size", "width", "heads", "layers"}
_OPEN_CLIP_TOKENIZER = {"hf_tokenizer_name", "tokenizer_kwargs"}


def is_openai(source: Path) -> bool:
    """A single weights file."""
    return source.is_file() and source.suffix in {".pt", ".pth", ".bin", ".safetensors"}


def read_openai(source: Path) -> Published:
    """A file in OpenAI's layout: TorchScript archive or state dict."""
    tensors = OPENAI.to_ours(read_tensors(source))
    sizes = ClipSizes.infer(_shapes(tensors))
    tokens = read_clip_tokens(source.parent, sizes.context_tokens)
    pixels = PixelSettings(size_px=sizes.image_px, mean=CLIP_MEAN, std=CLIP_STD)
    return _published(source.stem, sizes, tensors, tokens, pixels)


def is_transformers(source: Path) -> bool:
    """A folder with a transformers CLIP."""
    config = source / "config.json"
    return config.is_file() and read_json(config).get("model_type") == "clip"


def read_transformers(source: Path) -> Published:
    """A folder that `CLIPModel.save_pretrained` wrote, with its processor beside."""
    config = read_json(source / "config.json")
    vision: dict[str, Any] = config.get("vision_config") or {}
    text: dict[str, Any] = config.get("text_config") or {}
    kinds = {vision.get("hidden_act", "quick_gelu"), text.get("hidden_act", "quick_gelu")}
    epsilons = {vision.get("layer_norm_eps", _EPS), text.get("layer_norm_eps", _EPS)}
    if len(kinds) != 1 or not kinds <= _ACTIVATIONS.keys() or epsilons != {_EPS}:
        raise WeightsError(
            f"{source} uses {sorted(kinds)} with LayerNorm eps {sorted(epsilons)}; "
            f"a CLIP of ours has one of {sorted(_ACTIVATIONS)} and {_EPS}"
        )
    tensors = TRANSFORMERS.to_ours(read_shards(source, ("model", "pytorch_model")))
    sizes = ClipSizes.infer(_shapes(tensors), _ACTIVATIONS[kinds.pop()]).model_copy(
        update={
            "vision_heads": vision.get("num_attention_heads", 12),
            "text_heads": text.get("num_attention_heads", 8),
        }
    )
    tokens = read_clip_tokens(source, sizes.context_tokens)
    return _published(source.name, sizes, tensors, tokens, read_pixels(source, sizes.image_px))


def is_open_clip(source: Path) -> bool:
    """A folder that open_clip wrote for the hub; some hold another library's weights besides."""
    return (source / "open_clip_config.json").is_file() and any(
        (source / f"{stem}{suffix}").is_file()
        for stem in _OPEN_CLIP_STEMS
        for suffix in (".safetensors", ".bin")
    )


def read_open_clip(source: Path) -> Published:
    """A folder with `open_clip_config.json`; plain vision and text transformers only."""
    whole = read_json(source / "open_clip_config.json")
    config, fit = whole["model_cfg"], whole.get("preprocess_cfg", {})
    vision, text = config["vision_cfg"], config["text_cfg"]
    odd = (vision.keys() - _OPEN_CLIP_VISION) | (
        text.keys() - _OPEN_CLIP_TEXT - _OPEN_CLIP_TOKENIZER
    )
    if odd:
        raise WeightsError(
            f"{source} has towers with {sorted(odd)}; of open_clip only plain vision and text "
            "transformers are read, take the transformers version of this model"
        )
    stored = read_shards(source, _OPEN_CLIP_STEMS)
    table = OPEN_CLIP_TEXT if "text.positional_embedding" in stored else OPEN_CLIP
    tensors = table.to_ours(stored)
    activation: Activation = "quick_gelu" if config.get("quick_gelu") else "gelu"
    sizes = ClipSizes.infer(_shapes(tensors), activation).model_copy(
        update={
            "vision_heads": vision["width"] // vision.get("head_width", 64),
            "text_heads": text["heads"],
        }
    )
    pixels = PixelSettings(
        size_px=sizes.image_px,
        fit="squash" if fit.get("resize_mode") == "squash" else "crop",
        resample=fit.get("interpolation", "bicubic"),
        mean=fit.get("mean", CLIP_MEAN),
        std=fit.get("std", CLIP_STD),
    )
    tokens = read_clip_tokens(source, sizes.context_tokens)
    return _published(source.name, sizes, tensors, tokens, pixels)


def _published(
    name: str,
    sizes: ClipSizes,
    tensors: Mapping[str, torch.Tensor],
    tokens: TextTokens,
    pixels: PixelSettings,
) -> Published:
    """A plain CLIP as a retrieval model that compares one vector a text."""
    from whenabouts.models.retrieval import RetrievalModel
    from whenabouts.weights.export import export
    from whenabouts.weights.rename import load_strictly

    if tokens.vocab_tokens > sizes.vocab_tokens:
        raise WeightsError(
            f"the tokenizer of {name} has {tokens.vocab_tokens} tokens, its network only "
            f"{sizes.vocab_tokens}; they do not belong together"
        )
    whole = RetrievalSizes(clip=sizes, interaction="dp")
    model = RetrievalModel(whole)
    named = {f"clip.{key}": value.float() for key, value in tensors.items()}
    load_strictly(model, named, name)
    settings = EncoderSettings(name=name, pixels=pixels, tokens=tokens.settings, sizes=whole)
    return Published(settings, tokens, named, lambda folder: export(model, folder))


def _shapes(tensors: Mapping[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in tensors.items()}
