"""The QVHighlights evaluator: windows and highlight curves of one prediction file.

Same figures as the usual evaluator (Lei et al., "Detecting Moments and Highlights in Videos via
Natural Language Queries"), all queries at once. Percent, two decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from whenabouts.errors import DataError, InputError
from whenabouts.metrics.detection import THRESHOLDS, detection_precision
from whenabouts.metrics.fields import need, need_number, need_numbers, need_rows
from whenabouts.metrics.highlights import clip_ratings, highlights
from whenabouts.metrics.windows import Floats, area_iou, as_windows, hull_iou

Record = Mapping[str, Any]
Figures = dict[str, dict[str, Any]]

LENGTHS_S = {"short": (0, 10), "middle": (10, 30), "long": (30, 150)}
"""Truth with a window longer than the first and at most as long as the second edge."""
MOST_WINDOWS = 10
"""Predicted windows that count, in the order of the file, before they are sorted by score."""


def qvhighlights(
    predictions: Sequence[Record], references: Sequence[Record], match_number: bool = True
) -> Figures:
    """All figures: `brief`, `full`, `short`, `middle`, `long`, `HL-min-Fair` and so on.

    Predictions have `qid` and either or both of `pred_relevant_windows` ([start_s, end_s, score])
    and `pred_saliency_scores` (a score a clip); references the fields of the published files.
    `match_number=False` scores the queries that both files have.
    """
    told, truth = _by_query(predictions), _by_query(references)
    shared = [qid for qid in told if qid in truth]
    if match_number and not len(told) == len(truth) == len(shared):
        raise InputError(
            f"{len(told)} queries predicted, {len(truth)} in the references, {len(shared)} in "
            "both; give all of them, or ask to score only those in both"
        )
    if not shared:
        raise InputError("predictions and references share no query (`qid`)")
    pairs = [(told[qid], truth[qid]) for qid in shared]
    found: Figures = {}
    brief: dict[str, float] = {}
    for part, key in ((_moments, "pred_relevant_windows"), (_levels, "pred_saliency_scores")):
        given = [key in prediction for prediction, _ in pairs]
        if any(given) and not all(given):
            missing = shared[given.index(False)]
            raise InputError(f"query {missing!r} has no `{key}` while others do")
        if all(given):
            figures, short = part(pairs)
            found |= figures
            brief |= short
    if not found:
        raise InputError("predictions have neither `pred_relevant_windows` nor saliency scores")
    return {"brief": brief, **found}


def _by_query(records: Sequence[Record]) -> dict[str, Record]:
    found = {str(need(record, "qid")): record for record in records}
    if len(found) != len(records):
        raise InputError(f"{len(records)} records for {len(found)} queries; give each one once")
    return found


def _levels(pairs: Sequence[tuple[Record, Record]]) -> tuple[Figures, dict[str, float]]:
    ratings = [
        clip_ratings(
            need_number(truth, "duration"),
            [int(clip) for clip in need_numbers(truth, "relevant_clip_ids")],
            need_rows(truth, "saliency_scores"),
        )
        for _, truth in pairs
    ]
    levels = highlights([need_numbers(told, "pred_saliency_scores") for told, _ in pairs], ratings)
    figures: Figures = {
        f"HL-min-{level}": {f"HL-{name}": percent(value) for name, value in values.items()}
        for level, values in levels.items()
    }
    return figures, {
        f"{level}-{name.removeprefix('HL-')}": value
        for level, values in figures.items()
        for name, value in values.items()
    }


def _moments(pairs: Sequence[tuple[Record, Record]]) -> tuple[Figures, dict[str, float]]:
    found = [_scored(told) for told, _ in pairs]
    truths = [as_windows(need_rows(truth, "relevant_windows")) for _, truth in pairs]
    if any(not len(truth) for truth in truths):
        raise DataError("a query of the references has no relevant window")
    figures = {"full": _range(found, truths)}
    for name, (least, most) in LENGTHS_S.items():
        lengths = [truth[:, 1] - truth[:, 0] for truth in truths]
        kept = [t[(least < s) & (s <= most)] for t, s in zip(truths, lengths, strict=True)]
        inside = [row for row, windows in enumerate(kept) if len(windows)]
        if inside:
            figures[name] = _range([found[row] for row in inside], [kept[row] for row in inside])
    full = figures["full"]
    brief = {f"MR-full-R1@{t}": full["MR-R1"][t] for t in ("0.5", "0.7")}
    brief["MR-full-mAP"] = full["MR-mAP"]["average"]
    brief |= {f"MR-full-mAP@{t}": full["MR-mAP"][t] for t in ("0.5", "0.75")}
    brief |= {f"MR-{k}-mAP": figures[k]["MR-mAP"]["average"] for k in LENGTHS_S if k in figures}
    return figures, brief


def _range(found: Sequence[Floats], truths: Sequence[Floats]) -> dict[str, dict[str, float]]:
    precisions = detection_precision([windows[:MOST_WINDOWS] for windows in found], truths)
    by_threshold = precisions.mean(axis=0)
    first = np.array(
        [_first_iou(windows, truth) for windows, truth in zip(found, truths, strict=True)]
    )
    names = [str(threshold) for threshold in THRESHOLDS]
    average = {"average": percent(float(by_threshold.mean()))}
    return {
        "MR-mAP": dict(zip(names, map(percent, by_threshold), strict=True)) | average,
        "MR-R1": {str(t): percent(float(np.mean(first >= t))) for t in THRESHOLDS},
    }


def _first_iou(windows_P3: Floats, truth_G2: Floats) -> float:
    """IoU of the first window of the file with the true one that it overlaps most."""
    if not len(windows_P3):
        return 0.0
    first = windows_P3[:1, :2]
    best = area_iou(first, truth_G2)[0].argmax()
    return float(hull_iou(first[0], truth_G2[best]))


def _scored(prediction: Record) -> Floats:
    windows = need_rows(prediction, "pred_relevant_windows")
    if any(len(window) != 3 for window in windows):
        raise InputError(
            f"the windows of query {prediction['qid']!r} are not all [start_s, end_s, score]"
        )
    return np.array(windows, np.float64).reshape(-1, 3)


def percent(share: float) -> float:
    """A share in percent, to two decimals."""
    return float(f"{100 * share:.2f}")
