"""LSMDC: clips of films with one line of audio description each."""

from __future__ import annotations

from pathlib import Path

from whenabouts.data.retrieval import Listing, RetrievalSplit, open_listing
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import Source
from whenabouts.data.tables import read_tabs

TABLES = {
    "train": "LSMDC16_annos_training.csv",
    "val": "LSMDC16_annos_val.csv",
    "test": "LSMDC16_challenge_1000_publictect.csv",
}
COLUMNS = 6
"""Clip, start and end as aligned, start and end as cut, sentence."""
BROKEN = (
    "0017_Pianist_00.23.28.872-00.23.34.843",
    "0017_Pianist_00.30.36.767-00.30.38.009",
    "3064_SPARKLE_2012_01.41.07.000-01.41.11.793",
)
"""Clips whose published files cannot be decoded."""


def open_split(folder: Path, split: str, settings: DataSettings | None = None) -> RetrievalSplit:
    """A split of LSMDC in the order of its table; a clip may have several lines in training."""
    source = Source("lsmdc", folder, settings or DataSettings())
    return open_listing(source, split, _read, _find, "avi/FILM/CLIP.avi")


def _find(source: Source, video: str) -> Path | None:
    return source.video([video])


def _read(source: Source, split: str) -> Listing:
    (table,) = source.files(TABLES[split])
    told = source.settings.leave_out
    broken = set(BROKEN if told is None else told)
    rows = read_tabs(table, COLUMNS)
    kept = [(row[0], row[-1]) for row in rows if row[0] not in broken]
    left = len(rows) - len(kept)
    note = f"{left} lines about {'broken clips' if told is None else 'leave_out'} are left out"
    return Listing(kept, notes=(note,) if left else ())
