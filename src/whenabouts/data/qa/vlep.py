"""VLEP: which of two events is likelier to come next."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

from whenabouts.data.qa.questions import Asking
from whenabouts.data.qa.raw import clip_of, place_of
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json_lines

_FILES = {"train": "train", "val": "dev", "test": "test"}


class _Row(BaseModel):
    example_id: int
    vid_name: str
    events: Annotated[list[str], Field(min_length=2, max_length=2)]
    ts: Annotated[list[float], Field(min_length=2, max_length=2)]
    answer: int | None = None


_ROW = TypeAdapter(_Row)


def read(source: Source, split: str) -> Asking:
    """`vlep_{train,dev,test}_release.jsonl`; the test has no answers. There is no question."""
    (path,) = source.files(f"vlep_{_FILES[split]}_release.jsonl")
    rows: list[QaRow] = []
    for row in read_json_lines(path, _ROW):
        where = f"example {row.example_id} of {path}"
        rows.append(
            QaRow(
                "vlep",
                f"VLEP_{row.example_id}",
                row.vid_name,
                "",
                tuple(row.events),
                place_of(row.answer, 2, where),
                clip_of(row.ts[0], row.ts[1], where),
            )
        )
    return Asking(rows)
