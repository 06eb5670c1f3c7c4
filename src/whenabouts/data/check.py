"""Whether a dataset folder is complete, before an hour is lost: nothing is decoded or trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whenabouts.data.retrieval import RetrievalSplit, retrieval_split
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import MissingFilesError, MissingVideosError
from whenabouts.errors import DataError, MediaError

CHECKED = ("train", "val", "test")

Tell = Callable[[int, int, str], None]
"""Told before each video that is opened: how many are done, how many there are, its file name."""


@dataclass(frozen=True, slots=True)
class SplitState:
    """What there is of one split."""

    split: str
    videos: int
    """Listed, with or without a file."""
    captions: int
    """Likewise."""
    unpaired: int = 0
    """Captions whose video has no file."""
    files: tuple[Path, ...] = ()
    """Where the annotation files belong that are not there."""
    missing: tuple[str, ...] = ()
    """Videos with captions and without a file."""
    problem: str = ""
    """Why the split cannot be opened at all."""
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether everything is there."""
        return not (self.files or self.missing or self.problem)


@dataclass(frozen=True, slots=True)
class Condition:
    """What there is of a dataset."""

    dataset: str
    folder: Path
    splits: tuple[SplitState, ...]
    probed: int
    """Video files that were opened."""
    there: int
    """Video files that were found."""
    unreadable: tuple[tuple[Path, str], ...]
    """Files that were opened in vain, and why."""
    shared: int
    """Videos in both the training and the test split."""

    @property
    def sound(self) -> bool:
        """Whether training and evaluation can begin and mean what they should."""
        return not self.unreadable and not self.shared and all(s.sound for s in self.splits)


def check(
    name: str,
    folder: Path,
    settings: DataSettings | None = None,
    *,
    probe_limit: int = 200,
    tell: Tell | None = None,
) -> Condition:
    """Open every split of the dataset `name` in `folder`, and up to `probe_limit` of its videos."""
    asked = (settings or DataSettings()).model_copy(update={"missing": "drop"})
    states: list[SplitState] = []
    opened: dict[str, RetrievalSplit] = {}
    for split in CHECKED:
        state, found = _look(name, folder, split, asked)
        states.append(state)
        if found is not None:
            opened[split] = found
    files = list(dict.fromkeys(path for found in opened.values() for path in found.videos))
    probed = _spread(files, probe_limit)
    ids = {split: set(found.video_ids) for split, found in opened.items()}
    shared = len(ids.get("train", set()) & ids.get("test", set()))
    faults = _unreadable(probed, tell)
    return Condition(name, folder, tuple(states), len(probed), len(files), faults, shared)


def _look(
    name: str, folder: Path, split: str, settings: DataSettings
) -> tuple[SplitState, RetrievalSplit | None]:
    """The state of one split, and the split if it opens."""
    root = settings.annotations or folder
    try:
        found = retrieval_split(name, folder, split, settings)
    except MissingFilesError as error:
        return SplitState(split, 0, 0, files=tuple(root / p for p in error.places)), None
    except MissingVideosError as error:
        videos, captions = error.listed
        state = SplitState(
            split, videos, captions, captions, missing=error.ids, notes=(error.what,)
        )
        return state, None
    except DataError as error:
        if not folder.is_dir():
            raise
        return SplitState(split, 0, 0, problem=str(error)), None
    state = SplitState(
        split,
        len(found.videos) + len(found.missing),
        len(found) + found.lost,
        unpaired=found.lost,
        missing=found.missing,
        notes=found.notes,
    )
    return state, found


def _spread(files: Sequence[Path], limit: int) -> list[Path]:
    """At most `limit` of them, evenly spread."""
    if len(files) <= limit:
        return list(files)
    return [files[i] for i in np.linspace(0, len(files) - 1, limit, dtype=int)] if limit else []


def _unreadable(files: Sequence[Path], tell: Tell | None) -> tuple[tuple[Path, str], ...]:
    from whenabouts.media.probe import probe

    found: list[tuple[Path, str]] = []
    for done, path in enumerate(files):
        if tell is not None:
            tell(done, len(files), path.name)
        try:
            info = probe(path)
        except MediaError as error:
            found.append((path, str(error)))
            continue
        if info.kind not in ("video", "animation"):
            found.append((path, f"{path.name!r} has no moving pictures: it is {info.kind}"))
    return tuple(found)
