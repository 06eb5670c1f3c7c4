"""What a library knows of itself: its folders, its encoder's source, and how it stands."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError, StoreError
from whenabouts.library.events import PASSES, Failure
from whenabouts.library.walk import absolute
from whenabouts.store.rows import StoreInfo, VideoRow
from whenabouts.store.store import Store
from whenabouts.types import Video

FILE = "about.json"


@dataclass(frozen=True, slots=True)
class About:
    """The page `about.json` of a library: what the user gave, as opposed to what was found."""

    folders: tuple[str, ...] = ()
    """Folders and files that were added, absolute."""
    encoder: str = ""
    """Name or folder from which the encoder was opened."""

    @classmethod
    def read(cls, library: Path) -> About:
        """The page of a library; an empty one when it is not there yet."""
        try:
            values: dict[str, Any] = json.loads((library / FILE).read_text(encoding="ascii"))
            return cls(tuple(values["folders"]), str(values["encoder"]))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{library / FILE} cannot be read ({error}); delete it and add the folders again"
            ) from error

    def write(self, library: Path) -> None:
        """Replace the page in one step."""
        fresh = library / f"{FILE}.new"
        values = {"folders": self.folders, "encoder": self.encoder}
        try:
            fresh.write_text(json.dumps(values, indent=2), encoding="ascii")
            fresh.replace(library / FILE)
        except OSError as error:
            raise StoreError(f"cannot write {library / FILE}: {error.strerror}") from error

    def with_folders(self, paths: Iterable[str | Path]) -> About:
        """The page with more folders; those inside another one of the list are not listed twice."""
        folders = dict.fromkeys([*self.folders, *map(absolute, paths)])
        kept = [f for f in folders if not any(_inside(f, other) for other in folders)]
        return replace(self, folders=tuple(kept))

    def with_encoder(self, source: str) -> About:
        """The page with another encoder."""
        return replace(self, encoder=source)


def _inside(path: str, folder: str) -> bool:
    return path != folder and path.startswith(folder.rstrip(os.sep) + os.sep)


@dataclass(frozen=True, slots=True)
class Status:
    """How a library stands."""

    path: Path
    folders: tuple[str, ...]
    info: StoreInfo
    kinds: Mapping[str, int]
    """Readable files by kind: video, animation, image, audio."""
    length_s: float
    """Seconds of video and sound in all."""
    due: Mapping[str, int]
    """Files that still wait for each pass."""
    failed: tuple[Failure, ...]
    partial: tuple[Failure, ...]
    missing: tuple[str, ...]
    """Paths that are not on disk any more."""

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed


def status_of(store: Store, about: About) -> Status:
    """Counts and failures from the rows of a store."""
    rows = store.videos()
    readable = [row for row in rows if row.status in ("ok", "partial")]
    return Status(
        store.path,
        about.folders,
        store.info(),
        Counter(row.kind for row in readable),
        sum(row.duration_s for row in readable),
        {name: sum(name not in row.passes for row in readable) for name in PASSES},
        tuple(Failure(Path(row.path), row.reason) for row in rows if row.status == "failed"),
        tuple(Failure(Path(row.path), row.reason) for row in rows if row.status == "partial"),
        tuple(row.path for row in rows if row.status == "missing"),
    )


def video_of(row: VideoRow) -> Video:
    """The video that a row describes."""
    return Video(row.id, Path(row.path), row.duration_s, row.fps, row.width, row.height)


def find_row(rows: Sequence[VideoRow], name: str) -> VideoRow:
    """The row with this id, path or file name."""
    path = absolute(name)
    usable = [row for row in rows if row.status != "failed"]
    found = [row for row in usable if path == row.path] or [r for r in usable if name == r.id]
    found = found or [row for row in usable if Path(row.path).name == name]
    contents = {row.id for row in found}
    if len(contents) > 1:
        listed = ", ".join(row.path for row in found[:5])
        raise InputError(f"{name!r} names {len(contents)} different videos ({listed}); use a path")
    if not found:
        raise InputError(f"{name!r} is no video of this library; see `whenabouts status`")
    return found[0]
