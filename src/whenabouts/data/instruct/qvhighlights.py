"""QVHighlights: how well the 2 s clips of a video fit a query, by three raters, 0 to 4."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.instruct.told import Telling, Told, left_out
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json_lines
from whenabouts.errors import DataError
from whenabouts.models.instructions import Peak

CLIP_S = 2.0


class _Query(BaseModel):
    qid: int | str
    query: str
    vid: str
    relevant_clip_ids: list[int] = []
    saliency_scores: list[list[float]] = []


_SHAPE = TypeAdapter(_Query)


def read(source: Source, split: str) -> Telling:
    """`highlight_{train,val}_release.jsonl`: the start of each relevant clip with its mean score.

    The test file has no truth.
    """
    (path,) = source.files(f"highlight_{split}_release.jsonl")
    found: list[Told] = []
    empty = 0
    for line in read_json_lines(path, _SHAPE):
        if len(line.relevant_clip_ids) != len(line.saliency_scores):
            raise DataError(
                f"query {line.qid} of {path} has {len(line.saliency_scores)} scores for "
                f"{len(line.relevant_clip_ids)} clips; fetch it again"
            )
        peaks = tuple(
            Peak(CLIP_S * clip, sum(marks) / len(marks), line.query)
            for clip, marks in zip(line.relevant_clip_ids, line.saliency_scores, strict=True)
            if marks
        )
        if peaks:
            found.append(Told(line.vid, "highlights", peaks=peaks, query=line.query))
        else:
            empty += 1
    return Telling(found, left_out(empty, "queries have no relevant clip and are left out"))
