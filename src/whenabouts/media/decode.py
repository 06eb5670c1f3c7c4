"""Reading frames: exact times, bounded memory, damage stepped over."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.media.damage import Damage
from whenabouts.media.picture import Painter
from whenabouts.media.reader import Reader
from whenabouts.media.source import Reading, open_media, video_stream
from whenabouts.media.stills import is_still, read_still
from whenabouts.media.targets import Targets
from whenabouts.types import Frames, Video

__all__ = ["Damage", "read_frames"]

CHUNK_BYTES = 2**26
"""Most pixels given out at once, in bytes, whatever `chunk` says."""


def read_frames(  # noqa: PLR0913 - the named options of the one call that reads frames
    video: Video,
    *,
    rate_hz: float | None = None,
    times_s: Sequence[float] | None = None,
    keyframes_only: bool = False,
    short_side_px: int | None = None,
    square_px: int | None = None,
    chunk: int = 32,
    deadline_s: float | None = None,
    damage: Damage | None = None,
) -> Iterator[Frames]:
    """Frames of `video` in order of time, in chunks of up to `chunk`.

    With `rate_hz`, the frames shown at 0, 1/rate_hz, 2/rate_hz ... seconds, each frame once. With
    `times_s`, one frame for each of these times in ascending order, also when it is the same
    one. With neither, every frame. `keyframes_only` gives key frames alone, at most `rate_hz` a
    second, for a few percent of the cost. Frames larger than `short_side_px` are scaled down to
    that shorter side; with `square_px` all become squares of this side, the ratio of the sides
    lost, as published video LLMs see them. The times of the result are those of the frames.

    Unreadable stretches are left out and told in `damage`. Reading stops after `deadline_s` seconds
    of wall time; what the taker of the frames needs in between does not count. Only a file
    that cannot be opened raises `MediaError`.
    """
    _check(rate_hz, times_s, short_side_px, chunk)
    if square_px is not None and (square_px < 1 or short_side_px is not None):
        raise InputError(f"give square_px of at least 1 or short_side_px, not both: {square_px}")
    wanted = None if times_s is None else sorted(max(0.0, float(t)) for t in times_s)
    damage = damage if damage is not None else Damage()
    if is_still(video.path):
        wanted = [0.0] if keyframes_only else wanted
        rate_hz = None if keyframes_only else rate_hz
        pictures = read_still(video.path, short_side_px, rate_hz, wanted)
        yield from _chunks(video, _squashed(pictures, square_px), chunk)
        return
    with open_media(video.path) as container:
        stream = video_stream(container)
        if stream is None:
            return
        reading = Reading.lasting(deadline_s)
        reader = Reader(video.path, container, stream, reading, damage)
        targets = Targets(reader.origin, reader.tick_s, rate_hz, wanted)
        frames = reader.key_frames(rate_hz) if keyframes_only else reader.frames(targets)
        painter = Painter(float(stream.sample_aspect_ratio or 1), short_side_px, square_px)
        for part in _chunks(video, reader.paint(frames, painter), chunk):
            given = time.monotonic()
            yield part
            reading.extend(time.monotonic() - given)


def _check(
    rate_hz: float | None, times_s: Sequence[float] | None, short_side_px: int | None, chunk: int
) -> None:
    if rate_hz is not None and not 0 < rate_hz < 1e4:
        raise InputError(f"rate_hz must be positive and below 10000, got {rate_hz}")
    if rate_hz is not None and times_s is not None:
        raise InputError("give rate_hz or times_s, not both")
    if short_side_px is not None and short_side_px < 1:
        raise InputError(f"short_side_px must be at least 1, got {short_side_px}")
    if chunk < 1:
        raise InputError(f"chunk must be at least 1, got {chunk}")


def _squashed(
    pictures: Iterator[tuple[float, NDArray[np.uint8]]], square_px: int | None
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Still pictures as squares, if they should be."""
    from PIL import Image

    for time_s, pixels in pictures:
        if square_px is None:
            yield time_s, pixels
        else:
            resized = Image.fromarray(pixels).resize(
                (square_px, square_px), Image.Resampling.BICUBIC
            )
            yield time_s, np.asarray(resized)


def _chunks(
    video: Video, pictures: Iterator[tuple[float, NDArray[np.uint8]]], chunk: int
) -> Iterator[Frames]:
    """Gather pictures of one size into `Frames`."""
    times_s: list[float] = []
    held: list[NDArray[np.uint8]] = []
    for time_s, pixels in pictures:
        full = len(held) >= min(chunk, max(1, CHUNK_BYTES // max(1, pixels.nbytes)))
        if held and (full or held[0].shape != pixels.shape):
            yield Frames(video, np.stack(held), np.array(times_s))
            times_s, held = [], []
        times_s.append(time_s)
        held.append(pixels)
    if held:
        yield Frames(video, np.stack(held), np.array(times_s))
