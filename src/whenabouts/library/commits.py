"""Finished videos on their way to the store: small ones share a commit, none waits for long."""

from __future__ import annotations

import time
from collections.abc import Sequence

from whenabouts.library.settings import IndexSettings
from whenabouts.library.stage import Stage
from whenabouts.store.rows import Indexed, VideoRow
from whenabouts.store.store import Store


class Commits:
    """Gathers what belongs together; a video is in the store as a whole or not at all."""

    def __init__(self, store: Store, settings: IndexSettings) -> None:
        self._store, self._settings = store, settings
        self._waiting: list[Indexed] = []
        self._frames = 0
        self._since = time.monotonic()
        self.written = 0
        """Commits made."""

    @property
    def due(self) -> bool:
        """Whether enough has gathered, or waited for long enough."""
        if not self._waiting:
            self._since = time.monotonic()
            return False
        return (
            self._frames >= self._settings.commit_frames
            or time.monotonic() - self._since > self._settings.commit_s
        )

    def add(self, rows: Sequence[VideoRow], found: Indexed) -> None:
        """One content: `found` with the row of its first path, and `rows` of all its paths."""
        self._waiting.append(found)
        self._waiting += [Indexed(row) for row in rows if row.path != found.video.path]
        self._frames += len(found.frames) if found.frames is not None else 0

    def flush(self, stage: Stage | None = None) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        batch, self._waiting, self._frames = self._waiting, [], 0
        self._store.put(batch)
        self.written += 1
        self._since = time.monotonic()
        if stage is not None:
            stage.saved()
