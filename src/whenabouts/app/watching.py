"""One question to many videos: a bad file is told and the next one is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.app.preferences import library_path
from whenabouts.app.progress import Bar
from whenabouts.app.screen import Exit, note, plain, print_json
from whenabouts.errors import InputError, MissingPartError, WhenaboutsError
from whenabouts.protocols import Chosen
from whenabouts.types import Video

if TYPE_CHECKING:
    from whenabouts.library.library import Library
    from whenabouts.protocols import Told, Watcher
    from whenabouts.weights.video_llm_folder import Precision


@dataclass(slots=True)
class Answers:
    """What was told of each video, and which files could not be watched."""

    model: str
    told: list[tuple[Video, Told]] = field(default_factory=list["tuple[Video, Told]"])
    failed: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])

    def exit_code(self, *, words: bool) -> int:
        """3 when files failed, 1 when no video gave an answer in `words` or a moment, else 0."""
        if self.failed:
            return Exit.PARTLY
        given = (told.turn.moments or (words and told.turn.text) for _, told in self.told)
        return Exit.DONE if any(given) else Exit.NO

    def to_json(self) -> dict[str, Any]:
        """The body that all these commands share."""
        return {
            "model": self.model,
            "results": [told_json(video, told) for video, told in self.told],
            "failed": [{"path": str(path), "reason": why} for path, why in self.failed],
        }


def told_json(video: Video, told: Told) -> dict[str, Any]:
    """What was told of one video, as docs/json.md says."""
    return {
        "video": video.to_json(),
        "text": told.turn.text,
        "moments": [moment.to_json() for moment in told.turn.moments],
        "saliency": told.curve.to_json() if told.curve else None,
        "notes": list(told.notes),
        **_chosen(told),
    }


def _chosen(told: Told) -> dict[str, Any]:
    """What only answers to questions have."""
    if not isinstance(told, Chosen):
        return {}
    return {
        "option": told.option,
        "confidence": told.confidence,
        "sure": told.sure,
        "chances": list(told.chances),
        "key_frames_s": list(told.key_frames),
    }


@contextmanager
def asked_library(wished: Path | None) -> Generator[Library | None]:
    """The library that was named, or the usual one where it exists."""
    from whenabouts.library.library import open_library

    path = library_path(wished)
    if wished is None and not path.is_dir():
        yield None
        return
    with open_library(path, create=False) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Model:
    """Who watches, and how it is loaded."""

    name: str = ""
    precision: Precision = "stored"
    device: str = "auto"
    preset: str = "greedy"


def ask_all(
    names: Sequence[str],
    model: Model,
    library: Library | None,
    ask: Callable[[Watcher, Video], Told],
    title: str = "Watching",
    *,
    words: bool = False,
) -> Answers:
    """Ask one thing of every video that `names` names; `-` reads names from stdin, one a line.

    `words`: the answer is in words, which decides who answers where nobody is named.
    The error of a single file is raised; of several files it is noted and the others are asked.
    """
    from whenabouts.library.watchers import open_video, open_watcher, paths_of
    from whenabouts.models.generate_settings import PRESETS

    given = [line for name in names for line in (_lines() if name == "-" else [name])]
    paths = paths_of(given, library)
    if not paths:
        raise InputError(f"there is no video in {', '.join(given) or 'what stdin names'}")
    watcher = open_watcher(
        model.name,
        library,
        words=words,
        precision=model.precision,
        device=model.device,
        answer=None if model.preset == "greedy" else PRESETS[model.preset],
    )
    answers = Answers(watcher.name)
    with Bar(title, len(paths), "videos") as bar:
        for done, path in enumerate(paths):
            bar.to(done, detail=path.name)
            try:
                video = open_video(path)
                answers.told.append((video, ask(watcher, video)))
            except (WhenaboutsError, OSError) as error:
                if len(paths) == 1 or isinstance(error, MissingPartError | InputError):
                    raise
                answers.failed.append((path, str(error)))
    return answers


def finish(command: str, answers: Answers, body: dict[str, Any], *, json: bool) -> None:
    """Print JSON if it was asked for, tell what failed and what to know, and leave."""
    if json:
        print_json(command, body | answers.to_json())
    else:
        for text in dict.fromkeys(text for _, told in answers.told for text in told.notes):
            note(text)
    for path, why in answers.failed:
        note(f"{plain(path)}: {plain(why)}", style="red")
    if code := answers.exit_code(words=command in ("ask", "describe")):
        raise SystemExit(code)


def _lines() -> list[str]:
    return [line.rstrip("\n") for line in sys.stdin if line.strip()]
