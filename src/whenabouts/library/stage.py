"""One stage of an index run: counts what is done and tells the listener."""

from __future__ import annotations

import time
from pathlib import Path

from whenabouts.library.events import Event, Kind, Listener

TOLD_EVERY_S = 0.5
"""Inside a long file the listener hears at most this often."""


class Stage:
    """Counts of one stage; `close` gives its wall seconds."""

    def __init__(self, name: str, files: int, length_s: float, listener: Listener) -> None:
        self.name = name
        self._files, self._length_s, self._listener = files, length_s, listener
        self._done, self._done_s, self._frames = 0, 0.0, 0
        self._inside_s: dict[str, float] = {}
        self._begun = time.monotonic()
        self._told = 0.0
        self._tell("stage")

    def started(self, path: str) -> None:
        """A file is being worked on."""
        self._inside_s[path] = 0.0
        self._tell("started", path)

    def progress(self, path: str, time_s: float, frames: int) -> None:
        """A file is done up to `time_s`; `frames` in all were encoded in this stage."""
        self._frames = frames
        self._inside_s[path] = time_s
        if time.monotonic() - self._told > TOLD_EVERY_S:
            self._tell("progress", path)

    def done(self, path: str, length_s: float) -> None:
        """A file is finished."""
        self._finish(path, length_s)
        self._tell("done", path)

    def failed(self, path: str, length_s: float, reason: str) -> None:
        """A file cannot be done."""
        self._finish(path, length_s)
        self._tell("failed", path, reason)

    def saved(self) -> None:
        """What was done so far is in the store."""
        self._tell("saved")

    def close(self) -> float:
        """Wall seconds of the stage."""
        return time.monotonic() - self._begun

    def _finish(self, path: str, length_s: float) -> None:
        self._inside_s.pop(path, None)
        self._done += 1
        self._done_s += length_s

    def _tell(self, kind: Kind, path: str = "", text: str = "") -> None:
        self._told = time.monotonic()
        self._listener(
            Event(
                kind,
                self.name,
                Path(path) if path else None,
                self._done,
                self._files,
                self._done_s + sum(self._inside_s.values()),
                self._length_s,
                self._frames,
                self._told - self._begun,
                text,
            )
        )
