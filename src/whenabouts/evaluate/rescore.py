"""Figures from predictions of anybody's, against a list of which caption belongs to which video.

Predictions are JSON lines, ours or of the least form `{"caption": 0, "found": ["video7", ...]}`, or
a matrix [captions, videos] in a .npy file, whose columns are the videos in the order in which the
references first name them. References are JSON lines `{"caption": 0, "video": "video7020"}`, or a
CSV file with a column `video_id` and a row a caption, such as MSR-VTT's list of test pairs.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.evaluate.retrieval import RetrievalEvaluation, both_ways, tell
from whenabouts.metrics.retrieval import Standing

FORWARD, BACK = "text_to_video", "video_to_text"


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Which video each caption belongs to."""

    captions: tuple[str, ...]
    """What the captions are called: their numbers, unless the references name them otherwise."""
    videos: tuple[str, ...]
    owner: NDArray[np.int64]
    """[captions]: indices of videos."""


@dataclass(frozen=True, slots=True, eq=False)
class Rescored:
    """Figures, their intervals, and what a reader must know about them."""

    figures: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    notes: tuple[str, ...]


def rescore(predictions: Path, truth: Path, settings: RetrievalEvaluation) -> Rescored:
    """Figures of both directions, as far as the predictions hold them."""
    known = read_references(truth)
    if predictions.suffix == ".npy":
        standings, notes = both_ways(_matrix(predictions, known), known.owner), ()
    else:
        standings, notes = _standings(predictions, known)
    found, bounds = tell(standings, known.owner, settings)
    return Rescored(found, bounds, notes)


def read_references(path: Path) -> Truth:
    """The references of a .jsonl or .csv file."""
    if path.suffix == ".csv":
        rows = [(str(n), row.get("video_id")) for n, row in enumerate(_csv(path))]
    else:
        rows = [
            (str(row.get("caption", number)), row.get("video"))
            for number, row in enumerate(_lines(path))
        ]
    if not rows or any(video is None for _, video in rows):
        raise InputError(
            f"{path} is no list of references; a line reads "
            '{"caption": 0, "video": "video7020"}, a CSV file has a column video_id'
        )
    captions = tuple(caption for caption, _ in rows)
    if len(set(captions)) < len(captions):
        raise InputError(f"{path} names a caption twice; give each one video")
    videos = tuple(dict.fromkeys(str(video) for _, video in rows))
    place = {video: index for index, video in enumerate(videos)}
    return Truth(captions, videos, np.array([place[str(video)] for _, video in rows]))


def _matrix(path: Path, truth: Truth) -> NDArray[np.float32]:
    try:
        scores = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no array that numpy saved: {error}") from error
    wanted = len(truth.captions), len(truth.videos)
    if scores.shape != wanted:
        raise InputError(f"{path} holds {scores.shape} scores, the references want {wanted}")
    return np.asarray(scores, np.float32 if scores.dtype == np.float16 else scores.dtype)


def _standings(path: Path, truth: Truth) -> tuple[dict[str, Standing], tuple[str, ...]]:
    """Standings from lines of predictions."""
    forward: dict[str, Mapping[str, Any]] = {}
    back: dict[str, Mapping[str, Any]] = {}
    for number, row in enumerate(_lines(path)):
        if row.get("task") == BACK:
            back[str(row["video"])] = row
        elif row.get("task", FORWARD) == FORWARD:
            forward[str(row.get("caption", number))] = row
    missing = [caption for caption in truth.captions if caption not in forward]
    if missing:
        raise InputError(
            f"{path} has no prediction for {len(missing)} of {len(truth.captions)} captions, "
            f"first {missing[0]}; predict every caption of the references"
        )
    rows = [forward[caption] for caption in truth.captions]
    right = [truth.videos[owner] for owner in truth.owner]
    places = [_place(row, video) for row, video in zip(rows, right, strict=True)]
    items = len(truth.videos)
    below = sum(lowest for _, _, lowest in places)
    found = {FORWARD: _standing([(a, b) for a, b, _ in places], items)}
    notes: list[str] = []
    if below:
        notes.append(
            f"{below} right videos are not among those found; they rank behind all that are, "
            "so MdR and MnR are lower bounds"
        )
    told = [back[video] for video in truth.videos if video in back and "better" in back[video]]
    if len(told) == items:
        found[BACK] = _standing([(int(r["better"]), int(r["equal"])) for r in told], items)
    else:
        notes.append("there are no figures from video to text: not every video has its standing")
    return found, tuple(notes)


def _place(row: Mapping[str, Any], right: str) -> tuple[int, int, bool]:
    """Videos above and beside the right one, and whether it is only known to be behind all."""
    if "better" in row and row.get("video") == right:
        return int(row["better"]), int(row["equal"]), False
    found = [(one, None) if isinstance(one, str) else (one[0], one[1]) for one in row["found"]]
    scores = [score for video, score in found if str(video) == right]
    if not scores:
        # Nothing found is never a hit, however short the list was.
        return max(len(found), 50), 0, True
    if scores[0] is None:
        return [str(video) for video, _ in found].index(right), 0, False
    others = [score for video, score in found if str(video) != right]
    return sum(s > scores[0] for s in others), sum(s == scores[0] for s in others), False


def _standing(places: Sequence[tuple[int, int]], items: int) -> Standing:
    better, equal = (np.array(column, np.int64) for column in zip(*places, strict=True))
    return Standing(better, equal, items)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise InputError(f"line {number} of {path} is no JSON object")
                    yield row
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a file of JSON lines: {error}") from error


def _csv(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
