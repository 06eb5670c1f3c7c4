"""YouCook2 and COIN: tables of videos, each with its labelled segments."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.instruct.told import Pair, Telling, Told, left_out
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json
from whenabouts.models.instructions import Event
from whenabouts.models.phrases import Task

SUBSETS = {"train": "training", "val": "validation", "test": "testing"}


class _Segment(BaseModel):
    segment: Pair
    sentence: str = ""
    label: str = ""


class _Video(BaseModel):
    subset: str
    annotations: list[_Segment] = []
    annotation: list[_Segment] = []


class _File(BaseModel):
    database: dict[str, _Video]


_SHAPE = TypeAdapter(_File)


def read(source: Source, split: str) -> Telling:
    """YouCook2: `youcookii_annotations_trainval.json`, sentences of `train` and `val`."""
    return _told(source, split, "youcookii_annotations_trainval.json", "dense captioning")


def read_coin(source: Source, split: str) -> Telling:
    """COIN: `COIN.json`, step labels of `train` and `test`."""
    return _told(source, split, "COIN.json", "step localisation")


def _told(source: Source, split: str, name: str, task: Task) -> Telling:
    (path,) = source.files(name)
    found: list[Told] = []
    empty = 0
    for video, entry in read_json(path, _SHAPE).database.items():
        if entry.subset != SUBSETS.get(split, split):
            continue
        segments = entry.annotations or entry.annotation
        if not segments:
            empty += 1
            continue
        events = tuple(
            Event(one.segment[0], one.segment[1], one.sentence or one.label) for one in segments
        )
        found.append(Told(video, task, events))
    return Telling(found, left_out(empty, "videos have no segment and are left out"))
