"""The files of a published video LLM on this machine: found by their names, or fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import WeightsError
from whenabouts.weights.video_llm_folder import TOKENIZER

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
    if folder.exists() or not re.fullmatch(r"[\w.-]+/[\w.-]+", source):
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
