"""The preprocessed form that SeViLA's code reads: a JSON list of objects a split, for all sets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from whenabouts.data.qa.raw import clip_of, place_of
from whenabouts.data.qa.rows import QaRow, QaSet
from whenabouts.data.tables import read_json
from whenabouts.errors import DataError
from whenabouts.types import Span

_LINES = TypeAdapter(list[dict[str, Any]])
_AS_TEXT = ("how2qa", "tvqa")
"""Sets whose times are written as text, as published."""


def read_prepared(path: Path, dataset: QaSet) -> list[QaRow]:
    """The rows of a file of the set `dataset`; the form itself does not say which one it is."""
    return [from_line(line, dataset, str(path)) for line in read_json(path, _LINES)]


def write_prepared(rows: Iterable[QaRow], path: Path) -> None:
    """Write rows of one set."""
    lines = [to_line(row) for row in rows]
    path.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def from_line(line: Mapping[str, Any], dataset: QaSet, path: str) -> QaRow:
    """One row; VLEP has no question, QVHighlights no options.

    Raises:
        DataError: a key is missing, or the answer is none of the options.
    """
    where = f"{line.get('qid', 'a row')} of {path}"
    try:
        if dataset == "qvhighlights":
            windows = line.get("relevant_windows", ())
            return QaRow(
                dataset,
                str(line["qid"]),
                str(line["video"]),
                str(line["query"]),
                spans=tuple(Span(float(a), float(b)) for a, b in windows) or None,
                duration_s=float(line["duration"]),
            )
        count = int(line["num_option"])
        options = tuple(str(line[f"a{n}"]) for n in range(count))
        clip = None
        if "start" in line and "end" in line:
            clip = clip_of(line["start"], line["end"], where)
        question = str(line.get("question", "")) if dataset == "vlep" else str(line["question"])
        answer = place_of(line.get("answer"), count, where)
        return QaRow(dataset, str(line["qid"]), str(line["video"]), question, options, answer, clip)
    except KeyError as error:
        raise DataError(f"{where} has no {error}; prepare the set again") from None


def to_line(row: QaRow) -> dict[str, Any]:
    """The object of a row, with the keys of the published preprocessing."""
    if row.dataset == "qvhighlights":
        line: dict[str, Any] = {
            "video": row.video,
            "qid": row.id,
            "query": row.question,
            "duration": row.duration_s,
        }
        if row.spans is not None:
            line["relevant_windows"] = [[span.start_s, span.end_s] for span in row.spans]
        return line
    line = {"video": row.video, "num_option": len(row.options), "qid": row.id}
    line |= {f"a{number}": option for number, option in enumerate(row.options)}
    if row.answer is not None:
        line["answer"] = row.answer
    if row.dataset != "vlep":
        line["question"] = row.question
    if row.clip is not None:
        edges = (row.clip.start_s, row.clip.end_s)
        text = row.dataset in _AS_TEXT
        line |= {
            key: f"{edge:.12g}" if text else edge
            for key, edge in zip(("start", "end"), edges, strict=True)
        }
    return line
