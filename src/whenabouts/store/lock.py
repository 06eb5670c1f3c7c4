"""One writer: an operating system lock that vanishes with the process that holds it."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import time
import weakref
from pathlib import Path
from typing import Any

from whenabouts.errors import LockedError, StoreError

_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
"""How the systems say that somebody else holds the lock."""

if sys.platform == "win32":
    import msvcrt

    _FAR_BYTE = 1 << 30
    """Windows refuses reading locked bytes, so the lock lies far behind the owner's card."""

    def _try_lock(handle: int) -> None:
        os.lseek(handle, _FAR_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class WriterLock:
    """Held from creation to `release`; a second one raises `LockedError` with the owner's card."""

    def __init__(self, library: Path) -> None:
        try:
            handle = os.open(library / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(
                f"cannot write to the library {library}: {error.strerror}; "
                "check its permissions, or only search it"
            ) from error
        # A program may drop a library without closing it.
        self._close = weakref.finalize(self, os.close, handle)
        try:
            _try_lock(handle)
        except OSError as error:
            owner = _read_card(handle)
            self.release()
            if error.errno not in _HELD:
                raise StoreError(
                    f"cannot lock the library {library}: {error.strerror}; "
                    "keep it on a file system with locks (not on every network drive)"
                ) from error
            raise LockedError(
                f"the library {library} is being written by {owner}; "
                "wait until it has finished, or end it"
            ) from error
        _write_card(handle)

    def release(self) -> None:
        """Let the next writer in; calling it again does nothing."""
        self._close()


def _write_card(handle: int) -> None:
    """Say who holds the lock, for the message that a second writer gets."""
    card = {"pid": os.getpid(), "host": socket.gethostname(), "since_s": time.time()}
    os.lseek(handle, 0, os.SEEK_SET)
    os.truncate(handle, 0)
    os.write(handle, json.dumps(card).encode())


def _read_card(handle: int) -> str:
    """The owner in words; a card that cannot be read is no reason to fail."""
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        card: dict[str, Any] = json.loads(os.read(handle, 4096))
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(card["since_s"]))
        return f"process {card['pid']} on {card['host']} since {since}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
