"""TVSum and SumMe: how important people found each frame; the best 2 s parts are the summary."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.data.instruct.matlab import read_numbers
from whenabouts.data.instruct.told import Telling, Told, left_out
from whenabouts.data.source import MissingFilesError, Source
from whenabouts.data.tables import read_columns_of_tabs, read_tabs
from whenabouts.errors import DataError
from whenabouts.models.instructions import Peak

PART_S = 2.0
SHARE = 0.15
"""Share of a video that a summary keeps, as both datasets are scored."""


def best_parts(scores: NDArray[np.float64], fps: float) -> tuple[Peak, ...]:
    """The best parts of a video in order of time, each with the mean of its frames' scores.

    `scores` [N] has one for each frame. Of parts that are as good, the earlier one is kept.
    """
    starts = np.arange(0, len(scores) / fps, PART_S)
    borders = np.minimum(np.round(starts * fps).astype(int), len(scores))
    parts = [part for part in np.split(scores, borders[1:]) if len(part)]
    means = np.array([part.mean() for part in parts])
    count = max(1, math.floor(SHARE * len(means)))
    kept = np.sort(np.argsort(-means, kind="stable")[:count])
    return tuple(Peak(float(starts[place]), float(means[place])) for place in kept)


def tvsum(source: Source, _split: str) -> Telling:
    """`ydata-tvsum50-anno.tsv` and `ydata-tvsum50-info.tsv`: twenty people's scores, 1 to 5.

    There are no splits. The frame rate follows from the number of frames and the length.
    """
    scored, info = source.files("ydata-tvsum50-anno.tsv", "ydata-tvsum50-info.tsv")
    lengths_s = {
        video: _seconds(length, info)
        for video, length in read_columns_of_tabs(info, ("video_id", "length"))
    }
    given: dict[str, list[NDArray[np.float64]]] = {}
    for video, _, marks in read_tabs(scored, 3):
        given.setdefault(video, []).append(_numbers(marks, video, scored))
    found: list[Told] = []
    for video, people in given.items():
        lengths = {len(one) for one in people}
        if len(lengths) != 1 or video not in lengths_s:
            raise DataError(
                f"{scored} has lists of {sorted(lengths)} frames for {video}, and {info} "
                f"{'tells' if video in lengths_s else 'does not tell'} its length; fetch both again"
            )
        mean = np.mean(people, axis=0)
        peaks = best_parts(mean, len(mean) / lengths_s[video])
        found.append(Told(video, "summarisation", peaks=peaks))
    return Telling(found)


def summe(source: Source, _split: str) -> Telling:
    """`GT/*.mat`: the share of people who kept each frame, 0 to 1, told as 1 to 5."""
    files = source.files_like("GT/*.mat")
    if not files:
        root = source.settings.annotations or source.folder
        raise MissingFilesError(source.dataset, root, ["GT/VIDEO.mat"])
    found: list[Told] = []
    for path in files:
        values = read_numbers(path)
        try:
            scores, fps = values["gt_score"].ravel(), float(values["FPS"].ravel()[0])
        except (KeyError, IndexError):
            known = ", ".join(values) or "nothing"
            raise DataError(
                f"{path} has {known}, not gt_score and FPS; fetch the published file"
            ) from None
        if not (len(scores) and fps > 0):
            raise DataError(f"{path} has {len(scores)} frames at {fps} a second; fetch it again")
        peaks = best_parts(4 * scores + 1, fps)
        found.append(Told(path.stem, "summarisation", peaks=peaks))
    return Telling(found, left_out(0, ""))


def _seconds(length: str, path: Path) -> float:
    """`M:SS` or `H:MM:SS` in seconds."""
    if not re.fullmatch(r"\d+(:\d+){1,2}", length):
        raise DataError(f"{path} has the length {length!r}; lengths look like 3:12")
    seconds = 0
    for part in length.split(":"):
        seconds = 60 * seconds + int(part)
    return float(max(seconds, 1))


def _numbers(marks: str, video: str, path: Path) -> NDArray[np.float64]:
    try:
        return np.array(_floats(marks.split(",")))
    except ValueError as error:
        raise DataError(f"{path} has scores of {video} that are no numbers: {error}") from error


def _floats(texts: Sequence[str]) -> list[float]:
    return [float(text) for text in texts]
