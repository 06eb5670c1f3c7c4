"""STAR: situated reasoning with four options, about a part of a video."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.qa.questions import Asking
from whenabouts.data.qa.raw import clip_of
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json
from whenabouts.errors import DataError


class _Choice(BaseModel):
    choice: str


class _Row(BaseModel):
    question_id: str
    question: str
    video_id: str
    start: float
    end: float
    choices: list[_Choice]
    answer: str | None = None


_ROWS = TypeAdapter(list[_Row])


def read(source: Source, split: str) -> Asking:
    """`STAR_{train,val,test}.json`; `test` has no answers."""
    (path,) = source.files(f"STAR_{split}.json")
    return Asking([_row(row, f"{row.question_id} of {path}") for row in read_json(path, _ROWS)])


def _row(row: _Row, where: str) -> QaRow:
    options = tuple(choice.choice for choice in row.choices)
    right = None
    if row.answer is not None:
        fitting = [n for n, option in enumerate(options) if option == row.answer]
        if not fitting:
            raise DataError(f"{where} has an answer that is none of its options; mend the row")
        right = fitting[-1]  # where two options are the same, the later one, as published
    return QaRow(
        "star",
        row.question_id,
        row.video_id,
        row.question,
        options,
        right,
        clip_of(row.start, row.end, where),
    )
