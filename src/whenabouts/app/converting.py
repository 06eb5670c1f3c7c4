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
    t5: Path | None = None
    localizer: str | None = None

    def refuse(self) -> None:
        """For what is no video LLM."""
        self._refuse(tuple(_SPELLED), "is for `whenabouts convert timechat` and its like")

    def refuse_others(self, system: str) -> None:
        """Options of SeViLA for a video LLM, and the other way round."""
        ours = ("t5", "localizer") if system != "sevila" else _NO_SEVILA
        self._refuse(ours, f"is not for `whenabouts convert {system}`")

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        for name in names:
            if getattr(self, name) not in (None, ()):
                raise InputError(f"{_SPELLED[name]} {why}")


_SPELLED = {
    "vit": "--vit",
    "qformer": "--qformer",
    "llama": "--llama",
    "checkpoints": "--checkpoint",
    "vocab": "--vocab",
    "settings": "--settings",
    "timestamps": "--timestamps",
    "seconds": "--seconds",
    "start": "--start",
    "t5": "--t5",
    "localizer": "--localizer",
}
_NO_SEVILA = ("llama", "vocab", "timestamps", "seconds", "start")


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

    words.refuse_others(system)
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


def convert_sevila(
    source: str, target: Path, words: VideoLlmWords, changes: dict[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """As `convert_stack`, for SeViLA; tells which file each part comes from."""
    from whenabouts.models.sevila_settings import SevilaSettings
    from whenabouts.weights.convert_sevila import (
        find_files,
        published_settings,
        read_sevila,
        save_published,
    )
    from whenabouts.weights.video_llm_files import local_folder

    words.refuse_others("sevila")
    settings = published_settings()
    if words.settings is not None:
        settings = SevilaSettings.read(words.settings.expanduser())
    values = settings.model_dump() | {k: v for k, v in changes.items() if v}
    settings = SevilaSettings.check(values, "these options")
    with err().status("converting"):
        paths = find_files(local_folder(source))
        named = {"vit": words.vit, "blip2": words.qformer, "t5": words.t5}
        paths = replace(paths, **{k: v.expanduser() for k, v in named.items() if v is not None})
        own = tuple(path.expanduser() for path in words.checkpoints)
        paths = replace(paths, checkpoints=own) if own else paths
        made = read_sevila(paths, settings, fresh_localizer=words.localizer == "blip2")
        save_published(made, target)
    for part, labels in made.origin.items():
        note(f"{part} from {plain(', '.join(labels))}")
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
