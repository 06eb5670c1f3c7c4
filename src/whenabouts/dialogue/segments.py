"""The part of a video before or after a moment, from stored vectors: where the picture changes.

Legend: N frames, D width.
"""

from __future__ import annotations

import numpy as np

from whenabouts.store.rows import FrameRows
from whenabouts.types import Span

STEP_S = 0.5
"""Frames are looked at this far apart."""
SIDE_S = 2.0
"""What is compared: this long before a time with this long after it."""
SHARE = 0.35
"""A change counts from this share of the greatest one of the video."""
SHORTEST_S = 1.0
"""Parts are at least this long."""


def cuts(frames: FrameRows, duration_s: float) -> list[float]:
    """Times at which a video changes, with its beginning and end, seconds."""
    times_s = np.arange(0.0, max(duration_s, STEP_S), STEP_S)
    places = np.clip(np.searchsorted(frames.times_s, times_s + 1e-6, side="right") - 1, 0, None)
    vectors = np.asarray(frames.vectors, np.float32)[places]
    side = max(1, round(SIDE_S / STEP_S))
    sums = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors.cumsum(axis=0)])
    count = len(times_s)
    at = np.arange(1, count)
    low, high = np.maximum(at - side, 0), np.minimum(at + side, count)
    before = (sums[at] - sums[low]) / (at - low)[:, None]
    after = (sums[high] - sums[at]) / (high - at)[:, None]
    change = np.linalg.norm(after - before, axis=1)
    found: list[float] = [0.0]
    if len(change) and float(change.max()) > 1e-3:
        enough = SHARE * float(change.max())
        for place in np.argsort(-change):
            time_s = float(times_s[place + 1])
            if change[place] < enough:
                break
            if all(abs(time_s - other) >= SHORTEST_S for other in (*found, duration_s)):
                found.append(time_s)
    return [*sorted(found), duration_s]


def beside(frames: FrameRows, span: Span, duration_s: float, step: int) -> Span | None:
    """The part before (-1) or after (1) `span`, up to the next change; None at the video's end."""
    if not len(frames):
        return None
    times_s = cuts(frames, duration_s)
    if step > 0:
        start_s = span.end_s
        if duration_s - start_s < SHORTEST_S:
            return None
        ends = [time_s for time_s in times_s if time_s >= start_s + SHORTEST_S]
        return Span(start_s, ends[0])
    end_s = span.start_s
    if end_s < SHORTEST_S:
        return None
    starts = [time_s for time_s in times_s if time_s <= end_s - SHORTEST_S]
    return Span(starts[-1], end_s)


def edge(frames: FrameRows, duration_s: float, *, end: bool) -> Span:
    """The part at the beginning of a video, or at its `end`, up to the next change."""
    times_s = cuts(frames, duration_s) if len(frames) else [0.0, duration_s]
    return Span(times_s[-2], times_s[-1]) if end else Span(times_s[0], times_s[1])
