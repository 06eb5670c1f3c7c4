"""The folder of a SeViLA: `settings.toml`, `model.safetensors` (or parts), `tokenizer.json`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import VersionError, WeightsError
from whenabouts.models.sevila_settings import FORMAT, KIND, SevilaSettings
from whenabouts.weights.draft import drafted
from whenabouts.weights.parts import Precision, fill_network, read_parts, sampled_hash, save_parts

if TYPE_CHECKING:
    import torch

    from whenabouts.models.sevila import Sevila
    from whenabouts.models.t5_tokens import T5Tokens

SETTINGS = "settings.toml"
TOKENIZER = "tokenizer.json"
_SEEN = {"frames", "pixels", "sizes"}
"""Settings that change what is kept of a video."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenSevila:
    """A SeViLA ready for use or training."""

    model: Sevila
    settings: SevilaSettings
    tokens: T5Tokens


def is_sevila(folder: Path) -> bool:
    """Whether a folder says that it is one."""
    try:
        with (folder / SETTINGS).open("rb") as file:
            return tomllib.load(file).get("kind") == KIND
    except (OSError, tomllib.TOMLDecodeError):
        return False


def read_sevila_settings(folder: Path) -> SevilaSettings:
    """Settings of a SeViLA's folder."""
    path = folder / SETTINGS
    if not is_sevila(folder):
        raise WeightsError(
            f"{folder} is no SeViLA of ours; `whenabouts convert sevila` makes one of the "
            "published files, `whenabouts train` a new one"
        )
    settings = SevilaSettings.read(path)
    if settings.format > FORMAT:
        raise VersionError(
            f"{path} has format {settings.format}, this program reads up to {FORMAT}; "
            "upgrade whenabouts"
        )
    return settings


def open_sevila(folder: Path, precision: Precision = "stored", device: str = "cpu") -> OpenSevila:
    """Read a folder; every weight must be there and have its shape."""
    from whenabouts.models.t5_tokens import T5Tokens

    settings = read_sevila_settings(folder)
    model = build_empty(settings)
    fill(model, read_parts(folder), str(folder), precision, device)
    return OpenSevila(model.eval(), settings, T5Tokens.read(folder / TOKENIZER))


def fingerprint(folder: Path) -> str:
    """SHA-256 of what changes what is kept of a video: sizes, frames, samples of the weights."""
    about = read_sevila_settings(folder).model_dump_json(include=_SEEN)
    return sampled_hash(folder, about)


def build_empty(settings: SevilaSettings) -> Sevila:
    """The network without memory for its weights."""
    import torch

    from whenabouts.models.sevila import Sevila

    with torch.device("meta"):
        return Sevila(settings.sizes)


def fill(
    model: Sevila,
    tensors: dict[str, torch.Tensor],
    source: str,
    precision: Precision = "stored",
    device: str = "cpu",
) -> None:
    """Give a network on the meta device its weights; `tensors` is emptied on the way."""
    fill_network(model, tensors, source, precision, device, head="head")


def save_sevila(
    folder: Path,
    settings: SevilaSettings,
    tensors: Mapping[str, torch.Tensor],
    tokens: T5Tokens,
) -> None:
    """Write a folder; it appears whole or not at all, replacing an older one."""
    with drafted(folder) as draft:
        (draft / SETTINGS).write_text(settings.to_toml(), encoding="utf-8")
        tokens.save(draft / TOKENIZER)
        save_parts(draft, tensors)
