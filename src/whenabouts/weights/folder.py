"""Our only checkpoint format: a folder.

`settings.toml`     what the network is and how its input is made
`model.safetensors` weights for further training (absent where a network came as ONNX only)
`tokenizer.json`    words to ids
`vision.onnx`, `text.onnx`  the two towers for use; big ones have their data in a file beside
`digests.json`      checksums of big files, so that opening need not read them again
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from whenabouts.errors import MissingPartError, VersionError, WeightsError
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.sizes import RetrievalSizes
from whenabouts.models.tokens import TextTokens, TokenSettings
from whenabouts.settings import Settings
from whenabouts.weights.draft import drafted

if TYPE_CHECKING:
    import torch

    from whenabouts.models.retrieval import RetrievalModel

FORMAT = 1
SETTINGS = "settings.toml"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
VISION = "vision.onnx"
TEXT = "text.onnx"
DIGESTS = "digests.json"
FILES = frozenset({".pt", ".pth", ".bin", ".safetensors"})
"""Endings of files with weights."""
_BIG_BYTES = 32 << 20
"""Smaller files are read in less time than it takes to notice."""


class OnnxNames(Settings):
    """Names of the tensors of one ONNX file; empty where it has no such tensor."""

    given: str
    """The pictures or the ids."""
    mask: str = ""
    vectors: str
    """[N,D], or [B,L,D] for texts token by token."""
    logits: str = ""


class EncoderSettings(Settings):
    """What stands in `settings.toml`."""

    format: int = FORMAT
    name: str
    """For people."""
    source: str = ""
    """Where the weights come from."""
    licence: str = ""
    languages: tuple[str, ...] = ("en",)
    rate_hz: float = Field(default=1.0, gt=0)
    """Frames a second it wants to see."""
    pixels: PixelSettings
    tokens: TokenSettings
    sizes: RetrievalSizes | None = None
    """None for a network that we only have as ONNX."""
    precision: Literal["float32", "float16", "int8"] = "float32"
    """Of the ONNX files."""
    vision: OnnxNames = OnnxNames(given="pixels", vectors="vectors", logits="logits")
    text: OnnxNames = OnnxNames(given="ids", mask="mask", vectors="vectors", logits="logits")


def read_settings(folder: Path) -> EncoderSettings:
    """Settings of a checkpoint folder."""
    path = folder / SETTINGS
    if not path.is_file():
        raise WeightsError(
            f"{folder} has no {SETTINGS}, so it is no encoder of ours; "
            "`whenabouts convert` makes one from a published checkpoint"
        )
    settings = EncoderSettings.read(path)
    if settings.format > FORMAT:
        raise VersionError(
            f"{path} has format {settings.format}, this program reads up to {FORMAT}; "
            "upgrade whenabouts"
        )
    return settings


def read_tokens(folder: Path, settings: EncoderSettings) -> TextTokens:
    """The tokenizer of a checkpoint folder."""
    return TextTokens.read(folder / TOKENIZER, settings.tokens)


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by name from .safetensors, or from a PyTorch file without running its code."""
    if not path.is_file():
        raise WeightsError(f"no weights file {path}")
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except SafetensorError as error:
            raise WeightsError(f"{path} is damaged: {error}") from error
    from whenabouts.weights.archive import is_archive, read_archive

    if is_archive(path):
        return read_archive(path)
    import torch

    from whenabouts.weights.pickles import load_pickle

    loaded = load_pickle(path)
    return {name: value for name, value in loaded.items() if isinstance(value, torch.Tensor)}


def load_model(folder: Path) -> RetrievalModel:
    """The network of a checkpoint folder, for training or export; all names must fit."""
    from whenabouts.models.retrieval import RetrievalModel
    from whenabouts.weights.rename import load_strictly

    settings = read_settings(folder)
    if settings.sizes is None or not (folder / WEIGHTS).is_file():
        raise MissingPartError(
            f"{folder} has no weights for training, only ONNX networks for use; "
            "convert it again from the published checkpoint"
        )
    model = RetrievalModel(settings.sizes)
    load_strictly(model, read_tensors(folder / WEIGHTS), str(folder / WEIGHTS))
    return model.eval()


def save(
    folder: Path,
    settings: EncoderSettings,
    tokens: TextTokens,
    *,
    tensors: Mapping[str, torch.Tensor] | None = None,
    more: Callable[[Path], None] | None = None,
) -> None:
    """Write a checkpoint folder; it appears whole or not at all, replacing an older one.

    `more` may put further files into the folder before it appears.
    """
    with drafted(folder) as draft:
        (draft / SETTINGS).write_text(settings.to_toml(), encoding="utf-8")
        tokens.save(draft / TOKENIZER)
        if tensors is not None:
            from safetensors.torch import save_file

            plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
            save_file(plain, draft / WEIGHTS)
        if more is not None:
            more(draft)
        _note_digests(draft)


def fingerprint(folder: Path, settings: EncoderSettings) -> str:
    """SHA-256 of all that changes a vector: networks, tokenizer, preprocessing, precision.

    Names, source and licence do not count, nor do the training weights once there is ONNX.
    """
    total = hashlib.sha256()
    kept = {"pixels", "tokens", "precision", "vision", "text"}
    total.update(settings.model_dump_json(include=kept).encode())
    noted = _noted_digests(folder)
    for path in sorted(path for path in folder.iterdir() if _counts(path.name)):
        digest = noted.get(_state(path)) or _digest(path)
        total.update(f"\n{path.name} {digest}".encode())
    return total.hexdigest()


def _counts(name: str) -> bool:
    """Tokenizer and networks, with the data that big networks keep in files beside."""
    return name == TOKENIZER or ".onnx" in name


def _note_digests(folder: Path) -> None:
    """Keep the checksums of big files together with what shows that they are still the same."""
    big = [path for path in folder.iterdir() if path.stat().st_size >= _BIG_BYTES]
    noted = {_state(path): _digest(path) for path in big if _counts(path.name)}
    if noted:
        (folder / DIGESTS).write_text(json.dumps(noted, indent=1), encoding="utf-8")


def _noted_digests(folder: Path) -> dict[str, str]:
    """Checksums by the state that each file had when it was written."""
    path = folder / DIGESTS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _state(path: Path) -> str:
    """Name, size and time of last change: a file changed or copied has another one."""
    facts = path.stat()
    return f"{path.name} {facts.st_size} {facts.st_mtime_ns}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
