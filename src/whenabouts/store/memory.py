"""What an open library holds in memory to answer quickly, and when that is worth it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Any

from whenabouts.store.columns import Batches
from whenabouts.store.ledger import Snapshot
from whenabouts.store.limits import Limits
from whenabouts.store.scan import FrameScan
from whenabouts.store.textscan import TextScan


class Memory:
    """The vectors and texts in memory, in step with the latest commit asked for."""

    def __init__(self, width: int, limits: Limits) -> None:
        self._width, self.limits = width, limits
        self._lock = threading.Lock()
        self._frames: FrameScan | None = None
        self._texts: TextScan | None = None
        self._frames_at = self._texts_at = -1
        self._searched = self._asked = 0

    def holds_frames(self, state: Snapshot) -> bool:
        """Whether a library of this size is compared in memory."""
        return state.frames * self._width <= self.limits.floats

    def frames(
        self, state: Snapshot, fetch: Callable[[Collection[str] | None], Batches]
    ) -> FrameScan | None:
        """The vectors at a commit (or a later one); None for a large library."""
        with self._lock:
            if not self.holds_frames(state):
                self._frames, self._frames_at = None, -1
                return None
            scan = self._frames or FrameScan(self._width)
            if self._frames_at < state.number:
                scan.update(state.contents, fetch)
                self._frames, self._frames_at = scan, state.number
            self._searched += 1
            if self._searched > self.limits.patience:
                scan.sharpen()
            return scan

    def texts(
        self, state: Snapshot, fetch: Callable[[Collection[str] | None], Any]
    ) -> TextScan | None:
        """The texts at a commit (or a later one); None for very many, or when it is too early."""
        with self._lock:
            self._asked += 1
            early = self._texts is None and self._asked <= self.limits.patience
            most = self.limits.texts_at_once if early else self.limits.texts
            if state.texts > most:
                self._texts, self._texts_at = None, -1
                return None
            scan = self._texts or TextScan()
            if self._texts_at < state.number:
                scan.update(state.contents, fetch)
                self._texts, self._texts_at = scan, state.number
            return scan
