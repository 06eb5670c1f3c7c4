"""Jobs that watch one video: ground, highlights, caption, ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.app.serve.files import readable_file
from whenabouts.app.serve.lanes import Told
from whenabouts.app.serve.names import find_video
from whenabouts.app.watching import told_json
from whenabouts.library.about import video_of
from whenabouts.library.choosing import choose, tell
from whenabouts.models.generate_settings import PRESETS, GenerateSettings
from whenabouts.types import Turn, Video

if TYPE_CHECKING:
    from whenabouts.app.serve.shelf import Shelf
    from whenabouts.protocols import Told as Answer
    from whenabouts.protocols import Watcher


class WatchWork:
    """Questions about single videos of a library."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def ground(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        """When does it happen?"""
        watcher, video = self._begun(request, told)
        return _json(watcher, video, watcher.ground(video, request["query"]))

    def highlights(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        """What matters?"""
        watcher, video = self._begun(request, told)
        return _json(watcher, video, watcher.highlights(video, request["query"]))

    def caption(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        """What happens when?"""
        watcher, video = self._begun(request, told)
        return _json(watcher, video, watcher.captions(video, request["lang"]))

    def ask(self, request: dict[str, Any], told: Told) -> dict[str, Any]:
        """What does it show? The answer grows in the progress of the job."""
        watcher, video = self._begun(request, told)
        question, key_frames = request["question"], request["key_frames"]
        if request["choices"]:
            found = choose(watcher, video, question, request["choices"], key_frames)
            return _json(watcher, video, found)
        history = [Turn(turn["role"], turn["text"]) for turn in request["history"]]

        def hear(text: str) -> None:
            told.progress("answer", text=text)

        settings = answer_settings(request["generate"])
        several = settings is not None and settings.beams > 1  # the best is known at the end only
        grows = None if several else hear
        return _json(watcher, video, tell(watcher, video, question, history, grows, key_frames))

    def _begun(self, request: dict[str, Any], told: Told) -> tuple[Watcher, Video]:
        row = find_video(self._shelf.library, request["video"])
        known = video_of(row)
        path, _ = readable_file(self._shelf.library, known.id)
        told.progress("watching", text=Path(row.path).name)
        generate = request["generate"]
        watcher = self._shelf.watchers.watcher(
            request["model"], answer_settings(generate), generate["frames"]
        )
        # Opened where it really lies: a link cannot be turned meanwhile.
        video = Video(known.id, path, known.duration_s, known.fps, known.width, known.height)
        return watcher, video


def answer_settings(wished: dict[str, Any]) -> GenerateSettings | None:
    """How an answer is drawn, from the controls of a panel; None: the model's own, not drawn."""
    given = {
        name: wished[name]
        for name in ("beams", "temperature", "top_p", "new_tokens", "seed")
        if wished[name] is not None
    }
    if wished["preset"] == "greedy" and not given:
        return None
    settings = PRESETS[wished["preset"]]
    # A temperature, a share or a seed means that the answer is drawn, also among several beams.
    if given.keys() & {"temperature", "top_p", "seed"}:
        given["sample"] = True
    return settings.model_copy(update=given)


def _json(watcher: Watcher, video: Video, answer: Answer) -> dict[str, Any]:
    return {"model": watcher.name, **told_json(video, answer)}
