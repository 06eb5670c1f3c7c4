"""Moment retrieval and highlights from files, in the forms of Charades-STA and QVHighlights."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.errors import InputError
from whenabouts.evaluate.interval import interval
from whenabouts.evaluate.score_files import (
    Answers,
    Record,
    Scored,
    as_records,
    is_table,
    name_of,
    read_curve,
    read_json,
    read_windows,
    records,
    told,
)
from whenabouts.metrics.fields import need, need_list, need_number
from whenabouts.metrics.moment_retrieval import THRESHOLDS, first_window_ious, moment_retrieval
from whenabouts.metrics.qvhighlights import Figures, qvhighlights
from whenabouts.metrics.windows import as_windows

_NAMES = ("id", "qid", "query_id")
_CHARADES = re.compile(r"(?P<video>\S+) (?P<start>[\d.]+) (?P<end>[\d.]+)##(?P<query>.*)")


def score_moments(
    predictions: Path, references: Path, answers: Answers, sample: bool, resamples: int
) -> Scored:
    """R@1 at IoU 0.3, 0.5 and 0.7 and mIoU; the QVHighlights figures for references of that form.

    References: `{"annotations": [{"id", "timestamp": [s, e]}, ..]}`, a list of such records,
    Charades-STA's text file (a query is its line, from 0), or QVHighlights lines. Predictions:
    `{id: {"timestamp": [[s, e]]}}`, records with `id` and `timestamp` or an answer text, or
    QVHighlights lines.
    """
    truth = _truth(references)
    if truth and "relevant_windows" in truth[0]:
        return _qvhighlights(predictions, truth, answers, sample)
    windows = {name_of(row, _NAMES): _window(need(row, "timestamp")) for row in truth}
    lengths = {name_of(row, _NAMES): float(row.get("duration", math.inf)) for row in truth}
    found = _predicted(predictions, lengths, answers)
    unknown = [query for query in found if query not in windows]
    if unknown:
        raise InputError(f"{predictions} predicts {unknown[0]!r}, which {references} does not have")
    figures = moment_retrieval(found, windows, sample)
    ious = first_window_ious(found, {q: w for q, w in windows.items() if q in found or not sample})
    reached = np.array([-1.0 if iou is None else iou for iou in ious.values()])
    edges = {f"R@1 IoU={t}": interval(100.0 * (reached >= t), resamples) for t in THRESHOLDS} | {
        "mIoU": interval(100.0 * np.maximum(reached, 0), resamples)
    }
    notes = [f"{len(ious)} queries"]
    if len(ious) < len(windows):
        notes.append(f"only those predicted; the references have {len(windows)}")
    missing = int((reached < 0).sum())
    if missing:
        notes.append(f"{missing} answers hold no window and count as misses")
    return Scored(figures, edges, tuple(notes))


def score_highlights(predictions: Path, references: Path, answers: Answers, sample: bool) -> Scored:
    """The QVHighlights evaluator: mAP and Hit@1 of curves, and mAP and R@1 of windows if given.

    Predictions: QVHighlights lines, or records with `id` and an answer text.
    """
    return _qvhighlights(predictions, records(references), answers, sample)


def flat_figures(figures: Figures) -> dict[str, float]:
    """The brief figures by their names, then all others as `full.MR-mAP.0.5`."""
    found: dict[str, float] = dict(figures["brief"])

    def walk(path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(f"{path}.{key}", inner)
        else:
            found[path] = value

    for group, values in figures.items():
        if group != "brief":
            walk(group, values)
    return found


def _qvhighlights(
    predictions: Path, truth: Sequence[Record], answers: Answers, sample: bool
) -> Scored:
    rows = records(predictions)
    if rows and not any(key.startswith("pred_") for key in rows[0]):
        curve = read_curve(answers)
        lengths = {str(need(row, "qid")): need_number(row, "duration") for row in truth}
        qids = {str(row["qid"]): row["qid"] for row in truth}
        named = [(name_of(row, _NAMES), row) for row in rows]
        rows = [
            {"qid": qids[query], "pred_saliency_scores": curve(told(row), lengths[query])}
            for query, row in named
            if query in qids
        ]
    figures = qvhighlights(rows, truth, match_number=not sample)
    known = {str(need(row, "qid")) for row in truth}
    shared = sum(str(row["qid"]) in known for row in rows)
    return Scored(flat_figures(figures), notes=(f"{shared} queries of {len(known)}",))


def _truth(path: Path) -> list[Record]:
    if path.suffix == ".txt":
        lines: list[Record] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            match = _CHARADES.fullmatch(line.strip())
            if match is None:
                raise InputError(f"{path}, line {number + 1}, is no `VIDEO START END##QUERY`")
            lines.append({"id": number, "timestamp": [float(match["start"]), float(match["end"])]})
        return lines
    value = read_json(path)
    rows: Any = value["annotations"] if is_table(value) and "annotations" in value else value
    found = as_records(rows, path)
    if not found:
        raise InputError(f"{path} has no references")
    return found


def _predicted(
    path: Path, lengths_s: Mapping[str, float], answers: Answers
) -> dict[str, list[list[float]]]:
    value = read_json(path)
    read = read_windows(answers)
    if is_table(value):
        return {str(query): _windows(row) for query, row in value.items()}
    found: dict[str, list[list[float]]] = {}
    for row in as_records(value, path):
        query = name_of(row, _NAMES)
        if query in found:
            raise InputError(f"{path} predicts {query!r} twice; give each query once")
        if "timestamp" in row:
            found[query] = _windows(row)
        else:
            found[query] = read(told(row), lengths_s.get(query, math.inf))
    return found


def _windows(row: Any) -> list[list[float]]:
    """Windows of `{"timestamp": [[s, e], ..]}`, or of the list alone; one may stand by itself."""
    windows = row if isinstance(row, list) else need_list(row, "timestamp")
    if windows and not isinstance(windows[0], list):
        windows = [windows]
    return [_window(window) for window in windows]


def _window(window: Any) -> list[float]:
    if not isinstance(window, list):
        raise InputError(f"{window!r} is no window [start_s, end_s]")
    return as_windows([window])[0].tolist()
