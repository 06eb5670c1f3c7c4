"""What a video LLM sees of videos, from memory, from disk, or looked at now and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip, load_clip
from whenabouts.errors import InputError
from whenabouts.models.seen import Seen
from whenabouts.types import Span, Video

if TYPE_CHECKING:
    from whenabouts.systems.video_llm import VideoChat


Load = Callable[[Video, FrameSettings, Span | None], VideoClip]
"""Frames of a video, or of a stretch of it."""


def _from_file(video: Video, frames: FrameSettings, span: Span | None) -> VideoClip:
    return load_clip(video.path, frames, span=span)


class KeptLooks:
    """Looks of one model."""

    def __init__(
        self,
        chat: VideoChat,
        folder: Path | None = None,
        remembered: int = 8,
        *,
        load: Load = _from_file,
    ) -> None:
        """`folder` keeps visual tokens between runs; `remembered` so many stay in memory.

        `load` opens what is not kept: the file, if not said otherwise.
        """
        self._chat, self._folder, self._most, self._load = chat, folder, remembered, load
        self._seen: dict[tuple[str, Span], Seen] = {}

    def look(self, video: Video, window: Span) -> Seen:
        """What the model keeps of a stretch: from memory, from disk, or looked at now."""
        key = video.id, window
        if key in self._seen:
            return self._seen[key]
        place = None
        if self._folder is not None and video.id:
            mark = self._chat.fingerprint[:16]
            name = f"{video.id}_{window.start_s:.2f}-{window.end_s:.2f}_{mark}.safetensors"
            place = self._folder / name
        seen = self._read(place)
        if seen is None:
            given = self._chat.settings
            most = min(given.frames, given.sizes.frame_positions)
            frames = FrameSettings(frames=most, size_px=given.pixels.size_px)
            clip = self._load(video, frames, None if window == video.span else window)
            seen = self._chat.look(clip.pixels, clip.times)
            if clip.damage:
                told = f"not all of it can be read: {clip.damage}"
                seen = replace(seen, notes=(*seen.notes, told))
            seen = self._keep(seen, place)
        self._seen = {**dict(list(self._seen.items())[-(self._most - 1) :]), key: seen}
        return seen

    def _read(self, place: Path | None) -> Seen | None:
        if place is None or not place.is_file():
            return None
        try:
            return Seen.from_bytes(place.read_bytes(), self._chat.fingerprint)
        except (InputError, OSError):
            return None  # a torn file is looked at again and replaced

    def _keep(self, seen: Seen, place: Path | None) -> Seen:
        """Written whole or not at all; a full disk costs the next look, not this answer."""
        if place is None:
            return seen
        part = place.with_suffix(".part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(seen.to_bytes(self._chat.fingerprint))
            part.replace(place)
        except OSError as error:
            told = f"what was seen could not be kept in {place.parent}: {error.strerror or error}"
            return replace(seen, notes=(*seen.notes, told))
        return seen
