"""The QVHighlights figures one query at a time, and files to try them on; for `qvhighlights.py`."""

from __future__ import annotations

import random

import numpy as np

THRESHOLDS = [round(0.5 + 0.05 * step, 2) for step in range(10)]
RANGES = {"short": (0, 10), "middle": (10, 30), "long": (30, 150), "full": (0, 150)}


def made_up(queries: int, seed: int):
    """Predictions and references in the published form: videos of 150 s, ten windows a query."""
    dice = random.Random(seed)
    predictions, references = [], []
    for qid in range(queries):
        windows = []
        for start in sorted(dice.sample(range(0, 140, 20), dice.randint(1, 3))):
            windows.append([start, start + dice.choice((4, 8, 14, 20))])
        clips = [c for s, e in windows for c in range(s // 2, e // 2)]
        references.append(
            {
                "qid": qid,
                "duration": 150,
                "relevant_windows": windows,
                "relevant_clip_ids": clips,
                "saliency_scores": [[dice.randint(0, 4) for _ in range(3)] for _ in clips],
            }
        )
        told = []
        for _ in range(10):
            start, end = dice.choice(windows)
            edges = sorted((start + dice.gauss(0, 4), end + dice.gauss(0, 4)))
            told.append([max(0.0, edges[0]), min(150.0, edges[1]), round(dice.random(), 4)])
        curve = [round(dice.gauss(c in clips, 1), 4) for c in range(75)]
        predictions.append(
            {"qid": qid, "pred_relevant_windows": told, "pred_saliency_scores": curve}
        )
    return predictions, references


def by_queries(predictions, references):
    """All figures, in the published form."""
    told = {row["qid"]: row for row in predictions}
    figures = {name: _range(told, references, *edges) for name, edges in RANGES.items()}
    figures = {name: value for name, value in figures.items() if value}
    full = figures["full"]
    brief = {f"MR-full-R1@{t}": full["MR-R1"][t] for t in ("0.5", "0.7")}
    brief |= {"MR-full-mAP": full["MR-mAP"]["average"]}
    brief |= {f"MR-full-mAP@{t}": full["MR-mAP"][t] for t in ("0.5", "0.75")}
    brief |= {f"MR-{n}-mAP": v["MR-mAP"]["average"] for n, v in figures.items() if n != "full"}
    for level, least in (("Fair", 2), ("Good", 3), ("VeryGood", 4)):
        found = _level(told, references, least)
        figures[f"HL-min-{level}"] = {f"HL-{name}": value for name, value in found.items()}
        brief |= {f"HL-min-{level}-{name}": value for name, value in found.items()}
    return {"brief": brief, **figures}


def _range(told, references, least, most):
    whole = (least, most) == RANGES["full"]
    precisions, firsts = [], []
    for truth in references:
        windows = [w for w in truth["relevant_windows"] if whole or least < w[1] - w[0] <= most]
        if windows:
            mine = told[truth["qid"]]["pred_relevant_windows"]
            precisions.append([_average_precision(mine[:10], windows, t) for t in THRESHOLDS])
            firsts.append(max(_iou(mine[0], window) for window in windows))
    if not precisions:
        return None
    means = np.mean(precisions, axis=0)
    ap = {str(t): _percent(mean) for t, mean in zip(THRESHOLDS, means, strict=True)}
    first = {str(t): _percent(np.mean([iou >= t for iou in firsts])) for t in THRESHOLDS}
    return {"MR-mAP": ap | {"average": _percent(means.mean())}, "MR-R1": first}


def _iou(a, b):
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    union = (a[1] - a[0]) + (b[1] - b[0]) - shared
    return shared / union if union else 0.0


def _average_precision(windows, truths, threshold):
    free, hits = set(range(len(truths))), []
    for window in sorted(windows, key=lambda w: -w[2]):
        ious = [_iou(window, truth) for truth in truths]
        order = np.argsort(ious, kind="stable")[::-1]
        fitting = [g for g in order if ious[g] >= threshold and g in free]
        hits.append(bool(fitting))
        if fitting:
            free.remove(fitting[0])
    taken = np.cumsum(hits)
    precision = np.concatenate([[0], taken / np.arange(1, len(hits) + 1), [0]])
    recall = np.concatenate([[0], taken / len(truths), [1]])
    for place in range(len(precision) - 2, -1, -1):
        precision[place] = max(precision[place], precision[place + 1])
    steps = np.flatnonzero(recall[1:] != recall[:-1]) + 1
    return float(((recall[steps] - recall[steps - 1]) * precision[steps]).sum())


def _level(told, references, least):
    precisions, hits = [], []
    for truth in references:
        ratings = np.zeros((int(truth["duration"] / 2), 3))
        ratings[truth["relevant_clip_ids"]] = truth["saliency_scores"]
        labels = ratings >= least
        curve = np.array(told[truth["qid"]]["pred_saliency_scores"])
        hits.append(curve.argmax() < len(labels) and labels[curve.argmax()].any())
        padded = np.zeros(len(labels))
        padded[: len(curve)] = curve[: len(labels)]
        precisions += [_highlight_precision(labels[:, rater], padded) for rater in range(3)]
    return {"mAP": _percent(np.mean(precisions)), "Hit1": _percent(np.mean(hits))}


def _highlight_precision(labels, curve):
    if labels.all() or not labels.any():
        return float(labels.all())
    found, best, before = [], 0.0, None
    for threshold in np.unique(curve):
        above = curve >= threshold
        hits = int((labels & above).sum())
        if before is not None and hits != before[0]:
            found.append(before[1])
        best = max(best, hits / above.sum())
        before = hits, best
    if before[0]:
        found.append(before[1])
    return float(np.mean(found))


def _percent(share):
    return float(f"{100 * share:.2f}")
