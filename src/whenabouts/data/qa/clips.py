"""How2QA and TVQA: questions about a part of a video, one JSON object a line."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from whenabouts.data.qa.questions import Asking
from whenabouts.data.qa.raw import parted, place_of
from whenabouts.data.qa.rows import OPTIONS, QaRow, QaSet
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json_lines
from whenabouts.errors import DataError

_LINE = TypeAdapter(dict[str, Any])


def read_how2qa(source: Source, split: str) -> Asking:
    """`how2QA_{train,val}_release.jsonl`."""
    return _read(source, "how2qa", f"how2QA_{split}_release.jsonl")


def read_tvqa(source: Source, split: str) -> Asking:
    """`tvqa_{train,val,test_public}.jsonl`; the test has no answers. Subtitles are not read."""
    name = "test_public" if split == "test" else split
    return _read(source, "tvqa", f"tvqa_{name}.jsonl")


def _read(source: Source, name: QaSet, file: str) -> Asking:
    (path,) = source.files(file)
    count = OPTIONS[name]
    rows: list[QaRow] = []
    for number, line in enumerate(read_json_lines(path, _LINE)):
        where = f"line {number + 1} of {path}"
        try:
            options = tuple(str(line[f"a{n}"]) for n in range(count))
            video, question, times = str(line["vid_name"]), str(line["q"]), str(line["ts"])
        except KeyError as error:
            raise DataError(f"{where} has no {error}; fetch the file again") from None
        answer = place_of(line.get("answer_idx"), count, where)
        # Questions are known by their place in the file, as in published results.
        title = f"{name.upper()}_{number}"
        rows.append(QaRow(name, title, video, question, options, answer, parted(times, where)))
    return Asking(rows)
