"""Whether instructions, or the dataset they will be made from, are complete."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from whenabouts.data.instruct.records import Record, print_times, read_records
from whenabouts.data.instruct.told import Told, teller
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import MissingFilesError, Source
from whenabouts.errors import DataError, MediaError

SPLITS = ("train", "val", "test")
_SLACK_S = 2.0
"""How far a time may lie beyond the end of its video: files are cut and lengths are rounded."""
_TIMES = re.compile(r"(\d+(?:\.\d+)?)(?=(?:(?:, | - )\d+(?:\.\d+)?)* ?(?:seconds?\b|秒))")

Tell = Callable[[int, int, str], None]
"""Told before each video is opened: how many are done, how many there will be, and its name."""


@dataclass(frozen=True, slots=True)
class RecordsState:
    """What a file or folder of instructions holds."""

    records: int
    questions: int
    sources: dict[str, int]
    """Records by set."""
    videos: int
    missing: tuple[str, ...]
    """Videos without a file; empty when nobody said where videos are."""
    opened: int
    unreadable: tuple[tuple[Path, str], ...]
    beyond: tuple[tuple[str, float, float], ...]
    """Videos with an answer that names a time after their end: name, time and length, in s."""

    @property
    def sound(self) -> bool:
        """Whether training can begin and mean what it should."""
        return not (self.missing or self.unreadable or self.beyond)


@dataclass(frozen=True, slots=True)
class ToldState:
    """What one split of a dataset tells."""

    split: str
    told: int = 0
    videos: int = 0
    files: tuple[Path, ...] = ()
    """Annotation files that are not there, where they belong."""
    problem: str = ""
    notes: tuple[str, ...] = ()


def check_records(
    path: Path,
    videos: Path | None = None,
    *,
    probe_limit: int = 200,
    tell: Tell | None = None,
) -> RecordsState:
    """Read instructions, look for their videos, and open up to `probe_limit` of them."""
    records = read_records(path)
    names = list(dict.fromkeys(record.video for record in records))
    there = [] if videos is None else [name for name in names if (videos / name).is_file()]
    gone = set(names).difference(there) if videos is not None else set[str]()
    probed = there[:: max(1, -(-len(there) // probe_limit))] if probe_limit else []
    unreadable, beyond = _opened(records, videos or Path(), probed, tell)
    return RecordsState(
        len(records),
        sum(len(record.turns) for record in records),
        dict(Counter(record.source for record in records)),
        len(names),
        tuple(name for name in names if name in gone),
        len(probed),
        tuple(unreadable),
        tuple(beyond),
    )


def check_telling(name: str, folder: Path, places: DataSettings | None = None) -> list[ToldState]:
    """What each split of the dataset `name` tells; a split that it does not have is no fault."""
    source = Source(name, folder, places or DataSettings())
    return [_state(name, source, split) for split in SPLITS]


def _state(name: str, source: Source, split: str) -> ToldState:
    root = source.settings.annotations or source.folder
    try:
        telling = teller(name)(source, split)
    except MissingFilesError as error:
        return ToldState(split, files=tuple(root / place for place in error.places))
    except DataError as error:
        return ToldState(split, problem=str(error))
    told: Sequence[Told] = telling.told
    return ToldState(split, len(told), len({one.video for one in told}), notes=telling.notes)


def _opened(
    records: Sequence[Record], root: Path, names: Sequence[str], tell: Tell | None
) -> tuple[list[tuple[Path, str]], list[tuple[str, float, float]]]:
    """Files that cannot be read, and videos shorter than what is said of them."""
    from whenabouts.media.probe import probe

    latest: dict[str, float] = {}
    for record in records:
        for _, answer in record.turns:
            times_s = [float(text) for text in _TIMES.findall(print_times(answer))]
            latest[record.video] = max([latest.get(record.video, 0.0), *times_s])
    unreadable: list[tuple[Path, str]] = []
    beyond: list[tuple[str, float, float]] = []
    for done, name in enumerate(names):
        if tell is not None:
            tell(done, len(names), name)
        try:
            length_s = probe(root / name).duration_s
        except MediaError as error:
            unreadable.append((root / name, str(error)))
            continue
        if latest[name] > length_s + _SLACK_S:
            beyond.append((name, latest[name], length_s))
    return unreadable, beyond
