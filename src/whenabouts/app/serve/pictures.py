"""Pictures of videos: of a time, and many small ones in a sprite that is kept on disk."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from whenabouts.app.serve.files import inside, readable_file
from whenabouts.app.serve.names import find_video
from whenabouts.app.serve.problems import NotFoundError
from whenabouts.library.about import video_of
from whenabouts.media.decode import read_frames
from whenabouts.media.preview import jpeg
from whenabouts.media.sprite import sprite
from whenabouts.types import Span, Video

if TYPE_CHECKING:
    from whenabouts.app.serve.shelf import Shelf

FEW = 6
"""With fewer shots than this, pictures between them are decoded."""
EVENLY = 12
"""Pictures that are decoded then."""
MOST = 60
"""Tiles of a sprite."""
DEADLINE_S = 8.0
"""Decoding gives up after so long and shows what it has."""


def picture_at(shelf: Shelf, video: str, time_s: float, *, exact: bool) -> bytes:
    """A JPEG of a video at a time."""
    known = video_of(find_video(shelf.library, video))
    time_s = min(time_s, known.duration_s)
    if not exact:
        around = Span(time_s, time_s + 1e-3)
        found = shelf.library.pictures(known, around) or shelf.library.pictures(known)
        if found:
            return min(found, key=lambda one: abs(one.time_s - time_s)).jpeg
    frames = _decoded(shelf, known, [time_s], shelf.settings.picture_px)
    if not frames:
        raise NotFoundError(f"no picture of {known.path.name} at {time_s:g} s can be had")
    return frames[0][1]


def _decoded(
    shelf: Shelf, video: Video, times_s: list[float], width_px: int
) -> list[tuple[float, bytes]]:
    """Times and JPEGs of the frames shown at some times; fewer where they cannot be read."""
    if not video.width:
        return []
    path, _ = readable_file(shelf.library, video.id)
    there = Video(video.id, path, video.duration_s, video.fps, video.width, video.height)
    side_px = max(16, round(width_px * min(1.0, video.height / video.width)))
    chunks = read_frames(there, times_s=times_s, short_side_px=side_px, deadline_s=DEADLINE_S)
    return [
        (float(time_s), jpeg(pixels, width_px))
        for chunk in chunks
        for pixels, time_s in zip(chunk.pixels, chunk.times_s, strict=True)
    ]


def sprite_of(shelf: Shelf, video: str) -> tuple[bytes, dict[str, Any]]:
    """The sprite of a video and how to read it; made once."""
    known = video_of(find_video(shelf.library, video))
    folder = shelf.place("sprites")
    try:
        data = inside(folder, f"{video}.jpg").read_bytes()
        return data, json.loads(inside(folder, f"{video}.json").read_text(encoding="ascii"))
    except (NotFoundError, OSError, ValueError):
        made = _make(shelf, known)
    for name, part in ((f"{video}.jpg", made[0]), (f"{video}.json", json.dumps(made[1]).encode())):
        fresh = folder / f"{name}.new"
        fresh.write_bytes(part)
        fresh.replace(folder / name)
    return made


def _make(shelf: Shelf, video: Video) -> tuple[bytes, dict[str, Any]]:
    shots = [
        (one.start_s, one.end_s, one.time_s, one.jpeg) for one in shelf.library.pictures(video)
    ]
    if len(shots) < FEW and video.duration_s > 0:
        edges = np.linspace(0, video.duration_s, EVENLY + 1).tolist()
        middles = [(a + b) / 2 for a, b in pairwise(edges)]
        found = _decoded(shelf, video, middles, 240)
        if len(found) > len(shots):
            ends = [*(time_s for time_s, _ in found[1:]), video.duration_s]
            shots = [(t, max(t, end), t, data) for (t, data), end in zip(found, ends, strict=True)]
    if len(shots) > MOST:
        shots = [shots[at] for at in np.linspace(0, len(shots) - 1, MOST).astype(int).tolist()]
    if not shots:
        raise NotFoundError(f"{video.path.name} holds no pictures")
    made = sprite([data for *_, data in shots])
    tiles = {
        "tile_width": made.tile_width_px,
        "tile_height": made.tile_height_px,
        "columns": made.columns,
        "rows": made.rows,
        "shots": [
            {
                "start_s": start_s,
                "end_s": end_s,
                "time_s": time_s,
                "column": number % made.columns,
                "row": number // made.columns,
            }
            for number, (start_s, end_s, time_s, _) in enumerate(shots)
        ],
    }
    return made.jpeg, tiles
