"""Opens the questions of one split of a published set, whatever its files look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from whenabouts.catalog import part
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import MissingVideosError, Source
from whenabouts.data.tables import read_json
from whenabouts.shapeworld.forms_questions import EVIDENCE
from whenabouts.types import Span

_SPANS = TypeAdapter(dict[str, list[list[float]]])


@dataclass(frozen=True, slots=True)
class Asking:
    """What the annotation files of a split ask, before anybody looks for videos."""

    rows: Sequence[QaRow]
    notes: tuple[str, ...] = ()
    """What was left out, and why."""


Read = Callable[[Source, str], Asking]
"""Reads `train`, `val` or `test` of one set."""


@dataclass(frozen=True, slots=True)
class QaSplit:
    """Questions with the files of their videos, one a question."""

    rows: tuple[QaRow, ...]
    videos: tuple[Path, ...]
    missing: tuple[str, ...] = ()
    """Videos without a file, which were dropped with their questions."""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def questions(name: str, folder: Path, split: str, settings: DataSettings | None = None) -> QaSplit:
    """The split `train`, `val` or `test` of the set `name`: nextqa, star, how2qa, tvqa, vlep, ...

    Raises:
        MissingVideosError: a video has no file, unless `settings.missing` is `drop`.
        DataError: an annotation file is missing or damaged.
    """
    source = Source(name, folder.expanduser(), settings or DataSettings())
    asking = asked(name, source, split)
    files = {row.video: find_video(source, row) for row in asking.rows}
    missing = tuple(video for video, path in files.items() if path is None)
    lost = sum(files[row.video] is None for row in asking.rows)
    notes = list(asking.notes)
    if missing:
        what = f"{len(missing):,} of {len(files):,} videos of {name} {split} have no file, "
        what += f"first {missing[0]}"
        if source.settings.missing == "refuse" or len(missing) == len(files):
            raise MissingVideosError(
                what,
                "get them, name their folder (--videos DIR), or leave them out: missing=drop",
                missing,
                (len(files), len(asking.rows)),
            )
        notes.append(f"{what}: left out with {lost:,} of {len(asking.rows):,} questions")
    kept = [(row, path) for row in asking.rows if (path := files[row.video]) is not None]
    return QaSplit(
        tuple(row for row, _ in kept), tuple(path for _, path in kept), missing, tuple(notes)
    )


def asked(name: str, source: Source, split: str) -> Asking:
    """The questions of a split alone."""
    reader: Read = part("questions", name)
    asking = reader(source, split)
    spans = _evidence(source)
    if not spans:
        return asking
    return Asking([_with(row, spans, split) for row in asking.rows], asking.notes)


def _evidence(source: Source) -> dict[str, list[list[float]]]:
    """Where answers can be seen: only drawn sets have a file that tells it."""
    found = source.files_like(EVIDENCE)
    return read_json(found[0], _SPANS) if found else {}


def _with(row: QaRow, spans: dict[str, list[list[float]]], split: str) -> QaRow:
    """A row with its evidence; sets that count the rows of a file say which file."""
    found = spans.get(row.id) or spans.get(f"{split}/{row.id}")
    if found is None:
        return row
    return replace(row, spans=tuple(Span(first, last) for first, last in found))


def find_video(source: Source, row: QaRow) -> Path | None:
    """The file of a question's video, by its name wherever it lies; None where there is none."""
    return source.video([Path(row.file).stem])
