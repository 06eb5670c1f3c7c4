"""A dataset folder: its annotation files and its videos, found by name wherever they lie below it.

Published datasets come unpacked in many ways, so only names count. Two files of one name in
different folders are refused rather than guessed about.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from whenabouts.data.settings import DataSettings
from whenabouts.errors import DataError

VIDEO_ENDINGS = (
    ".mp4", ".webm", ".mkv", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".3gp", ".wmv", ".flv",
    ".mts", ".m2ts", ".ts", ".ogv",
)  # fmt: skip
"""Endings of video files; where one folder has a video in two forms, the earlier one counts."""


class MissingFilesError(DataError):
    """Annotation files that are not there; `places` says where each belongs."""

    def __init__(self, dataset: str, root: Path, places: Sequence[str]) -> None:
        self.places = tuple(places)
        listed = ", ".join(str(root / place) for place in places)
        super().__init__(
            f"{dataset} lacks {len(places)} annotation file{'s' * (len(places) > 1)}: put "
            f"{listed}; `whenabouts data check {dataset} {root}` looks at everything"
        )


class MissingVideosError(DataError):
    """Listed videos without a file, so many that the split does not open."""

    def __init__(self, what: str, advice: str, ids: Sequence[str], listed: tuple[int, int]) -> None:
        """`ids` are their names, `listed` counts all videos and captions of the split."""
        self.what, self.ids, self.listed = what, tuple(ids), listed
        super().__init__(f"{what}; {advice}")


@dataclass(frozen=True)
class Source:
    """One dataset folder, looked through once."""

    dataset: str
    folder: Path
    settings: DataSettings

    def __post_init__(self) -> None:
        for folder in (self.folder, self.settings.annotations, self.settings.videos):
            if folder is not None and not folder.is_dir():
                raise DataError(f"{str(folder)!r} is no folder; name the folder of {self.dataset}")

    def files(self, *places: str) -> list[Path]:
        """The annotation files that belong at `places` below the folder, found by their names."""
        root = self.settings.annotations or self.folder
        found: list[Path] = []
        missing: list[str] = []
        for place in places:
            name = PurePosixPath(place).name
            at = self._annotations.get(name, [])
            if not at:
                missing.append(place)
            elif len(at) > 1 and root / place not in at:
                raise DataError(
                    f"{self.dataset} has {name} twice: {at[0]} and {at[1]}; remove one, or name "
                    "the folder of the right one: --annotations DIR, in a recipe "
                    "data.settings.annotations=DIR"
                )
            else:
                found.append(root / place if len(at) > 1 else at[0])
        if missing:
            raise MissingFilesError(self.dataset, root, missing)
        return found

    def files_like(self, pattern: str) -> list[Path]:
        """The annotation files whose path ends as `pattern` says, such as `GT/*.mat`, in order."""
        return [path for paths in self._annotations.values() for path in paths
                if path.match(pattern)]  # fmt: skip

    def video(self, names: Sequence[str], *, exact: bool = False) -> Path | None:
        """The file of the video that goes by one of `names`; None when there is none.

        Names are file names without their ending, or, if `exact`, with it.
        """
        for name in names:
            found = (self._by_name if exact else self._by_stem).get(name)
            if found:
                return self._only(name, found)
        return None

    def _only(self, name: str, found: list[Path]) -> Path:
        if len({path.parent for path in found}) > 1:
            raise DataError(
                f"{self.dataset} has the video {name} twice: {found[0]} and {found[-1]}; name the "
                "folder of the right one: --videos DIR, in a recipe data.settings.videos=DIR"
            )
        return min(found, key=lambda path: VIDEO_ENDINGS.index(path.suffix.lower()))

    @cached_property
    def _annotations(self) -> dict[str, list[Path]]:
        if self.settings.annotations is None:
            return _gather((path.name, path) for path in self._below)
        return _gather((path.name, path) for path in _walk(self.settings.annotations))

    @cached_property
    def _videos(self) -> list[Path]:
        folder = self.settings.videos
        below = self._below if folder is None else list(_walk(folder))
        return [path for path in below if path.suffix.lower() in VIDEO_ENDINGS]

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        return _gather((path.stem, path) for path in self._videos)

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        return _gather((path.name, path) for path in self._videos)

    @cached_property
    def _below(self) -> list[Path]:
        return list(_walk(self.folder))


def _gather(named: Iterator[tuple[str, Path]]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for name, path in named:
        found.setdefault(name, []).append(path)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, through links too, in order of name; hidden ones left out."""
    seen: set[str] = set()
    for at, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(at)
        if real in seen:  # a link back up would never end
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(at) / name for name in sorted(names) if not name.startswith("."))
