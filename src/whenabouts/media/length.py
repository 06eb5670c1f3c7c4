"""How long a file plays. The header is believed only where packets at its end confirm it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import MediaError
from whenabouts.media.source import (
    LONGEST_S,
    Reading,
    decodable,
    open_media,
    packets_of,
    seconds_per_tick,
)

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

CONFIRMED_S = 0.25
"""How far the header's claim and the last packets may lie apart for the claim to stand."""

TAIL_S = 2.0
"""Where looking for the last packets begins, in seconds before the claimed end."""

MAX_FPS = 1000.0
"""A higher claimed frame rate is a clock rate and no frame rate."""


@dataclass(frozen=True, slots=True)
class Length:
    """What was measured."""

    duration_s: float
    fps: float
    """Average; 0 for sound."""
    frames: int | None
    """Number of packets of the stream, when all of them were looked at."""
    notes: tuple[str, ...] = ()


def measure(
    path: Path,
    container: InputContainer,
    stream: VideoStream | AudioStream,
    origin: int,
    reading: Reading,
) -> Length:
    """Duration from `origin` (ticks) and average frame rate of the main stream of a file.

    The container may be at any place and is left at another.
    """
    claim_s = None if container.duration is None else container.duration / 1_000_000
    fps = _claimed_fps(stream)
    # No claim counts for animations, nor where clocks may start again in the middle of the file.
    unsure = container.format.name in {"gif", "apng", "mpegts", "mpeg"}
    if claim_s is not None and 0 < claim_s < LONGEST_S and fps is not None and not unsure:
        start_s = (container.start_time or 0) / 1_000_000
        if container.format.name.startswith("matroska"):
            claim_s -= start_s  # its header tells the end, not the length
        end_s = _tail_end_s(container, start_s + claim_s, reading)
        if end_s is not None and end_s - start_s >= claim_s - CONFIRMED_S:
            confirmed = end_s - start_s <= claim_s + CONFIRMED_S
            return Length(claim_s if confirmed else end_s - start_s, fps, None)
    length = _count(path, stream.index, origin, reading)
    if claim_s is None or abs(claim_s - length.duration_s) <= 1.0:
        return length
    note = f"the header claims {claim_s:.1f} s, {length.duration_s:.1f} s are there"
    return replace(length, notes=(note,))


def _claimed_fps(stream: Stream) -> float | None:
    if stream.type != "video":
        return 0.0
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    return rate if 0 < rate <= MAX_FPS else None


def _tail_end_s(container: InputContainer, end_s: float, reading: Reading) -> float | None:
    """End of the last packets of pictures and sound, on the file's clock; None if not found."""
    from av.error import FFmpegError

    ends: list[float] = []
    try:
        container.seek(round(max(0.0, end_s - TAIL_S) * 1_000_000))
        streams = [*container.streams.video, *container.streams.audio]
        for packet in container.demux([s for s in streams if decodable(s)]):
            if packet.pts is not None and packet.size and not packet.is_discard:
                ends.append((packet.pts + (packet.duration or 0)) * seconds_per_tick(packet.stream))
            if reading.late():
                break
    except (FFmpegError, OSError, OverflowError, IndexError):
        pass
    return max(ends, default=None)


def _count(path: Path, index: int, origin: int, reading: Reading) -> Length:
    """Look at all packets of one stream."""
    end, count, last, stands = origin, 0, origin, 1
    with open_media(path) as container:
        if index >= len(container.streams):
            raise MediaError(f"{path.name!r} is damaged: it shows other streams at each reading")
        stream = container.streams[index]
        tick_s = seconds_per_tick(stream)
        fps = _claimed_fps(stream)
        pictures = stream.type == "video"  # the stream is gone once the container is closed
        for packet in packets_of(container, stream, reading):
            if packet.is_discard:
                continue
            count += 1
            tick = packet.pts if packet.pts is not None else packet.dts
            if tick is not None:
                end = max(end, tick + (packet.duration or 0))
                last = max(last, tick)
        if end <= last:
            stands = round(
                (1 / fps if fps else (last - origin) * tick_s / max(1, count - 1)) / tick_s
            )
            end = last + max(1, stands)
    duration_s = (end - origin) * tick_s
    if pictures and last == origin and count > 1:
        duration_s = count / (fps or 25.0)
    if pictures:
        fps = min(count / duration_s, MAX_FPS) if duration_s > 0 else fps
    return Length(duration_s, fps or 0.0, count)
