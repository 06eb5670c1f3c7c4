"""Grounding figures: how well found spans agree with the true ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.errors import InputError
from whenabouts.types import Span

THRESHOLDS = (0.3, 0.5, 0.7)


def best_iou(found: Sequence[Span], truths: Sequence[Span], first: int = 1) -> float:
    """Highest intersection over union of the first `first` found spans with any true span."""
    return max((span.iou(truth) for span in found[:first] for truth in truths), default=0.0)


def grounding(
    found: Sequence[Sequence[Span]],
    truths: Sequence[Sequence[Span]],
    firsts: Sequence[int] = (1, 5),
    thresholds: Sequence[float] = THRESHOLDS,
) -> dict[str, float]:
    """`R@n IoU=t` in percent for every n and t, and `mIoU` of the first span in percent.

    `found[i]` are the spans of query i, best first; `truths[i]` all spans that are right for it. A
    query without a found span scores 0. An IoU equal to the threshold counts.
    """
    if len(found) != len(truths) or not truths:
        raise InputError(f"{len(found)} lists of spans for {len(truths)} queries; give one each")
    result: dict[str, float] = {}
    for first in firsts:
        ious = np.array([best_iou(f, t, first) for f, t in zip(found, truths, strict=True)])
        for threshold in thresholds:
            result[f"R@{first} IoU={threshold}"] = 100.0 * float(np.mean(ious >= threshold))
        if first == firsts[0]:
            result["mIoU"] = 100.0 * float(ious.mean())
    return result
