"""What a reader of a published checkpoint hands over, and what such readers share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from whenabouts.errors import MissingPartError, WeightsError
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.tokens import (
    CLIP_END,
    CLIP_START,
    TextTokens,
    TokenSettings,
    clip_tokens,
)
from whenabouts.weights.folder import TOKENIZER, EncoderSettings, read_tensors

if TYPE_CHECKING:
    import torch

MERGES = "bpe_simple_vocab_16e6.txt.gz"
_RESAMPLE: dict[int, Literal["bicubic", "bilinear", "lanczos"]] = {
    1: "lanczos",
    2: "bilinear",
    3: "bicubic",
}


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A published checkpoint in our terms, ready to be saved."""

    settings: EncoderSettings
    tokens: TextTokens
    tensors: Mapping[str, torch.Tensor] | None
    """Of a `RetrievalModel`; None where only ONNX comes out."""
    write: Callable[[Path], None]
    """Writes `vision.onnx` and `text.onnx` into a folder."""


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(f"cannot read {path}: {error}") from error
    if not isinstance(loaded, dict):
        raise WeightsError(f"{path} holds no JSON object")
    return cast(dict[str, Any], loaded)


def read_shards(folder: Path, stems: tuple[str, ...]) -> dict[str, torch.Tensor]:
    """All tensors of a folder: the first stem found, whole or in shards, safetensors first."""
    for suffix in (".safetensors", ".bin"):
        for stem in stems:
            whole, index = folder / f"{stem}{suffix}", folder / f"{stem}{suffix}.index.json"
            if whole.is_file():
                return read_tensors(whole)
            if index.is_file():
                names: dict[str, str] = read_json(index)["weight_map"]
                tensors: dict[str, torch.Tensor] = {}
                for name in sorted(set(names.values())):
                    tensors |= read_tensors(folder / Path(name).name)
                return tensors
    tried = ", ".join(f"{stem}.safetensors" for stem in stems)
    raise WeightsError(f"{folder} has no weights ({tried})")


def read_pixels(folder: Path, size_px: int) -> PixelSettings:
    """How the processor files of a transformers folder prepare pictures."""
    nested, plain = folder / "processor_config.json", folder / "preprocessor_config.json"
    values: dict[str, Any] = {}
    if plain.is_file():
        values = read_json(plain)
    elif nested.is_file():
        values = read_json(nested).get("image_processor", {})
    if not values:
        raise WeightsError(f"{folder} has no preprocessor_config.json; its input is unknown")
    size: Any = values.get("size")
    crops = bool(values.get("do_center_crop", False))
    sides = {size} if isinstance(size, int) else set(cast(dict[str, int], size or {}).values())
    cut: Any = values.get("crop_size", {})
    if crops:
        sides |= {cut} if isinstance(cut, int) else set(cast(dict[str, int], cut).values())
    if sides != {size_px}:
        raise WeightsError(
            f"{folder} prepares pictures to {sorted(sides)} px, but its network takes {size_px}"
        )
    return PixelSettings(
        size_px=size_px,
        fit="crop" if crops else "squash",
        resample=_RESAMPLE[int(values.get("resample", 3))],
        mean=values["image_mean"],
        std=values["image_std"],
    )


def read_clip_tokens(folder: Path, limit: int) -> TextTokens:
    """CLIP's tokenizer: the one in the folder, else CLIP's merges as open_clip ships them."""
    if (folder / TOKENIZER).is_file():
        return _read_around(folder / TOKENIZER, limit)
    spec = find_spec("open_clip")
    beside = [folder / "merges.txt", folder / MERGES]
    if spec is not None and spec.origin is not None:
        beside.append(Path(spec.origin).with_name(MERGES))
    for path in beside:
        if path.is_file():
            return clip_tokens(path, limit)
    raise MissingPartError(
        f"{folder} has no tokenizer; put CLIP's {MERGES} beside the weights, "
        "or pip install open_clip_torch, which carries it"
    )


def _read_around(path: Path, limit: int) -> TextTokens:
    """A tokenizer.json with the start and end that it puts around texts."""
    bare = TextTokens.read(path, TokenSettings(limit=limit))
    start_id, end_id = bare.around()
    if start_id is None:
        start_id = bare.id_of(CLIP_START)
    if end_id is None:
        end_id = bare.id_of(CLIP_END)
    if end_id is None:
        raise WeightsError(f"{path} names no end token, where CLIP reads a text off")
    settings = TokenSettings(limit=limit, start_id=start_id, end_id=end_id)
    return TextTokens.read(path, settings)
