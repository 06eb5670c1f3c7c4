"""What a training run starts from: a checkpoint of anybody's, with every tensor accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import MissingPartError, WeightsError
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.models.tokens import TextTokens
from whenabouts.weights import folder as ours
from whenabouts.weights import hub
from whenabouts.weights.convert import read
from whenabouts.weights.rename import load_strictly
from whenabouts.weights.source import read_clip_tokens

if TYPE_CHECKING:
    import torch

    from whenabouts.models.retrieval import RetrievalModel

TINY = "tiny-clip"
_CLIP = "clip."


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A checkpoint in our terms."""

    source: str
    tensors: Mapping[str, torch.Tensor]
    """Of a `RetrievalModel`."""
    clip: ClipSizes
    pixels: PixelSettings
    tokens: TextTokens
    licence: str = ""
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every tensor."""

    loaded: tuple[str, ...]
    fresh: tuple[str, ...]
    """Of the new network, which the checkpoint does not have: random, or copied from the text
    tower as the recipe of these models wants."""
    left_out: tuple[str, ...]
    """Of the checkpoint, which the new network has no use for."""

    def to_json(self) -> dict[str, Any]:
        """For the run folder."""
        return {"loaded": self.loaded, "fresh": self.fresh, "left_out": self.left_out}


def read_start(source: str) -> Start:
    """The checkpoint behind a path or the name of a model on this machine.

    Accepted: all that `whenabouts convert` reads, our own folders, and files of retrieval models
    trained with DRL and its relatives.
    """
    path = Path(source).expanduser()
    if source == TINY:
        return _read_ours(hub.TINY_FOLDER)
    if path.is_file() and (path.suffix in ours.FILES or path.suffix[1:].isdigit()):
        tensors = ours.read_tensors(path)
        if any(name.startswith(_CLIP) for name in tensors):
            return _read_drl(path, tensors)
    if path.exists() and not (path / ours.SETTINGS).is_file():
        published = read(path)
        if published.tensors is None or published.settings.sizes is None:
            raise MissingPartError(f"{path} has no weights for training, only ONNX networks")
        settings = published.settings
        clip = published.settings.sizes.clip
        return Start(source, published.tensors, clip, settings.pixels, published.tokens)
    return _read_ours(hub.find(source))


def fill(
    model: RetrievalModel, start: Start, generator: torch.Generator, *, heads: bool = True
) -> Account:
    """Load what fits into a network and start the rest afresh.

    The towers must fit whole. Each head is taken whole or not at all; none without `heads`.
    """
    model.initialise(generator)
    towers = {
        name.removeprefix(_CLIP): value
        for name, value in start.tensors.items()
        if name.startswith(_CLIP)
    }
    load_strictly(model.clip, towers, start.source)
    model.start_temporal()
    wanted = model.state_dict()
    loaded = {name for name in wanted if name.startswith(_CLIP)}
    parts = {name.split(".")[0] for name in wanted} - {"clip"} if heads else set[str]()
    for head in sorted(parts):
        mine = {name: value.shape for name, value in wanted.items() if name.split(".")[0] == head}
        theirs = {
            name: value
            for name, value in start.tensors.items()
            if name.split(".")[0] == head and (name in mine or not _unread(model, name))
        }
        if mine == {name: value.shape for name, value in theirs.items()}:
            inner = {name.removeprefix(f"{head}."): value for name, value in theirs.items()}
            load_strictly(getattr(model, head), inner, start.source)
            loaded |= mine.keys()
    return Account(
        tuple(sorted(loaded)),
        tuple(sorted(wanted.keys() - loaded)),
        tuple(sorted(start.tensors.keys() - loaded)),
    )


def _unread(model: RetrievalModel, name: str) -> bool:
    """Published models with an LSTM over the frames also carry a position table, unused."""
    recurrent = model.sizes.temporal == "seq_lstm"
    return recurrent and name == "temporal.frame_position_embeddings.weight"


def _read_ours(folder: Path) -> Start:
    settings = ours.read_settings(folder)
    weights = folder / ours.WEIGHTS
    if settings.sizes is None or not weights.is_file():
        raise MissingPartError(
            f"{folder} has no weights for training, only ONNX networks for use; "
            "convert it again from the published checkpoint"
        )
    return Start(
        str(folder),
        ours.read_tensors(weights),
        settings.sizes.clip,
        settings.pixels,
        ours.read_tokens(folder, settings),
        settings.licence,
        settings.languages,
    )


def _read_drl(path: Path, stored: Mapping[str, torch.Tensor]) -> Start:
    """A trained retrieval model; its tokenizer is CLIP's."""
    from whenabouts.weights.published.drl import DRL

    tensors = DRL.to_ours(stored)
    try:
        sizes = RetrievalSizes.infer({name: tuple(v.shape) for name, v in tensors.items()})
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}") from error
    tokens = read_clip_tokens(path.parent, sizes.clip.context_tokens)
    return Start(str(path), tensors, sizes.clip, PixelSettings(size_px=sizes.clip.image_px), tokens)
