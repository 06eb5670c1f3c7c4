"""What `convert` does for video LLMs: find the files, convert, say what came from where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.app.screen import err, note, plain, print_json, say
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.weights.video_llm_files import StackPaths


@dataclass(frozen=True, slots=True)
class VideoLlmWords:
    """The options of `convert` that only video LLMs have."""

    vit: Path | None = None
    qformer: Path | None = None
    llama: Path | None = None
    checkpoints: tuple[Path, ...] = ()
    vocab: Path | None = None
    settings: Path | None = None
    timestamps: str | None = None
    seconds: str | None = None
    start: int | None = None

    def refuse(self) -> None:
        """For what is no video LLM."""
        for name, value in (
            ("--vit", self.vit),
            ("--qformer", self.qformer),
            ("--llama", self.llama),
            ("--checkpoint", self.checkpoints),
            ("--vocab", self.vocab),
            ("--settings", self.settings),
            ("--timestamps", self.timestamps),
            ("--seconds", self.seconds),
            ("--start", self.start),
        ):
            if value not in (None, ()):
                raise InputError(f"{name} is for `whenabouts convert timechat`, `vtgllm`, `ivcr`")


def convert_stack(
    system: str, source: str, target: Path, words: VideoLlmWords, changes: dict[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """Convert and tell; gives the model's name and the notes. `changes` are name and licence."""
    from whenabouts.models.video_llm_settings import VideoLlmSettings
    from whenabouts.weights.convert_video_llm import (
        published_settings,
        read_published,
        save_published,
    )
    from whenabouts.weights.video_llm_files import find_stack, local_folder

    settings = (
        published_settings(system)
        if words.settings is None
        else VideoLlmSettings.read(words.settings.expanduser())
    )
    values = settings.model_dump() | {k: v for k, v in changes.items() if v}
    if words.timestamps is not None:
        values["timestamps"] = words.timestamps
    settings = VideoLlmSettings.check(values, "these options")
    with err().status("converting"):
        paths = _named(find_stack(system, local_folder(source)), words)
        seconds: Any = words.seconds or "reference"
        made = read_published(paths, settings, zero_rows=seconds, start_seed=words.start)
        save_published(made, target)
    for label, count in made.origin.items():
        note(f"{count} weights from {plain(label)}")
    for told in made.notes:
        note(plain(told))
    return made.settings.name, made.notes


def tell(name: str, target: Path, notes: tuple[str, ...], *, json: bool) -> None:
    """Say what there is now."""
    if json:
        print_json("convert", {"name": name, "folder": str(target), "notes": list(notes)})
        return
    say(f"{plain(name)} is in {plain(target)}")


def _named(found: StackPaths, words: VideoLlmWords) -> StackPaths:
    """Files found, those named by options in their place."""
    named = {"vit": words.vit, "qformer": words.qformer, "llama": words.llama, "vocab": words.vocab}
    changed = {key: path.expanduser() for key, path in named.items() if path is not None}
    own = tuple(path.expanduser() for path in words.checkpoints)
    if own:
        found = replace(found, checkpoints=own, window=None)
    return replace(found, **changed)
