"""QVHighlights as questions: is what the query says to be seen in a frame?"""

from __future__ import annotations

from whenabouts.data.moments.rows import MomentRow, read_rows
from whenabouts.data.qa.questions import Asking
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.source import Source
from whenabouts.types import Span


def read(source: Source, split: str) -> Asking:
    """`highlight_{train,val,test}_release.jsonl`; the test has no windows."""
    (path,) = source.files(f"highlight_{split}_release.jsonl")
    return Asking([_row(row) for row in read_rows(path)])


def _row(row: MomentRow) -> QaRow:
    spans = tuple(Span(min(pair), max(pair)) for pair in row.windows)
    ratings = tuple(tuple(int(score) for score in scores) for scores in row.ratings)
    return QaRow(
        "qvhighlights",
        f"QVHighlight_{row.qid}",
        row.vid,
        row.query,
        spans=spans or None,
        duration_s=row.duration_s,
        saliency=tuple(zip(row.clips, ratings, strict=True)),
    )
