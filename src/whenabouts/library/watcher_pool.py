"""Watchers that stay open between questions: a video LLM is loaded once, whoever asks how."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import InputError
from whenabouts.library.frame_watcher import FrameWatcher
from whenabouts.library.library import Library
from whenabouts.library.watchers import BY_FRAMES, VISUAL_TOKENS
from whenabouts.protocols import Watcher

if TYPE_CHECKING:
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.systems.video_llm import VideoChat


@dataclass(frozen=True, slots=True)
class Watched:
    """Who can watch."""

    name: str
    kind: str
    about: str
    can: tuple[str, ...]


class WatcherPool:
    """Watchers of one library by name: `frames`, and the video LLMs that were allowed."""

    def __init__(self, library: Library, models: Mapping[str, Path], device: str = "auto") -> None:
        """`models`: name -> folder of a video LLM."""
        self._library, self._models, self._device = library, dict(models), device
        self._lock = threading.Lock()
        self._chats: dict[str, VideoChat] = {}
        self._frames: FrameWatcher | None = None

    def known(self) -> list[Watched]:
        """Everyone who can be asked."""
        by_frames = Watched(
            BY_FRAMES,
            "frames",
            f"vectors of frames ({self._library.encoder.name}); no words",
            ("ground", "highlights"),
        )
        language = [
            Watched(
                name,
                "video-llm",
                "a video language model",
                ("ground", "highlights", "caption", "ask"),
            )
            for name in self._models
        ]
        return [by_frames, *language]

    def watcher(
        self, name: str = "", answer: GenerateSettings | None = None, frames: int | None = None
    ) -> Watcher:
        """The watcher `name`; empty: vectors of frames.

        Args:
            name: as `known` lists it.
            answer: how a video LLM draws its answer; None: the same words each time.
            frames: how many frames a video LLM is shown; None: as it was trained.
        """
        with self._lock:
            if self._frames is None:
                library = self._library
                self._frames = FrameWatcher(library.encoder, stored=library.seen)
            if name in ("", BY_FRAMES):
                return self._frames
            chat = self._chat(name)
        from whenabouts.library.language_watcher import LanguageWatcher

        if frames is not None and frames != chat.settings.frames:
            chat = _shown(chat, frames)
        return LanguageWatcher(chat, self._library.path / VISUAL_TOKENS, self._frames, answer)

    def _chat(self, name: str) -> VideoChat:
        if name not in self._models:
            known = ", ".join([BY_FRAMES, *self._models])
            raise InputError(f"no model {name!r} is served; known: {known}")
        if name not in self._chats:
            from whenabouts.systems.video_llm import open_chat

            self._chats[name] = open_chat(self._models[name], "stored", self._device)
        return self._chats[name]


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
