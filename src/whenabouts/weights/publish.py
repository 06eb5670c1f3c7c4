"""Our folder back into the published layouts, so that other programs can read a trained model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.sizes import ClipSizes
from whenabouts.models.tokens import TokenSettings
from whenabouts.weights import folder as ours
from whenabouts.weights.folder import EncoderSettings

if TYPE_CHECKING:
    import torch

HEAD = "retrieval_head.safetensors"
_EMBEDDING = "token_embedding.weight"
_MISREAD_END = 2
_RESAMPLE = {"lanczos": 1, "bilinear": 2, "bicubic": 3}
_ACTIVATIONS = {"quick_gelu": "quick_gelu", "gelu": "gelu", "gelu_tanh": "gelu_pytorch_tanh"}


def to_transformers(folder: Path, target: Path) -> tuple[str, ...]:
    """Write a checkpoint folder of ours as one that `CLIPModel.from_pretrained` reads.

    Token weights, frame mixer and cross transformer have no place in it: they go to
    `retrieval_head.safetensors` beside, under DRL's names. Returns the names of the files.
    """
    from safetensors.torch import save_file

    from whenabouts.weights.published.drl import DRL
    from whenabouts.weights.published.openai_clip import TRANSFORMERS

    if target.exists() and any(target.iterdir()):
        raise InputError(f"{target} has files in it; name a new folder")
    settings = ours.read_settings(folder)
    if settings.sizes is None:
        raise WeightsError(f"{folder} has no weights, only ONNX networks; nothing to export")
    tensors = {n: v.float() for n, v in ours.read_tensors(folder / ours.WEIGHTS).items()}
    towers = {n.removeprefix("clip."): v for n, v in tensors.items() if n.startswith("clip.")}
    head = {name: value for name, value in tensors.items() if not name.startswith("clip.")}
    target.mkdir(parents=True, exist_ok=True)
    framed = _write_tokens(folder, settings, target / ours.TOKENIZER)
    if framed.end_id != settings.tokens.end_id:
        towers[_EMBEDDING] = _swapped(
            towers[_EMBEDDING], settings.tokens.end_id or 0, framed.end_id or 0
        )
    save_file(TRANSFORMERS.to_theirs(towers), target / "model.safetensors", {"format": "pt"})
    if head:
        save_file(_contiguous(DRL.to_theirs(head)), target / HEAD, {"format": "pt"})
    _write(target / "config.json", _config(settings.sizes.clip, framed.start_id, framed.end_id))
    _write(target / "preprocessor_config.json", _processor(settings.pixels))
    return tuple(sorted(path.name for path in target.iterdir()))


def _config(sizes: ClipSizes, start_id: int | None, end_id: int | None) -> dict[str, Any]:
    """What transformers wants to know of the towers."""
    activation = _ACTIVATIONS[sizes.activation]
    return {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": sizes.embed_width,
        "text_config": {
            "hidden_act": activation,
            "hidden_size": sizes.text_width,
            "intermediate_size": 4 * sizes.text_width,
            "num_hidden_layers": sizes.text_layers,
            "num_attention_heads": sizes.text_heads,
            "max_position_embeddings": sizes.context_tokens,
            "vocab_size": sizes.vocab_tokens,
            "projection_dim": sizes.embed_width,
            "bos_token_id": start_id,
            "eos_token_id": end_id,
        },
        "vision_config": {
            "hidden_act": activation,
            "hidden_size": sizes.vision_width,
            "intermediate_size": 4 * sizes.vision_width,
            "num_hidden_layers": sizes.vision_layers,
            "num_attention_heads": sizes.vision_heads,
            "image_size": sizes.image_px,
            "patch_size": sizes.patch_px,
            "projection_dim": sizes.embed_width,
        },
    }


def _processor(pixels: PixelSettings) -> dict[str, Any]:
    """How transformers is to prepare pictures."""
    side = {"height": pixels.size_px, "width": pixels.size_px}
    crops = pixels.fit == "crop"
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": pixels.size_px} if crops else side,
        "resample": _RESAMPLE[pixels.resample],
        "do_center_crop": crops,
        "crop_size": side,
        "do_convert_rgb": True,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(pixels.mean),
        "image_std": list(pixels.std),
    }


def _write_tokens(folder: Path, settings: EncoderSettings, path: Path) -> TokenSettings:
    """Write a tokenizer that itself puts start and end around a text, as others expect.

    An end token of id 2 changes places with the last id: of networks with that id transformers
    believes that they end a text with the largest one.
    """
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    framed = settings.tokens
    values = json.loads((folder / ours.TOKENIZER).read_text(encoding="utf-8"))
    if framed.end_id == _MISREAD_END:
        vocab: dict[str, int] = values["model"]["vocab"]
        added: list[dict[str, Any]] = values["added_tokens"]
        last = max(*vocab.values(), *(token["id"] for token in added))
        other = {_MISREAD_END: last, last: _MISREAD_END}
        values["model"]["vocab"] = {word: other.get(i, i) for word, i in vocab.items()}
        for token in added:
            token["id"] = other.get(token["id"], token["id"])
        added.sort(key=lambda token: token["id"])
        framed = framed.model_copy(update={"end_id": last})
    inner = Tokenizer.from_str(json.dumps(values))
    around = [i for i in (framed.start_id, framed.end_id) if i is not None]
    words = {i: word for i in around if (word := inner.id_to_token(i))}
    before = [words[framed.start_id]] if framed.start_id is not None else []
    after = [words[framed.end_id]] if framed.end_id is not None else []
    inner.post_processor = TemplateProcessing(
        single=" ".join([*before, "$A", *after]),
        special_tokens=[(word, i) for i, word in words.items()],
    )
    inner.save(str(path))
    return framed


def _swapped(rows: torch.Tensor, one: int, other: int) -> torch.Tensor:
    """The table with two rows in each other's place."""
    changed = rows.clone()
    changed[one], changed[other] = rows[other], rows[one]
    return changed


def _contiguous(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.contiguous() for name, value in tensors.items()}


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
