"""Which frames of a clip the published retrieval systems look at: pure arithmetic.

Only evaluation on published data sets and parity need it; indexing samples by time (`media`).
Positions are numbers of decoded frames, as those systems count them.
"""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random
from typing import Literal

import numpy as np

from whenabouts.errors import InputError

Cut = Literal["head", "tail", "uniform"]
"""Which frames stay when there are too many: the first, the last, evenly spread ones."""


def stride_positions(
    fps: float,
    frame_count: int,
    *,
    rate_hz: float,
    limit: int,
    start_s: float | None = None,
    end_s: float | None = None,
) -> list[int]:
    """Every `fps/rate_hz`-th frame, at most `limit`, evenly thinned (DRL's way).

    The stride is rounded half to even and is at least 1. The last frame is included. Times are
    cut to whole seconds, swapped when in the wrong order, and last at least one second.
    """
    first, last = 0, frame_count - 1
    if start_s is not None and end_s is not None:
        low, high = sorted((max(0, int(start_s)), max(0, int(end_s))))
        high += high == low
        first, last = int(low * fps), int(min(high * fps, last))
    stride = max(1, round(fps / rate_hz))
    return _uniform(list(range(first, last + 1, stride)), limit)


def second_positions(
    fps: float,
    frame_count: int,
    *,
    rate_hz: int,
    limit: int,
    cut: Cut = "uniform",
    start_s: float | None = None,
    end_s: float | None = None,
) -> tuple[list[int], list[int]]:
    """`rate_hz` frames from each whole second, all of them and those kept (CLIP4Clip's way).

    The frame rate is cut to a whole number first, so that at 29.97 fps second 10 is frame 290.
    """
    whole_fps = int(fps)
    duration_s = math.ceil(frame_count / whole_fps) if whole_fps else 0
    low, high = 0, duration_s
    if start_s is not None and end_s is not None:
        low, high = max(0, int(start_s)), min(int(end_s), duration_s)
    step = max(1, whole_fps // rate_hz)
    found: list[int] = []
    for second in range(low, high + 1):
        for position in range(second * whole_fps, (second + 1) * whole_fps, step)[:rate_hz]:
            if position >= frame_count:
                return found, _cut(found, limit, cut)
            found.append(position)
    return found, _cut(found, limit, cut)


def _cut(positions: list[int], limit: int, cut: Cut) -> list[int]:
    """At most `limit` of them."""
    if cut == "head":
        return positions[:limit]
    if cut == "tail":
        return positions[-limit:]
    return _uniform(positions, limit)


def _uniform(positions: list[int], limit: int) -> list[int]:
    """At most `limit`, evenly spread, with the first and the last."""
    if len(positions) <= limit:
        return positions
    return [positions[i] for i in np.linspace(0, len(positions) - 1, limit, dtype=int)]


Even = Literal["uniform", "rand", "headtail", "middle", "part"]
"""How frames are spread over a video. TimeChat: on a grid, one drawn from each interval, half from
each half. SeViLA: the middle of each of equal parts, or one drawn from each part."""


def even_positions(
    frame_count: int, limit: int, way: Even = "uniform", random: Random | None = None
) -> list[int]:
    """At most `limit` frames of a whole video (TimeChat's way), ascending.

    `uniform` begins at frame 0 and never reaches the end; times are cut from the exact product in
    double precision. `rand` and `headtail` draw from `random`. `middle` and `part`: see
    `part_positions`.
    """
    if way in ("middle", "part"):
        return part_positions(frame_count, limit, _drawing(random) if way == "part" else None)
    count = min(frame_count, limit)
    if way == "uniform":
        step = frame_count / count if count else 0.0
        return [int(i * step) for i in range(count)]
    random = _drawing(random)
    if way == "rand":
        return _one_an_interval(frame_count, count, random)
    half, middle = count // 2, frame_count // 2
    first = random.sample(range(middle), half)
    return sorted(first) + sorted(random.sample(range(middle, frame_count), half))


def part_positions(
    frame_count: int,
    limit: int,
    random: Random | None = None,
    stretch: tuple[int, int] | None = None,
) -> list[int]:
    """One frame of each of `limit` equal parts, ascending: its middle, or any with `random`.

    `stretch` is the first frame of what is shown and the one behind its last (SeViLA's way); what
    lies outside the video is cut off, but one frame is always shown. At most as many frames as the
    video has; a stretch of fewer frames shows some of them again.
    """
    first, end = stretch or (0, frame_count)
    first = min(max(first, 0), max(frame_count - 1, 0))
    end = min(max(end, first), frame_count)
    count = min(limit, frame_count)
    parts = list(pairwise(np.linspace(first, end, count + 1).astype(int).tolist()))
    if random is None:
        return [(low + high) // 2 for low, high in parts]
    return [random.choice(range(low, high)) if low < high else low for low, high in parts]


def _drawing(random: Random | None) -> Random:
    if random is None:
        raise InputError("these frames are drawn at random; give random=Random(seed)")
    return random


def _one_an_interval(frame_count: int, count: int, random: Random) -> list[int]:
    """One frame of each of `count` intervals, never the last of one.

    Where an interval has but one frame, `count` frames of all are drawn instead.
    """
    borders = np.linspace(0, frame_count, count + 1).astype(int).tolist()
    parts = [range(low, high - 1) for low, high in pairwise(borders)]
    if all(parts):
        return [random.choice(part) for part in parts]
    return sorted(random.sample(range(frame_count), count))


def segment_positions(
    count: int,
    fps: float,
    last: int,
    first: int = 0,
    stretch_s: tuple[float, float] | None = None,
) -> list[int]:
    """Frames at the centres of `count` equal segments, as MVBench's script of TimeChat has them.

    `first` and `last` are the outermost frames there are; `stretch_s` limits them to a part of the
    video. Half segments are cut off, the starts of segments rounded half to even.
    """
    start, end = first, last
    if stretch_s is not None:
        start, end = max(first, round(stretch_s[0] * fps)), min(round(stretch_s[1] * fps), last)
    if count < 1 or end < start:
        raise InputError(
            f"{count} frames from {start} to {end}: the part lies outside the video, or no frame "
            "is asked for"
        )
    segment = (end - start) / count
    return [int(start + segment / 2 + round(segment * n)) for n in range(count)]
