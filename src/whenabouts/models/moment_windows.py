"""Windows that a model tells of a video: rank, clamp, round, drop doubles, join long videos.

A window is a row [start_s, end_s, score]. No torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.settings import Settings

Floats = NDArray[np.float64]
Keep = Literal["left", "right", "center"]
_DIGITS = 4


class WindowSettings(Settings):
    """What is done with ranked windows."""

    round_s: float = Field(default=0.0, ge=0)
    """Edges become multiples of this; 0: they stay. The published evaluation takes 2."""
    shortest_s: float = Field(default=0.0, ge=0)
    longest_s: float = Field(default=0.0, ge=0)
    """Lengths are brought between both; 0: any."""
    keep: Keep = "center"
    """What stays where it is when a length changes."""
    nms_iou: float = Field(default=1.0, gt=0, le=1)
    """A window that overlaps a better one by more is dropped; 1: none is."""
    limit: int = Field(default=10, gt=0)


def ranked(
    spans_Q2: NDArray[np.floating], scores_Q: NDArray[np.floating], length_s: float
) -> Floats:
    """[Q,3] from centres and widths in shares of `length_s`, best first, four decimals."""
    centre, width = np.asarray(spans_Q2, np.float64).T
    edges = np.stack([centre - width / 2, centre + width / 2], axis=1) * length_s
    rows = np.concatenate([edges, np.asarray(scores_Q, np.float64)[:, None]], axis=1)
    return _rounded(rows[np.argsort(-rows[:, 2], kind="stable")])


def tidied(windows_Q3: Floats, duration_s: float, settings: WindowSettings) -> Floats:
    """Lengths, edges and doubles as the settings say; the order stays."""
    rows = np.array(windows_Q3, np.float64).reshape(-1, 3)
    if settings.shortest_s or settings.longest_s:
        rows = resized(rows, settings.shortest_s, settings.longest_s, settings.keep)
    rows[:, :2] = rows[:, :2].clip(0.0, duration_s)
    if settings.round_s:
        # numpy rounds halves to even, as the published scripts do.
        rows[:, :2] = (rows[:, :2] / settings.round_s).round() * settings.round_s
    rows = _rounded(rows)
    return rows if settings.nms_iou >= 1 else nms(rows, settings.nms_iou, settings.limit)


def resized(windows_Q3: Floats, shortest_s: float, longest_s: float, keep: Keep) -> Floats:
    """Windows of lengths between both limits (`longest_s` 0: no limit)."""
    rows = windows_Q3.copy()
    lengths = rows[:, 1] - rows[:, 0]
    wanted = lengths.clip(shortest_s, longest_s or np.inf)
    change = wanted - lengths
    share = {"left": 0.0, "center": 0.5, "right": 1.0}[keep]
    rows[:, 0] -= change * share
    rows[:, 1] += change * (1 - share)
    return rows


def nms(windows_Q3: Floats, iou: float, limit: int) -> Floats:
    """Best first, without those that overlap a better one by more than `iou` of both's hull.

    A single window comes back as it is.
    """
    rows = np.asarray(windows_Q3, np.float64).reshape(-1, 3)
    if len(rows) < 2:
        return rows
    left = rows[np.argsort(-rows[:, 2], kind="stable")]
    kept: list[Floats] = []
    while len(left) and len(kept) < limit:
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[_hull_iou(best, left) <= iou]
    return np.stack(kept)


def _rounded(rows_Q3: Floats) -> Floats:
    """To four decimals as the published code prints them, which holds them in float32."""
    plain = rows_Q3.astype(np.float32).tolist()
    rounded = [[float(f"{value:.{_DIGITS}f}") for value in row] for row in plain]
    return np.array(rounded, np.float64).reshape(-1, 3)


def _hull_iou(one_3: Floats, rows_Q3: Floats) -> Floats:
    first = np.minimum(one_3[0], rows_Q3[:, 0])
    last = np.maximum(one_3[1], rows_Q3[:, 1])
    shared = np.minimum(one_3[1], rows_Q3[:, 1]) - np.maximum(one_3[0], rows_Q3[:, 0])
    hull = last - first
    return np.divide(shared.clip(0), hull, out=np.zeros_like(hull), where=hull > 0)


def pieces(steps: int, most: int) -> list[tuple[int, int]]:
    """First and last (not included) step of each piece of a long video; neighbours share half.

    >>> pieces(10, 4)
    [(0, 4), (2, 6), (4, 8), (6, 10)]
    """
    if steps <= most:
        return [(0, steps)]
    stride = max(1, most // 2)
    starts = [*range(0, steps - most, stride), steps - most]
    return [(start, start + most) for start in starts]


def joined(found: Sequence[Floats], iou: float, limit: int) -> Floats:
    """Windows of all pieces of a video, in its own time, best first and without doubles."""
    rows = np.concatenate([np.zeros((0, 3)), *found])
    return nms(rows, iou, limit) if len(found) > 1 else rows
