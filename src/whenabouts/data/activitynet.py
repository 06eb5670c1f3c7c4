"""ActivityNet Captions for paragraph retrieval: all sentences of a video as one text."""

from __future__ import annotations

import math
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.retrieval import Listing, RetrievalSplit, open_listing
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json
from whenabouts.errors import DataError

FILES = {
    "train": ("train_ids.json", "train.json"),
    "val": ("val_ids.json", "val_1.json"),
    "test": ("val_ids.json", "val_1.json"),
}
"""List and captions; the test captions are not published, so the first validation set stands in."""


class _Captions(BaseModel):
    duration: float
    sentences: list[str]


_LIST = TypeAdapter(list[str])
_SHAPE = TypeAdapter(dict[str, _Captions])


def open_split(folder: Path, split: str, settings: DataSettings | None = None) -> RetrievalSplit:
    """A split of ActivityNet: a paragraph for each listed video, in the order of the list."""
    source = Source("activitynet", folder, settings or DataSettings())
    return open_listing(source, split, _read, _find, "videos/ID.mp4")


def _find(source: Source, video: str) -> Path | None:
    """Files are named with or without the `v_` of the id."""
    return source.video([video.removeprefix("v_"), video])


def _read(source: Source, split: str) -> Listing:
    listed, captions = source.files(*FILES[split])
    table = read_json(captions, _SHAPE)
    ids = list(dict.fromkeys(read_json(listed, _LIST)))
    silent = [name for name in ids if name not in table or not table[name].sentences]
    if silent:
        raise DataError(
            f"{captions} has no sentence about {len(silent)} videos of {listed}, first "
            f"{silent[0]}; fetch both files again"
        )
    pairs = [(name, " ".join(table[name].sentences)) for name in ids]
    spans = {name: (0.0, float(math.ceil(table[name].duration))) for name in ids}
    same = "val and test are both the first validation set, as published figures have it"
    return Listing(pairs, spans, () if split == "train" else (same,))
