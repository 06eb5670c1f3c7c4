"""DiDeMo for paragraph retrieval: all descriptions of a video as one text."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.retrieval import Listing, RetrievalSplit, open_listing
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json, read_lines
from whenabouts.errors import DataError

SPAN_S = (0.0, 31.0)
"""The part of each video that was described, as the published systems cut it."""


class _Description(BaseModel):
    video: str
    description: str


_SHAPE = TypeAdapter(list[_Description])


def open_split(folder: Path, split: str, settings: DataSettings | None = None) -> RetrievalSplit:
    """A split of DiDeMo: a paragraph for each listed video, in the order of the data file."""
    source = Source("didemo", folder, settings or DataSettings())
    return open_listing(source, split, _read, _find, "videos/NAME")


def _find(source: Source, video: str) -> Path | None:
    """By the full name; or with another ending, as re-encoded copies have."""
    found = source.video([video], exact=True)
    return found or source.video([PurePosixPath(video).stem])


def _read(source: Source, split: str) -> Listing:
    listed, data = source.files(f"{split}_list.txt", f"{split}_data.json")
    wanted = dict.fromkeys(read_lines(listed))
    told: dict[str, list[str]] = {}
    for entry in read_json(data, _SHAPE):
        told.setdefault(entry.video, []).append(entry.description)
    silent = [name for name in wanted if name not in told]
    if silent:
        raise DataError(
            f"{data} has no description of {len(silent)} videos of {listed}, first {silent[0]}; "
            "the list has full file names, one a line: fetch both files again"
        )
    pairs = [(name, " ".join(texts)) for name, texts in told.items() if name in wanted]
    return Listing(pairs, dict.fromkeys(wanted, SPAN_S), _more(told, wanted, data, listed))


def _more(
    told: dict[str, list[str]], wanted: dict[str, None], data: Path, listed: Path
) -> tuple[str, ...]:
    more = len(told) - len(wanted)
    if not more:
        return ()
    return (f"{more} videos of {data.name} are not in {listed.name} and do not count",)
