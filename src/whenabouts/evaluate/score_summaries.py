"""Video summaries from files, in the manner of TVSum and SumMe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.evaluate.interval import interval
from whenabouts.evaluate.score_files import (
    Answers,
    Scored,
    as_records,
    is_table,
    name_of,
    read_curve,
    read_json,
    told,
    video_name,
)
from whenabouts.metrics.fields import need_number, need_numbers, need_rows
from whenabouts.metrics.summaries import f_score, key_shots, rank_correlations, stretched


def score_summaries(
    predictions: Path,
    references: Path,
    answers: Answers,
    of: Literal["mean", "max"],
    resamples: int,
) -> Scored:
    """F1 of the key shots, Kendall's tau and Spearman's rho with the raters, in percent.

    References: `{video: {"scores": [[..], ..], "summaries": [[0, 1, ..], ..], "shots": [[first,
    last], ..], "duration": s}}`; scores and summaries have a list a rater, over the same equal
    steps, and either may be missing. Predictions: `{video: [score, ..]}`, in steps of any number,
    or records with `vname` and an answer text.
    """
    truths = {video_name(name): row for name, row in _references(references).items()}
    found = _curves(predictions, truths, answers)
    missing = [name for name in truths if name not in found]
    if missing:
        raise InputError(
            f"{predictions} has no scores for {len(missing)} of {len(truths)} videos, first "
            f"{missing[0]!r}"
        )
    values: dict[str, list[float]] = {}
    for name, row in truths.items():
        for figure, share in _video(found[name], row, of).items():
            values.setdefault(figure, []).append(100.0 * share)
    if not values:
        raise InputError(f"{references} has neither `scores` nor `summaries` with `shots`")
    edges = {name: interval(np.array(some), resamples) for name, some in values.items()}
    notes = tuple(
        f"{name}: {len(some)} of {len(truths)} videos"
        for name, some in values.items()
        if len(some) < len(truths)
    )
    return Scored({name: float(np.mean(some)) for name, some in values.items()}, edges, notes)


def _video(
    curve: list[float], row: Mapping[str, Any], of: Literal["mean", "max"]
) -> dict[str, float]:
    found: dict[str, float] = {}
    if "summaries" in row and "shots" in row:
        chosen = _table(row, "summaries") > 0
        shots = [(int(first), int(last)) for first, last in _table(row, "shots")]
        found["F1"] = f_score(key_shots(stretched(curve, chosen.shape[1]), shots), chosen, of)
    if "scores" in row:
        raters = _table(row, "scores")
        tau, rho = rank_correlations(stretched(curve, raters.shape[1]), raters)
        found |= {"Kendall": tau, "Spearman": rho}
    return found


def _table(row: Mapping[str, Any], key: str) -> NDArray[np.float64]:
    """A field with lists of numbers, all equally long."""
    rows = need_rows(row, key)
    if len({len(values) for values in rows}) != 1:
        raise InputError(f"the lists of `{key}` are not all of one length")
    return np.array(rows, np.float64)


def _references(path: Path) -> Mapping[str, Mapping[str, Any]]:
    value = read_json(path)
    if not is_table(value) or not value or not all(map(is_table, value.values())):
        raise InputError(f"{path} has no records by video")
    return value


def _curves(
    path: Path, truths: Mapping[str, Mapping[str, Any]], answers: Answers
) -> dict[str, list[float]]:
    value = read_json(path)
    if is_table(value):
        return {
            video_name(name): need_numbers(row if is_table(row) else {"scores": row}, "scores")
            for name, row in value.items()
        }
    read = read_curve(answers)
    found: dict[str, list[float]] = {}
    for row in as_records(value, path):
        name = video_name(name_of(row, ("vname", "video", "id")))
        if name in truths:
            found[name] = read(told(row), need_number(truths[name], "duration"))
    return found
