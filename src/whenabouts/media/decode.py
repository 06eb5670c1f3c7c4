"""Reading frames: only what must be decoded is, damage is stepped over, memory stays bounded.

The packets of a file are read in order, group by group (`gops`). A group in which no wanted frame
is shown is not decoded; in the others decoding stops behind the last wanted frame, and frames that
nothing refers to are left out unless wanted. The result is the same as that of decoding everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.media.gops import Group, groups
from whenabouts.media.picture import Painter
from whenabouts.media.source import (
    Reading,
    check_size,
    decode_packet,
    open_media,
    packets_of,
    seconds_per_tick,
    video_stream,
)
from whenabouts.media.start import start_of
from whenabouts.media.stills import is_still, read_still
from whenabouts.media.targets import Chooser, Targets
from whenabouts.types import Frames, Span, Video

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

CHUNK_BYTES = 2**26
"""Most pixels given out at once, in bytes, whatever `chunk` says."""

THREADS = 2
"""Decoder threads a file."""

OMITTING = frozenset({"h264", "hevc", "mpeg4", "mpeg2video"})
"""Decoders that can be told, packet by packet, to leave out frames nothing refers to."""


@dataclass(slots=True)
class Damage:
    """What was not readable, filled while reading."""

    bad_packets: int = 0
    first_bad_s: float | None = None
    """Time of the first unreadable packet."""
    readable: list[Span] = field(default_factory=list)
    """The stretches of the video that were read or could have been."""
    stopped: str = ""
    """Why reading ended early; empty when the file was read to its end."""

    def __bool__(self) -> bool:
        return bool(self.bad_packets or self.stopped)


def read_frames(  # noqa: PLR0913 - the named options of the one call that reads frames
    video: Video,
    *,
    rate_hz: float | None = None,
    times_s: Sequence[float] | None = None,
    keyframes_only: bool = False,
    short_side_px: int | None = None,
    chunk: int = 32,
    deadline_s: float | None = None,
    damage: Damage | None = None,
) -> Iterator[Frames]:
    """Frames of `video` in order of time, in chunks of up to `chunk`.

    With `rate_hz`, the frames shown at 0, 1/rate_hz, 2/rate_hz ... seconds, each frame once. With
    `times_s`, one frame for each of these times in ascending order, also when it is the same
    one. With neither, every frame. `keyframes_only` gives key frames alone, at most `rate_hz` a
    second, for a few percent of the cost. Frames larger than `short_side_px` are scaled down to
    that shorter side. The times of the result are those of the frames.

    Unreadable stretches are left out and told in `damage`. Reading stops after `deadline_s` seconds
    of wall time. Only a file that cannot be opened raises `MediaError`.
    """
    _check(rate_hz, times_s, short_side_px, chunk)
    wanted = None if times_s is None else sorted(max(0.0, float(t)) for t in times_s)
    damage = damage if damage is not None else Damage()
    if is_still(video.path):
        yield from _chunks(video, read_still(video.path, short_side_px, rate_hz, wanted), chunk)
        return
    with open_media(video.path) as container:
        stream = video_stream(container)
        if stream is None:
            return
        reader = _Reader(video.path, container, stream, Reading.lasting(deadline_s), damage)
        targets = Targets(reader.origin, reader.tick_s, rate_hz, wanted)
        frames = reader.key_frames(rate_hz) if keyframes_only else reader.frames(targets)
        painter = Painter(float(stream.sample_aspect_ratio or 1), short_side_px)
        yield from _chunks(video, reader.paint(frames, painter), chunk)


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


class _Reader:
    """One pass over one video stream."""

    def __init__(
        self,
        path: Path,
        container: InputContainer,
        stream: VideoStream,
        reading: Reading,
        damage: Damage,
    ) -> None:
        check_size(stream.width, stream.height, path.name)
        self.stream, self.codec = stream, stream.codec_context
        self.reading, self.damage = reading, damage
        self.tick_s = seconds_per_tick(stream)
        stream.thread_type = "AUTO"
        stream.thread_count = THREADS
        packets = packets_of(container, stream, reading)
        head, self.origin = start_of(path, packets)
        self.packets = chain(head, packets)
        self.timed = bool(head) and all(packet.pts is not None for packet in head)
        self.end = self.origin
        """Tick behind the last packet read."""
        self.bad: list[tuple[int, int | None]] = []
        """Unreadable stretches in ticks; the end of the last one may be open."""
        self.may_omit = (
            stream.codec_context.name in OMITTING and stream.codec_context.field_order <= 1
        )

    def frames(self, targets: Targets) -> Iterator[tuple[int, VideoFrame]]:
        """The wanted frames and their ticks."""
        chooser: Chooser[VideoFrame] = Chooser(targets)
        if not self.timed:
            yield from self._count(chooser)
            return
        whole, single = True, True
        for group in groups(self.packets):
            if not targets.before(None):
                break
            self._note(group)
            needed = self._needed(group, targets)
            if needed == 0:
                whole = False
                continue
            packets = group.packets[:needed]
            if not whole:
                if not (single and len(group.packets) == 1):
                    yield from self._drain(chooser)
                if not group.piece:
                    packets = [p for p in packets if p.pts is None or p.pts >= (group.key or 0)]
            yield from self._decode(packets, group, chooser)
            whole, single = needed == len(group.packets), len(group.packets) == 1
        yield from self._drain(chooser)
        yield from chooser.finish(self.end)

    def _needed(self, group: Group, targets: Targets) -> int:
        """How many packets of the group, from its first, must be decoded."""
        following = group.next
        count = len(group.packets)
        if targets.every or (following is not None and following.piece):
            return count
        wanted = targets.wanted(sorted(group.shown()), group.end)
        if following is not None and following.leans_back:
            leading = sorted(tick for tick in following.shown() if tick < (following.key or 0))
            if targets.wanted(leading, following.key):
                return count
        last = max((n for n, p in enumerate(group.packets) if p.pts in wanted), default=-1)
        # The second field of an interlaced frame can be a packet of its own.
        return min(count, last + 1 + (last >= 0 and self.codec.field_order > 1))

    def _decode(
        self, packets: list[Packet], group: Group, chooser: Chooser[VideoFrame]
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Send packets to the decoder and choose from the frames that come out."""
        wanted = chooser.targets.wanted(sorted(group.shown()), group.end)
        omit = self.may_omit and not chooser.targets.every
        for packet in packets:
            if omit:
                self.codec.skip_frame = "DEFAULT" if packet.pts in wanted else "NONREF"
            yield from self._take(packet, chooser)

    def _take(
        self, packet: Packet | None, chooser: Chooser[VideoFrame]
    ) -> Iterator[tuple[int, VideoFrame]]:
        """The chosen ones of the frames that one packet (None: the end) brings out."""
        frames, sound = decode_packet(self.stream, packet)
        if not sound:
            self._note_bad(packet)
        for frame in frames:
            tick = frame.pts
            if tick is None:
                tick = self.end if chooser.last is None else chooser.last + 1
            if tick >= self.origin:
                yield from chooser.take(tick, frame)

    def _drain(self, chooser: Chooser[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
        """Frames still inside the decoder, which is then ready to begin anywhere."""
        yield from self._take(None, chooser)
        self.codec.flush_buffers()

    def _count(self, chooser: Chooser[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
        """A file without times: frames stand for equally long, in the order they come."""
        rate = float(self.stream.average_rate or self.stream.guessed_rate or 25)
        step = 1 / rate / self.tick_s
        number = 0
        for packet in chain(self.packets, [None]):
            frames, sound = decode_packet(self.stream, packet)
            if not sound:
                self._note_bad(packet)
            for frame in frames:
                yield from chooser.take(self.origin + round(number * step), frame)
                number += 1
        self.end = self.origin + round(number * step)
        yield from chooser.finish(self.end)

    def key_frames(self, rate_hz: float | None) -> Iterator[tuple[int, VideoFrame]]:
        """Key frames and their ticks, at most `rate_hz` a second."""
        gap = 0.0 if rate_hz is None else 0.999 / rate_hz / self.tick_s
        chooser: Chooser[VideoFrame] = Chooser(Targets(self.origin, self.tick_s))
        self.codec.skip_frame = "NONKEY"
        last = None
        for packet in self.packets:
            tick = packet.pts if packet.pts is not None else packet.dts
            if tick is None:
                continue
            self.end = max(self.end, tick + (packet.duration or 1))
            if not packet.is_keyframe or packet.is_discard:
                continue
            if last is None or tick - last >= gap:
                last = tick
                yield from self._take(packet, chooser)
        yield from self._take(None, chooser)

    def _note(self, group: Group) -> None:
        """Remember how far the packets reach, and that a key frame ends an unreadable stretch."""
        for packet in group.packets:
            if packet.pts is not None and not packet.is_discard:
                self.end = max(self.end, packet.pts + (packet.duration or 1))
        if self.bad and self.bad[-1][1] is None and not group.piece:
            self.bad[-1] = (self.bad[-1][0], group.begin)

    def _note_bad(self, packet: Packet | None) -> None:
        """Count an unreadable packet."""
        self.damage.bad_packets += 1
        tick = self.end if packet is None or packet.pts is None else packet.pts
        if self.damage.first_bad_s is None:
            self.damage.first_bad_s = max(0.0, (tick - self.origin) * self.tick_s)
        if not self.bad or self.bad[-1][1] is not None:
            self.bad.append((tick, None))

    def paint(
        self, frames: Iterator[tuple[int, VideoFrame]], painter: Painter
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Seconds and pixels; the same frame twice is painted once."""
        last: tuple[int, NDArray[np.uint8]] | None = None
        for tick, frame in frames:
            if last is None or last[0] != tick:
                last = tick, painter.paint(frame)
            yield (tick - self.origin) * self.tick_s, last[1]
        self._tell_damage()

    def _tell_damage(self) -> None:
        """Fill in the stretches between the unreadable ones."""
        damage, start = self.damage, self.origin
        damage.bad_packets += self.reading.faults
        damage.stopped = self.reading.stopped
        for begin, end in [*self.bad, (self.end, None)]:
            if begin > start:
                span = Span(
                    (start - self.origin) * self.tick_s, (begin - self.origin) * self.tick_s
                )
                damage.readable.append(span)
            start = max(start, self.end if end is None else end)
