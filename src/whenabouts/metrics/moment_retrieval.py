"""Moment retrieval of windows as a model told them: one window a query, one truth (Charades-STA).

`grounding` does the same for `Span`s; here windows may be reversed or missing, and are scored as
the published evaluators do, intersection over the hull of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from whenabouts.errors import InputError
from whenabouts.metrics.windows import Floats, as_windows, hull_iou

THRESHOLDS = (0.3, 0.5, 0.7)

Window = Sequence[float]


def first_window_ious(
    predictions: Mapping[str, Sequence[Window]], truths: Mapping[str, Window]
) -> dict[str, float | None]:
    """IoU of the first predicted window of each query of `truths`; None where there is none."""
    told = {query: windows[0] for query, windows in predictions.items() if len(windows)}
    found = [query for query in truths if query in told]
    ious: Floats = hull_iou(
        as_windows([told[query] for query in found]), as_windows([truths[q] for q in found])
    )
    by_query = dict(zip(found, ious.tolist(), strict=True))
    return {query: by_query.get(query) for query in truths}


def moment_retrieval(
    predictions: Mapping[str, Sequence[Window]],
    truths: Mapping[str, Window],
    sample: bool = False,
    thresholds: Sequence[float] = THRESHOLDS,
) -> dict[str, float]:
    """`R@1 IoU=t`, `mIoU` and `answered` (queries with a window) in percent.

    A query without a window is a miss. `sample` scores only the queries that were predicted;
    otherwise both sides must have the same number.
    """
    if sample:
        truths = {query: truth for query, truth in truths.items() if query in predictions}
    if not truths or (len(truths) != len(predictions) and not sample):
        raise InputError(
            f"{len(predictions)} queries predicted, {len(truths)} to score; predict all of them, "
            "or ask for a sample"
        )
    ious = first_window_ious(predictions, truths)
    reached = np.array([-1.0 if iou is None else iou for iou in ious.values()])
    found = {f"R@1 IoU={t}": 100.0 * float(np.mean(reached >= t)) for t in thresholds}
    found["mIoU"] = 100.0 * float(np.maximum(reached, 0.0).mean())
    return found | {"answered": 100.0 * float(np.mean(reached >= 0))}
