"""Watchers that stay open between questions: a video LLM is loaded once, whoever asks how."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError
from whenabouts.library.frame_watcher import FrameWatcher
from whenabouts.library.key_frame_watcher import KeyFrameWatcher
from whenabouts.library.library import Library
from whenabouts.library.watchers import BY_FRAMES, VISUAL_TOKENS, by_grounder
from whenabouts.protocols import Watcher
from whenabouts.weights.moment_folder import is_moments
from whenabouts.weights.sevila_folder import is_sevila

if TYPE_CHECKING:
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.systems.sevila import FrameAnswerer
    from whenabouts.systems.video_llm import VideoChat


@dataclass(frozen=True, slots=True)
class Watched:
    """Who can watch."""

    name: str
    kind: str
    about: str
    can: tuple[str, ...]


class WatcherPool:
    """Watchers of one library by name: `frames`, and the models that were allowed."""

    def __init__(self, library: Library, models: Mapping[str, Path], device: str = "auto") -> None:
        """`models`: name -> folder of a video LLM, a SeViLA or a Moment-DETR."""
        self._library, self._models, self._device = library, dict(models), device
        self._lock = threading.Lock()
        self._open: dict[str, Any] = {}
        self._frames: FrameWatcher | None = None

    def known(self) -> list[Watched]:
        """Everyone who can be asked."""
        by_frames = Watched(
            BY_FRAMES,
            "frames",
            f"vectors of frames ({self._library.encoder.name}); no words",
            ("ground", "highlights"),
        )
        return [by_frames, *(_watched(name, place) for name, place in self._models.items())]

    def watcher(
        self, name: str = "", answer: GenerateSettings | None = None, frames: int | None = None
    ) -> Watcher:
        """The watcher `name`; empty: vectors of frames.

        Args:
            name: as `known` lists it.
            answer: how a video LLM draws its answer; None: the same words each time.
            frames: how many frames a model is shown; None: as it was trained.
        """
        with self._lock:
            if self._frames is None:
                library = self._library
                self._frames = FrameWatcher(library.encoder, stored=library.seen)
            if name in ("", BY_FRAMES):
                return self._frames
            place = self._place(name)
            kept = self._library.path / VISUAL_TOKENS
            if is_moments(place):
                return self._opened(name, lambda: by_grounder(str(place), self._library))
            if is_sevila(place):
                answerer = self._opened(name, lambda: _answerer(place, self._device))
                return KeyFrameWatcher(answerer, kept, frames)
            chat: VideoChat = self._opened(name, lambda: _chat(place, self._device))
        from whenabouts.library.language_watcher import LanguageWatcher

        if frames is not None and frames != chat.settings.frames:
            chat = _shown(chat, frames)
        return LanguageWatcher(chat, kept, self._frames, answer)

    def _place(self, name: str) -> Path:
        if name not in self._models:
            known = ", ".join([BY_FRAMES, *self._models])
            raise InputError(f"no model {name!r} is served; known: {known}")
        return self._models[name]

    def _opened(self, name: str, opener: Callable[[], Any]) -> Any:
        """What is behind a name, opened once."""
        if name not in self._open:
            self._open[name] = opener()
        return self._open[name]


def _watched(name: str, place: Path) -> Watched:
    if is_moments(place):
        return Watched(name, "moments", "a Moment-DETR", ("ground", "highlights"))
    if is_sevila(place):
        about = "a SeViLA: answers from key frames"
        return Watched(name, "sevila", about, ("ground", "highlights", "ask", "locate"))
    can = ("ground", "highlights", "caption", "ask", "locate")
    return Watched(name, "video-llm", "a video language model", can)


def _answerer(place: Path, device: str) -> FrameAnswerer:
    from whenabouts.systems.sevila import open_answerer

    return open_answerer(place, "stored", device)


def _chat(place: Path, device: str) -> VideoChat:
    from whenabouts.systems.video_llm import open_chat

    return open_chat(place, "stored", device)


def _shown(chat: VideoChat, frames: int) -> VideoChat:
    """The same network, shown another number of frames; what it keeps is kept apart."""
    most = chat.sizes.frame_positions
    if frames > most:
        raise InputError(f"{chat.settings.name} takes {most} frames at most, not {frames}")
    other = copy.copy(chat)
    other.settings = chat.settings.model_copy(update={"frames": frames})
    mark = f"{chat.fingerprint} {frames}".encode()
    other.fingerprint = hashlib.sha256(mark).hexdigest()
    return other
