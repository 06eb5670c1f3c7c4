"""MSVD: short clips with about forty captions each; a test caption counts one by one."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from whenabouts.data.retrieval import Listing, RetrievalSplit, open_listing
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import Source
from whenabouts.data.tables import read_lines, read_pickle
from whenabouts.errors import DataError

CAPTIONS = "raw-captions.pkl"
_SHAPE = TypeAdapter(dict[str, list[list[str]]])


def open_split(folder: Path, split: str, settings: DataSettings | None = None) -> RetrievalSplit:
    """A split of MSVD: each caption of each listed clip, clips in the order of the list."""
    source = Source("msvd", folder, settings or DataSettings())
    return open_listing(source, split, _read, _find, "YouTubeClips/CLIP.avi")


def _find(source: Source, video: str) -> Path | None:
    return source.video([video])


def _read(source: Source, split: str) -> Listing:
    listed, captions = source.files(f"{split}_list.txt", CAPTIONS)
    table = read_pickle(captions, _SHAPE)
    clips = read_lines(listed)
    silent = [clip for clip in clips if not table.get(clip)]
    if silent:
        raise DataError(
            f"{captions} has no caption for {len(silent)} clips of {listed}, first {silent[0]}; "
            "fetch both files again"
        )
    return Listing([(clip, " ".join(words)) for clip in clips for words in table[clip]])
