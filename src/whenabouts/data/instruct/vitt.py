"""ViTT: tags at points of time, in ms, by several people for some videos."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.instruct.told import Telling, Told, left_out
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json, read_json_lines, read_lines
from whenabouts.errors import DataError
from whenabouts.models.instructions import Event

LISTS = {"train": "train_id.txt", "val": "dev_id.txt", "test": "test_id.txt"}


class _Tag(BaseModel):
    timestamp: float
    tag: str


class _Tags(BaseModel):
    id: str
    annotations: list[_Tag]


_ONE, _ALL = TypeAdapter(_Tags), TypeAdapter(list[_Tags])


def read(source: Source, split: str) -> Telling:
    """`ViTT-annotations.json` (a list, or a line a set) and the list of the split's ids.

    Of a video that several people tagged, the first set counts.
    """
    path, listed = source.files("ViTT-annotations.json", LISTS.get(split, f"{split}_id.txt"))
    try:
        sets = read_json(path, _ALL)
    except DataError:
        sets = read_json_lines(path, _ONE)
    wanted = set(read_lines(listed))
    found: dict[str, Told] = {}
    more = 0
    for one in sets:
        if one.id not in wanted or not one.annotations:
            continue
        if one.id in found:
            more += 1
            continue
        events = tuple(Event(tag.timestamp / 1000, None, tag.tag) for tag in one.annotations)
        found[one.id] = Told(one.id, "dense captioning", events)
    silent = len(wanted) - len(found)
    return Telling(
        list(found.values()),
        left_out(more, "further sets of tags of the same videos are left out")
        + left_out(silent, "listed videos have no tags"),
    )
