"""DiDeMo: descriptions of moments in pieces of 5 s, each placed by several people."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

from whenabouts.data.instruct.told import Telling, Told, left_out, moment
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json

PIECE_S = 5.0


class _Description(BaseModel):
    video: str
    description: str
    times: list[Annotated[list[int], Field(min_length=2, max_length=2)]]


_SHAPE = TypeAdapter(list[_Description])


def read(source: Source, split: str) -> Telling:
    """`{train,val,test}_data.json`: each description where most people put it.

    Of several that as many chose, the one named first counts. Pieces 1 to 2 are 5 to 15 s.
    """
    (path,) = source.files(f"{split}_data.json")
    found: list[Told] = []
    nowhere = 0
    for entry in read_json(path, _SHAPE):
        if not entry.times:
            nowhere += 1
            continue
        (first, last), _ = Counter(map(tuple, entry.times)).most_common(1)[0]
        span_s = PIECE_S * first, PIECE_S * (last + 1)
        found.append(moment(entry.video, entry.description, *span_s))
    return Telling(found, left_out(nowhere, "descriptions have no times and are left out"))
