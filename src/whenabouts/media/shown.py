"""When each frame of a video is shown, told by its packets: nothing is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MediaError
from whenabouts.media.source import (
    OPEN_LIMIT_S,
    Reading,
    open_media,
    packets_of,
    seconds_per_tick,
    video_stream,
)
from whenabouts.media.start import start_of, timed

DEFAULT_RATE_HZ = 25.0
"""For raw streams that tell no rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The frames of one video."""

    times_s: NDArray[np.float64]
    """[N] ascending, from the first shown frame: what `read_frames` calls these frames."""
    fps: float
    """Average rate as the file claims it, which systems that count frames go by."""


def shown(path: Path, deadline_s: float = 4 * OPEN_LIMIT_S) -> Shown:
    """All frames of the main pictures of `path`; `MediaError` when it has none."""
    reading = Reading.lasting(deadline_s)
    with open_media(path) as container:
        stream = video_stream(container)
        if stream is None:
            raise MediaError(f"{path.name!r} has no moving pictures; give a video file")
        tick_s = seconds_per_tick(stream)
        rate = float(stream.average_rate or stream.guessed_rate or DEFAULT_RATE_HZ)
        packets = packets_of(container, stream, reading)
        head, origin = start_of(path, container, packets)
        clocked = timed(container, head)
        ticks: set[int] = set()
        for number, packet in enumerate((*head, *packets)):
            if packet.is_discard:
                continue
            tick = packet.pts if clocked else packet.dts
            if tick is None and not clocked:
                tick = origin + round(number / rate / tick_s)
            if tick is not None and tick >= origin:
                ticks.add(tick)
    if reading.late():
        raise MediaError(
            f"{path.name!r} was not read through in {deadline_s:g} s; copy it to a faster disk"
        )
    times_s = (np.array(sorted(ticks), np.float64) - origin) * tick_s
    return Shown(times_s, rate)
