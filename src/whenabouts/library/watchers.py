"""Which watcher answers: a video language model where there is one, else vectors of frames."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from whenabouts.catalog import part
from whenabouts.library.encoders import open_encoder
from whenabouts.library.frame_watcher import FrameWatcher
from whenabouts.library.library import Library
from whenabouts.library.walk import walk
from whenabouts.media.probe import content_id, probe
from whenabouts.protocols import Encoder, Watcher
from whenabouts.types import Video

BY_FRAMES = "frames"
"""Works without the extra `torch`."""


def by_frames(encoder: Encoder | str | Path | None = None) -> FrameWatcher:
    """The watcher `frames`, as the catalog opens it."""
    return FrameWatcher(open_encoder(encoder))


def open_watcher(model: str = "", library: Library | None = None) -> Watcher:
    """The watcher `model`; empty takes `frames`, with what `library` has stored."""
    if model not in ("", BY_FRAMES):
        opened: Watcher = part("watcher", model)()
        return opened
    if library is None:
        return by_frames()
    return FrameWatcher(library.encoder, stored=library.seen)


def open_video(path: str | Path) -> Video:
    """A video file by its path.

    Raises:
        MediaError: it cannot be read as a video; the message says why.
    """
    place = Path(path).expanduser().absolute()
    return probe(place).video(place, content_id(place))


def paths_of(names: Iterable[str | Path], library: Library | None = None) -> list[Path]:
    """Files, all media files of folders, and names that only `library` knows, in this order.

    Raises:
        InputError: there is no such file, folder or name.
    """
    found: list[Path] = []
    for name in names:
        place = Path(name).expanduser()
        if library is not None and not place.exists():
            found.append(library.video(str(name)).path)
        else:
            found += [Path(file.path) for file in walk([place]).files]
    return list(dict.fromkeys(found))
