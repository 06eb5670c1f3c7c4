"""Annotations of moments, one JSON object a line: the form of QVHighlights, for all sets.

`qid`, `query`, `duration`, `vid`, `relevant_windows`; QVHighlights adds `relevant_clip_ids` and
`saliency_scores`. Test files of QVHighlights have neither windows nor scores.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import DataError


@dataclass(frozen=True, slots=True)
class MomentRow:
    """A query on a video."""

    qid: str
    vid: str
    query: str
    duration_s: float
    windows: tuple[tuple[float, float], ...]
    """Seconds; none where they are not published."""
    clips: tuple[int, ...] = ()
    ratings: tuple[tuple[float, ...], ...] = ()
    """Scores of each of `clips`, one a rater."""

    def truth(self) -> dict[str, Any]:
        """As the evaluator reads it."""
        return {
            "qid": self.qid,
            "query": self.query,
            "duration": self.duration_s,
            "vid": self.vid,
            "relevant_windows": [list(window) for window in self.windows],
            "relevant_clip_ids": list(self.clips),
            "saliency_scores": [list(scores) for scores in self.ratings],
        }


def read_rows(path: Path) -> list[MomentRow]:
    """All rows of a file.

    Raises:
        DataError: it is missing, or a line of it is not such an object; the message says which.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"cannot read annotations {path}: {error.strerror}") from error
    rows: list[MomentRow] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(_row(json.loads(line)))
        except KeyError as error:
            raise DataError(f"{path}, line {number}: there is no {error}") from error
        except (ValueError, DataError, TypeError, IndexError) as error:
            raise DataError(f"{path}, line {number}: {error}") from error
    if not rows:
        raise DataError(f"{path} has no annotations")
    return rows


def _row(line: Mapping[str, Any]) -> MomentRow:
    clips = tuple(int(clip) for clip in line.get("relevant_clip_ids", ()))
    ratings = tuple(tuple(map(float, row)) for row in line.get("saliency_scores", ()))
    if len(clips) != len(ratings):
        raise DataError(f"{len(ratings)} rows of scores for {len(clips)} relevant clips")
    windows = tuple((float(pair[0]), float(pair[1])) for pair in line.get("relevant_windows", ()))
    return MomentRow(
        str(line["qid"]),
        str(line["vid"]),
        str(line["query"]),
        float(line["duration"]),
        windows,
        clips,
        ratings,
    )
