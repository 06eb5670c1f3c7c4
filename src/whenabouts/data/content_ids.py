"""Content ids of many files, remembered by path, size and time of change."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from whenabouts.media.probe import content_id


class ContentIds:
    """A memory on disk; losing it costs only time, so that processes need not agree about it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = _read(path)
        self._new: dict[str, str] = {}

    def of(self, path: Path) -> str:
        """The content id of a file; raises `MediaError` or `OSError` when it cannot be read."""
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._new[key] = content_id(path)
        return found

    def save(self) -> None:
        """Add what is new to the file, atomically."""
        if self._new:
            text = json.dumps(_read(self._path) | self._new, ensure_ascii=True)
            write_whole(self._path, text.encode())
            self._new = {}


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it, also when several processes write it."""
    part = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
