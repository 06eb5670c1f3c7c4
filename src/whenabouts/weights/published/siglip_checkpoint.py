"""SigLIP and SigLIP 2 (fixed resolution) as transformers publishes them.

These towers are exported straight from the transformers classes: their attention pooling, tanh GELU
and unmasked text tower share little with CLIP's, we never train them, and an export of the
library's own code cannot differ from it. What comes out is ONNX only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from whenabouts.errors import MissingPartError, WeightsError
from whenabouts.models.tokens import TextTokens, TokenSettings
from whenabouts.weights.folder import TEXT, VISION, EncoderSettings, OnnxNames
from whenabouts.weights.source import Published, read_json, read_pixels

_TEXT_NAMES = OnnxNames(given="ids", vectors="vectors")
_VISION_NAMES = OnnxNames(given="pixels", vectors="vectors")


def is_siglip(source: Path) -> bool:
    """A folder with a SigLIP of either version."""
    config = source / "config.json"
    return config.is_file() and read_json(config).get("model_type") in {"siglip", "siglip2"}


def read_siglip(source: Path) -> Published:
    """A folder that `SiglipModel.save_pretrained` wrote, with its processor beside.

    SigLIP 2 of fixed resolution says `siglip` too; `siglip2` is the one of free resolution.
    """
    config = read_json(source / "config.json")
    vision: dict[str, Any] = config.get("vision_config") or {}
    if config["model_type"] == "siglip2":
        raise WeightsError(
            f"{source} is a SigLIP 2 of free resolution (NaFlex); take one of fixed resolution, "
            "such as google/siglip2-base-patch32-256"
        )
    text: dict[str, Any] = config.get("text_config") or {}
    tokens = read_siglip_tokens(source, int(text.get("max_position_embeddings", 64)))
    settings = EncoderSettings(
        name=source.name,
        pixels=read_pixels(source, int(vision.get("image_size", 224))),
        tokens=tokens.settings,
        vision=_VISION_NAMES,
        text=_TEXT_NAMES,
    )
    limit = settings.tokens.limit
    return Published(settings, tokens, None, lambda folder: _write(source, folder, limit))


def read_siglip_tokens(source: Path, limit: int) -> TextTokens:
    """The tokenizer: texts end with `<eos>` and are always filled up, because padding is read.

    SigLIP 2 (Gemma's vocabulary) lowers the case, the first SigLIP also drops punctuation.
    """
    path = source / "tokenizer.json"
    if not path.is_file():
        raise MissingPartError(
            f"{source} has no tokenizer.json; save one with AutoTokenizer(...).save_pretrained"
        )
    facts: dict[str, Any] = {}
    if (source / "tokenizer_config.json").is_file():
        facts = read_json(source / "tokenizer_config.json")
    if facts.get("padding_side") == "left":
        raise WeightsError(
            f"{source} fills texts up on the left; the released SigLIPs do so on the right, and "
            "read the text off its last place"
        )
    first = facts.get("tokenizer_class") in {"SiglipTokenizer", "SiglipTokenizerFast"}
    bare = TextTokens.read(path, TokenSettings(limit=limit, clean="none"))
    start_id, end_id = bare.around()
    if end_id is None:
        end_id = bare.id_of(_name(facts.get("eos_token", "<eos>" if not first else "</s>")))
    pad_id = bare.id_of(_name(facts.get("pad_token", "<pad>" if not first else "</s>")))
    if end_id is None or pad_id is None:
        raise WeightsError(f"{path} names no end or padding token; texts could not be filled up")
    settings = TokenSettings(
        limit=limit,
        clean="siglip" if first else "lower",
        start_id=start_id,
        end_id=end_id,
        pad_id=pad_id,
        pad="limit",
    )
    return TextTokens.read(path, settings)


def _name(token: Any) -> str:
    """A special token as written in a tokenizer_config.json: text, or an object around it."""
    return str(cast(dict[str, Any], token)["content"]) if isinstance(token, dict) else str(token)


def _write(source: Path, folder: Path, limit: int) -> None:
    """Export both towers from the transformers model."""
    import torch
    from torch import Tensor, nn

    from whenabouts.weights.export import write_onnx

    try:
        from transformers import SiglipModel
    except ImportError as error:
        raise MissingPartError(
            f"SigLIP is exported from transformers ({error}); pip install 'whenabouts[torch]'"
        ) from error
    model: Any = SiglipModel.from_pretrained(
        source, local_files_only=True, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()

    class Pooled(nn.Module):
        """One tower's pooled output at length 1."""

        def __init__(self, tower: nn.Module) -> None:
            super().__init__()
            self.tower = tower

        def forward(self, given: Tensor) -> Tensor:
            """[N,...] to [N,D]."""
            return nn.functional.normalize(self.tower(given).pooler_output, dim=-1)

    side_px = model.config.vision_config.image_size
    batch = torch.export.Dim("batch", min=1, max=1 << 20)
    write_onnx(
        Pooled(model.vision_model),
        (torch.zeros(2, 3, side_px, side_px),),
        folder / VISION,
        names=(["pixels"], ["vectors"]),
        dynamic=({0: batch},),
    )
    write_onnx(
        Pooled(model.text_model),
        (torch.zeros(2, limit, dtype=torch.int64),),
        folder / TEXT,
        names=(["ids"], ["vectors"]),
        dynamic=({0: batch},),
    )
