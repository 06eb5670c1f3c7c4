"""Moments by name: `VIDEO_ID@START-END`, in seconds; the same for links, calls and exports."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from whenabouts.app.serve.problems import ConflictError, NotFoundError
from whenabouts.errors import InputError
from whenabouts.library.about import video_of
from whenabouts.store.rows import VideoRow
from whenabouts.types import Moment, Span, Video

if TYPE_CHECKING:
    from whenabouts.library.library import Library

VIDEO_ID = r"^[0-9a-f]{16,64}$"
"""Pattern of the id of a video."""
MOMENT_ID = r"^[0-9a-f]{16,64}@[0-9]{1,7}(\.[0-9]{1,3})?-[0-9]{1,7}(\.[0-9]{1,3})?$"
"""Pattern of the name of a moment."""
_PARTS = re.compile(r"([0-9a-f]{16,64})@([0-9.]+)-([0-9.]+)")


def moment_id(moment: Moment) -> str:
    """The name of a moment."""
    return f"{moment.video.id}@{_digits(moment.span.start_s)}-{_digits(moment.span.end_s)}"


def _digits(time_s: float) -> str:
    return f"{time_s:.3f}".rstrip("0").rstrip(".")


def find_video(library: Library, video: str) -> VideoRow:
    """The row of the video with an id; of several files with it, one that is there."""
    rows = [row for row in library.videos() if row.id == video and row.status != "failed"]
    rows.sort(key=lambda row: row.status == "missing")
    if not rows:
        raise NotFoundError(f"no video of this library has the id {video}; see /api/v1/videos")
    return rows[0]


def find_moment(library: Library, name: str) -> Moment:
    """The moment of a name, cut to its video."""
    match = _PARTS.fullmatch(name)
    if match is None:
        raise InputError(f"{name!r} names no moment; write VIDEO_ID@START-END in seconds")
    video = video_of(find_video(library, match[1]))
    return Moment(video, part_of(video, float(match[2]), float(match[3])), 0.0)


def part_of(video: Video, start_s: float, end_s: float) -> Span:
    """A stretch of a video, cut to it; refused when nothing of it is inside."""
    if not (math.isfinite(start_s) and math.isfinite(end_s) and 0 <= start_s < end_s):
        raise ConflictError(
            f"{start_s:g} to {end_s:g} s is no stretch; it must end after it begins"
        )
    inside = Span(start_s, end_s).clamp(video.span)
    if inside.length_s <= 0:
        raise ConflictError(
            f"{video.path.name} lasts {video.duration_s:.1f} s; {start_s:g} s lies behind its end"
        )
    return inside
