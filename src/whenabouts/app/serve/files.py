"""Which file on disk a request may read: videos of the library as they were indexed, no other."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.app.serve.names import find_video
from whenabouts.app.serve.problems import NotFoundError

if TYPE_CHECKING:
    from whenabouts.library.library import Library

TYPES = {
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/mp4",  # what browsers play of it, they play under this name
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "ogv": "video/ogg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "gif": "image/gif",
    "png": "image/png",
    "apng": "image/apng",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "avi": "video/x-msvideo",
    "ts": "video/mp2t",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
    "wmv": "video/x-ms-wmv",
}
"""Types by extension. Anything else is bytes: nothing of the library is ever run as a page."""


def type_of(path: Path) -> str:
    """The media type of a file."""
    return TYPES.get(path.suffix.lower().lstrip("."), "application/octet-stream")


def readable_file(library: Library, video: str) -> tuple[Path, os.stat_result]:
    """The real path of a video of the library, and how it stands.

    Refused is what has changed since it was indexed, what is no plain file any more, and what a
    link leads to outside the library's folders.
    """
    rows = [row for row in library.videos() if row.id == video and row.status != "failed"]
    if not rows:
        find_video(library, video)  # says what is wrong
    homes = [os.path.realpath(folder) for folder in library.folders()]
    for row in rows:
        real = os.path.realpath(row.path)
        try:
            found = os.stat(real, follow_symlinks=False)  # noqa: PTH116 - bytes that are no UTF-8
        except (OSError, ValueError):
            continue
        same = found.st_size == row.size and found.st_mtime_ns == row.mtime_ns
        if stat.S_ISREG(found.st_mode) and same and _inside(real, homes):
            return Path(real), found
    raise NotFoundError(
        f"the file of {video} is gone, has changed since it was indexed, or lies outside the "
        "library's folders; index again"
    )


def _inside(path: str, homes: list[str]) -> bool:
    return any(path == home or path.startswith(home.rstrip(os.sep) + os.sep) for home in homes)


def inside(folder: Path, name: str) -> Path:
    """The plain file `name` directly inside one of our own folders."""
    path = folder / name
    plain = name == Path(name).name and name not in ("", ".", "..") and "\\" not in name
    try:
        fits = plain and not path.is_symlink() and path.is_file()
    except (OSError, ValueError):
        fits = False
    if not fits:
        raise NotFoundError(f"there is no file {name!r} here")
    return path
