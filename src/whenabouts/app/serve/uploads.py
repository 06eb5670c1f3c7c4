"""Videos that are sent: written beside the library, opened, and kept only if they can be shown."""

from __future__ import annotations

import secrets
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import Request

from whenabouts.app.serve.problems import NoRoomError
from whenabouts.errors import MediaError
from whenabouts.library.watchers import open_video
from whenabouts.types import Video

if TYPE_CHECKING:
    from whenabouts.app.serve.shelf import Shelf

PLACE = "uploads"
ROOM_BYTES = 1 << 28
"""So much of the disk stays free."""
_WRITE_BYTES = 1 << 20


async def taken(request: Request, name: str, shelf: Shelf) -> Video:
    """The video that a request brings, under a name of its own in the folder of uploads."""
    place = shelf.place(PLACE, secrets.token_hex(8))
    file = place / safe_name(name)
    part = place / ".part"
    try:
        _check_room(place, int(request.headers.get("content-length", "0")))
        await _written(request, part)
        part.rename(file)
        return await shelf.run(partial(_opened, file))
    except BaseException:
        await anyio.to_thread.run_sync(partial(shutil.rmtree, place, ignore_errors=True))
        raise


async def _written(request: Request, part: Path) -> None:
    with part.open("wb") as out:
        waiting = bytearray()
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= _WRITE_BYTES:
                _check_room(part, len(waiting))  # what was told of the length may be wrong
                out.write(waiting)
                waiting.clear()
        out.write(waiting)


def _check_room(place: Path, more_bytes: int) -> None:
    if shutil.disk_usage(place).free < more_bytes + ROOM_BYTES:
        raise NoRoomError(f"the disk has no room for {more_bytes} bytes more; make room first")


def _opened(file: Path) -> Video:
    if not file.stat().st_size:
        raise MediaError("the upload is empty; send the bytes of a video as the body")
    video = open_video(file)
    if not video.width and not video.duration_s:
        raise MediaError(f"{file.name} holds neither pictures nor sound")
    return video


def safe_name(name: str) -> str:
    """A file name that stays in its folder, whatever was sent.

    >>> safe_name("../../etc/pass wd.mp4")
    'pass wd.mp4'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isalnum() or c in "-_. ()[]" else "_" for c in last)
    kept = kept.strip(". ")[-100:].lstrip(". ")
    return kept or "upload"
