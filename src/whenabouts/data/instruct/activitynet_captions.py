"""ActivityNet Captions: sentences with spans for whole videos."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.instruct.told import Pair, Telling, Told
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json
from whenabouts.errors import DataError
from whenabouts.models.instructions import Event

FILES = {"train": "train.json", "val": "val_1.json", "test": "val_2.json"}


class _Captions(BaseModel):
    duration: float
    timestamps: list[Pair]
    sentences: list[str]


_SHAPE = TypeAdapter(dict[str, _Captions])


def read(source: Source, split: str) -> Telling:
    """`train.json`, `val_1.json`, `val_2.json`; ends beyond the video are set to its end."""
    (path,) = source.files(FILES.get(split, f"{split}.json"))
    found: list[Told] = []
    for name, video in read_json(path, _SHAPE).items():
        if len(video.timestamps) != len(video.sentences):
            raise DataError(
                f"{path} has {len(video.timestamps)} spans for {len(video.sentences)} sentences of "
                f"{name}; fetch it again"
            )
        events = tuple(
            Event(start_s, min(end_s, video.duration), text)
            for (start_s, end_s), text in zip(video.timestamps, video.sentences, strict=True)
        )
        if events:
            found.append(Told(name, "dense captioning", events))
    return Telling(found)
