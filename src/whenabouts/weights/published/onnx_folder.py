"""Hub folders that bring their towers as ONNX: used as they are, no torch needed.

Both towers are separate files with the names that transformers' exporters give them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from whenabouts.errors import WeightsError
from whenabouts.models.onnx import Network
from whenabouts.models.tokens import TextTokens
from whenabouts.weights.folder import TEXT, VISION, EncoderSettings, OnnxNames
from whenabouts.weights.published.siglip_checkpoint import read_siglip_tokens
from whenabouts.weights.source import Published, read_clip_tokens, read_json, read_pixels

_PLACES = ("onnx", ".")
_VISION_FILE, _TEXT_FILE = "vision_model.onnx", "text_model.onnx"
_VECTORS = ("image_embeds", "text_embeds", "pooler_output")


def is_onnx(source: Path) -> bool:
    """A folder with a picture tower and a text tower as ONNX."""
    return source.is_dir() and _place(source) is not None


def read_onnx(source: Path) -> Published:
    """Settings around the networks; the files are copied (or linked) unchanged."""
    config = read_json(source / "config.json")
    place = _place(source) or source
    text_facts: dict[str, Any] = config.get("text_config") or {}
    vision_facts: dict[str, Any] = config.get("vision_config") or {}
    is_clip = config.get("model_type") == "clip"
    limit = int(text_facts.get("max_position_embeddings", 77 if is_clip else 64))
    tokens: TextTokens = (
        read_clip_tokens(source, limit) if is_clip else read_siglip_tokens(source, limit)
    )
    size_px = int(vision_facts.get("image_size", 224))
    settings = EncoderSettings(
        name=source.name,
        pixels=read_pixels(source, size_px),
        tokens=tokens.settings,
        vision=_names(place / _VISION_FILE),
        text=_names(place / _TEXT_FILE),
    )
    return Published(settings, tokens, None, lambda folder: _copy(place, folder))


def _place(source: Path) -> Path | None:
    """The sub-folder with both networks."""
    for name in _PLACES:
        place = source / name
        if (place / _VISION_FILE).is_file() and (place / _TEXT_FILE).is_file():
            return place
    return None


def _names(path: Path) -> OnnxNames:
    """What the tensors of one network are called."""
    network = Network(path, device="cpu")
    found = [name for name in _VECTORS if name in network.outputs]
    given = [name for name in network.inputs if name in {"pixel_values", "input_ids"}]
    if not found or len(given) != 1:
        raise WeightsError(
            f"{path} takes {network.inputs} and gives {network.outputs}; expected pixel_values or "
            f"input_ids, and one of {_VECTORS}"
        )
    mask = "attention_mask" if "attention_mask" in network.inputs else ""
    return OnnxNames(given=given[0], mask=mask, vectors=found[0])


def _copy(place: Path, folder: Path) -> None:
    """Bring both networks; big ones keep their data in a second file, found by its name."""
    for source, target in ((_VISION_FILE, VISION), (_TEXT_FILE, TEXT)):
        _link(place / source, folder / target)
        for data in place.glob(f"{source}*data*"):
            _link(data, folder / data.name)


def _link(source: Path, target: Path) -> None:
    """A second name for the same bytes where the file system can, else a copy."""
    real = source.resolve()
    try:
        os.link(real, target)
    except OSError:
        shutil.copyfile(real, target)
