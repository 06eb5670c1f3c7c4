"""NExT-QA: causal, temporal and descriptive questions with five options."""

from __future__ import annotations

from pydantic import TypeAdapter

from whenabouts.data.qa.questions import Asking
from whenabouts.data.qa.raw import place_of
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.source import Source
from whenabouts.data.tables import read_columns, read_json
from whenabouts.errors import DataError

_OPTIONS = ("a0", "a1", "a2", "a3", "a4")
_COLUMNS = ("video", "question", "answer", "qid", "type", *_OPTIONS)
_FOLDERS = TypeAdapter(dict[str, str])


def read(source: Source, split: str) -> Asking:
    """`{train,val,test}.csv` with `map_vid_vidorID.json`, which says where each video lies.

    A question mark and full stops are added, as the published models were trained.
    """
    table, places = source.files(f"{split}.csv", "map_vid_vidorID.json")
    by_id = read_json(places, _FOLDERS)
    rows: list[QaRow] = []
    for number, cells in enumerate(read_columns(table, _COLUMNS), 2):
        video, question, answer, qid, kind, *options = cells
        if video not in by_id:
            raise DataError(
                f"row {number} of {table} asks about the video {video}, which {places} does not "
                "know; fetch both of one release"
            )
        rows.append(
            QaRow(
                "nextqa",
                f"{kind}_{video}_{qid}",
                by_id[video],
                f"{question}?",
                tuple(f"{option}." for option in options),
                place_of(answer, len(options), f"row {number} of {table}"),
            )
        )
    return Asking(rows)
