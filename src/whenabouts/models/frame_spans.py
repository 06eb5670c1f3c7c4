"""Moments out of the scores of single frames, by one rule.

Frames of at least a threshold are kept; those that lie close form a run; a run lasts from half a
step before its first frame to half a step behind its last one, and scores what its frames score on
average. The best frame alone is a run where none reaches the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.errors import InputError
from whenabouts.settings import Settings
from whenabouts.types import Span


class SpanRule(Settings):
    """How scores in [0, 1] become moments."""

    threshold: float = Field(default=0.5, ge=0, le=1)
    """Least score of a frame that belongs to a moment."""
    gap_frames: int = Field(default=1, ge=0)
    """Most frames below the threshold between two that still are one moment."""
    most: int = Field(default=10, gt=0)


def frame_spans(
    times_s: Sequence[float] | NDArray[np.float64],
    scores: Sequence[float] | NDArray[np.floating[Any]],
    duration_s: float,
    rule: SpanRule | None = None,
) -> list[tuple[Span, float]]:
    """Moments with their scores, best first; at least one.

    >>> frame_spans([1, 3, 5, 7], [0.1, 0.9, 0.7, 0.2], 8.0)
    [(Span(start_s=2.0, end_s=6.0), 0.8)]
    """
    rule = rule or SpanRule()
    times, level = np.asarray(times_s, np.float64), np.asarray(scores, np.float64)
    if not len(times) or len(times) != len(level):
        raise InputError(f"{len(times)} frames with {len(level)} scores; give one a frame")
    step_s = float(np.median(np.diff(times))) if len(times) > 1 else duration_s
    found: list[tuple[Span, float]] = []
    for run in _runs(np.flatnonzero(level >= rule.threshold), rule.gap_frames):
        found.append((_span(times, run, step_s, duration_s), float(level[run].mean())))
    best = int(level.argmax())
    if not any(span.start_s <= times[best] <= span.end_s for span, _ in found):
        found.append((_span(times, np.array([best]), step_s, duration_s), float(level[best])))
    ranked = sorted(found, key=lambda one: (-one[1], one[0]))
    return ranked[: rule.most]


def _runs(places: NDArray[np.int64], gap: int) -> list[NDArray[np.int64]]:
    """Places whose neighbours have at most `gap` others between them, together."""
    if not len(places):
        return []
    return np.split(places, np.flatnonzero(np.diff(places) > gap + 1) + 1)


def _span(
    times: NDArray[np.float64], run: NDArray[np.int64], step_s: float, duration_s: float
) -> Span:
    start_s = max(0.0, float(times[run[0]]) - step_s / 2)
    end_s = min(max(duration_s, start_s), float(times[run[-1]]) + step_s / 2)
    return Span(start_s, end_s)
