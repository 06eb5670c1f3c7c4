"""The files of a published video LLM on this machine: found by their names, or fetched."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import MissingPartError, WeightsError
from whenabouts.weights.hub import folder_of
from whenabouts.weights.video_llm_folder import SETTINGS, TOKENIZER

_VIT = ("eva_vit_g.pth", "eva_vit_g.safetensors")
_QFORMER = ("instruct_blip_vicuna7b_trimmed.pth", "instruct_blip_vicuna7b_trimmed.safetensors")
_OWN: dict[str, tuple[str, ...]] = {
    "timechat": ("timechat_7b.pth", "timechat_7b.safetensors", "timechat*.pth", "TimeChat*.pth"),
    "ivcr": ("ivcr*.pth", "ivcr*.safetensors", "checkpoint_*.pth"),
    "vtgllm": ("vtgllm.pth", "vtgllm.safetensors", "checkpoint_9.pth", "checkpoint_*.pth"),
}
_BEGINS = {"ivcr": "timechat"}
"""Systems that begin with the checkpoint of another one, where there is none of their own."""
_WINDOW = ("VL_LLaMA_2_7B_Finetuned.pth", "VL_LLaMA_2_7B_Finetuned.safetensors")
_WHERE = {
    "vit": "the vision transformer of BLIP-2, eva_vit_g.pth",
    "qformer": "InstructBLIP's Q-Former, instruct_blip_vicuna7b_trimmed.pth",
    "llama": "the folder of LLaMA-2-7B-chat with config.json and tokenizer.model",
    "checkpoint": "the model's own checkpoint, or the one that it begins with",
    "vocab": "the vocabulary of bert-base-uncased, vocab.txt",
}


_TELLING = {
    "timechat": ("timechat*.pth", "TimeChat*.pth", "timechat_7b.safetensors"),
    "vtgllm": ("vtgllm.pth", "vtgllm.safetensors", "checkpoint_9.pth"),
}
"""Names that only one system's files have."""
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class StackPaths:
    """Where the files of a published model are; None for what is not at hand."""

    vit: Path | None = None
    qformer: Path | None = None
    llama: Path | None = None
    checkpoints: tuple[Path, ...] = ()
    """The first counts least; position tables are resized in the first only."""
    window: Path | None = None
    """A checkpoint of which the Q-Former over windows alone is taken, after all others."""
    vocab: Path | None = None


def local_folder(source: str) -> Path:
    """A folder on this machine, or what the hub has under a name `owner/model`, fetched."""
    folder = Path(source).expanduser()
    if folder.exists() or not _HUB_NAME.fullmatch(source):
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(source))
    except (RepositoryNotFoundError, HfHubHTTPError, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise WeightsError(
            f"{source} is no folder here, and the hub did not give it: {first}"
        ) from error


def kept_folder(name: str) -> Path | None:
    """The folder of a model `owner/model` that is on this machine; None for other names.

    A folder of ours among the models of this user, else what the hub's own cache has. Nothing is
    fetched: that is asked for with `whenabouts convert`.
    """
    if not _HUB_NAME.fullmatch(name):
        return None
    converted = folder_of(name)
    if (converted / SETTINGS).is_file():
        return converted
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:
        raise MissingPartError(
            f"{name} is no folder here and no model on this machine; fetch and convert it: "
            f"whenabouts convert timechat {name} {converted} (or vtgllm)"
        ) from error


def system_of(folder: Path) -> str | None:
    """Whose published files lie in a folder: `timechat`, `vtgllm`, or None for no such folder."""
    if (folder / SETTINGS).is_file():
        return None
    found = [system for system, names in _TELLING.items() if _first(folder, names)]
    if len(found) > 1:
        raise WeightsError(
            f"{folder} has checkpoints of {' and '.join(found)}; put each into a folder of its own"
        )
    return found[0] if found else None


def stack_mark(system: str, folder: Path) -> str:
    """SHA-256 that changes with the files of a stack: their names, sizes and times of change."""
    paths = find_stack(system, folder)
    below = [] if paths.llama is None else sorted(paths.llama.iterdir())
    files = [paths.vit, paths.qformer, *paths.checkpoints, paths.window, paths.vocab, *below]
    total = hashlib.sha256(system.encode())
    for path in files:
        if path is not None:
            state = path.stat()
            total.update(f"\n{path.name} {state.st_size} {state.st_mtime_ns}".encode())
    return total.hexdigest()


def find_stack(system: str, folder: Path) -> StackPaths:
    """The files of a model, by their published names, anywhere below a folder.

    Where it has no checkpoint of its own, those that its training begins with.
    """
    if not folder.is_dir():
        raise WeightsError(f"{folder} is no folder; put the published files into one")
    own, window = _first(folder, _OWN[system]), None
    if own is None and system in _BEGINS:
        own, window = _first(folder, _OWN[_BEGINS[system]]), _first(folder, _WINDOW)
    llama = next(
        (
            path.parent
            for path in sorted(folder.rglob(TOKENIZER))
            if (path.parent / "config.json").is_file()
        ),
        None,
    )
    return StackPaths(
        vit=_first(folder, _VIT),
        qformer=_first(folder, _QFORMER),
        llama=llama,
        checkpoints=(own,) if own else (),
        window=window,
        vocab=_first(folder, ("vocab.txt",)),
    )


def _first(folder: Path, patterns: tuple[str, ...]) -> Path | None:
    return next((path for one in patterns for path in sorted(folder.rglob(one))), None)


def need(path: Path | None, what: str) -> Path:
    """The path, or an error that says which file is missing."""
    if path is None:
        raise WeightsError(f"a file is missing: {_WHERE[what]}; put it beside the others")
    return path
