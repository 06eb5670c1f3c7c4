"""One pass over a video stream: which packets to decode, which frames to give.

The packets are read in order, group by group (`gops`). A group in which no wanted frame is shown is
not decoded; in the others decoding stops behind the last wanted frame, and frames that nothing
refers to are left out unless wanted. The frames given are those that decoding everything would
give.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.media.damage import Damage, Ledger
from whenabouts.media.gops import MAX_PACKETS, Group, groups
from whenabouts.media.picture import Painter
from whenabouts.media.source import (
    Reading,
    check_size,
    decode_packet,
    packets_of,
    seconds_per_tick,
)
from whenabouts.media.start import start_of, timed
from whenabouts.media.targets import Chooser, Targets

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

THREADS = 2
"""Decoder threads a file."""

INDEXED = ("mov", "matroska")
"""Formats with an index, by which reading can leap over long stretches."""

FAR_S = 20.0
"""A stretch worth leaping over, in seconds."""

REDONE_PACKETS = 4
"""Most packets taken back when the last ones given to the decoder are damaged."""

OMITTING = frozenset({"h264", "mpeg4", "mpeg2video"})
"""Decoders that leave out, packet by packet, frames that nothing refers to. HEVC is not one: there
such frames may still serve those of higher temporal layers."""


class Reader:
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
        self.container, self.stream, self.codec = container, stream, stream.codec_context
        self.reading = reading
        self.tick_s = seconds_per_tick(stream)
        stream.thread_type = "AUTO"
        stream.thread_count = THREADS
        packets = packets_of(container, stream, reading)
        head, self.origin = start_of(path, container, packets)
        self.packets = chain(head, packets)
        self.timed = timed(container, head)
        self.ledger = Ledger(damage, self.origin, self.tick_s)
        self.sent: list[Packet] = []
        """Packets given to the decoder since the last place where it could begin."""
        self.indexed = container.format.name.startswith(INDEXED)
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
        for group in self._groups(targets):
            needed = self._needed(group, targets)
            packets = group.packets[:needed]
            if not packets:
                whole = False
                continue
            if not whole:
                if not (single and len(group.packets) == 1):
                    yield from self._drain(chooser)
                if not group.piece:
                    packets = [p for p in packets if p.pts is None or p.pts >= (group.key or 0)]
            yield from self._decode(packets, group, chooser)
            whole, single = needed == len(group.packets), len(group.packets) == 1
        yield from self._drain(chooser)
        yield from chooser.finish(self.ledger.end)

    def _groups(self, targets: Targets) -> Iterator[Group]:
        """Groups up to the last wanted time, without those in a long stretch of nothing wanted."""
        far = round(FAR_S / self.tick_s)
        going = True
        while going:
            going = False
            for group in groups(self.packets):
                if not targets.before(None):
                    return
                self._note(group)
                yield group
                upcoming = targets.next()
                if self.indexed and not targets.every and upcoming is not None:
                    going = upcoming > self.ledger.end + far and self.jump(upcoming)
                if going:
                    break

    def jump(self, tick: int) -> bool:
        """Go on reading at the key frame before `tick`, if the file's index leads there."""
        from av.error import FFmpegError

        try:
            self.container.seek(tick, stream=self.stream)
        except FFmpegError:
            return self._back()
        head: list[Packet] = []
        self.packets = packets_of(self.container, self.stream, self.reading)
        for packet in islice(self.packets, MAX_PACKETS):
            if packet.is_keyframe:
                head.append(packet)
                break
        if not head or head[0].pts is None or not self.ledger.end <= head[0].pts <= tick:
            return self._back()
        self.packets = chain(head, self.packets)
        return True

    def _back(self) -> bool:
        """The index is wrong: read everything, from the start."""
        from av.error import FFmpegError

        self.indexed = False
        try:
            self.container.seek(self.origin, stream=self.stream)
        except FFmpegError:
            self.reading.stopped = "the index of the file is damaged"
            return False
        self.packets = packets_of(self.container, self.stream, self.reading)
        return True

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
        if group.leans_back:
            self.sent = [*self.sent, *packets] if len(self.sent) < MAX_PACKETS else []
        else:
            self.sent = packets
        for packet in packets:
            if self.reading.late():
                return
            if omit:
                self.codec.skip_frame = "DEFAULT" if packet.pts in wanted else "NONREF"
            yield from self._take(packet, chooser)

    def _take(
        self, packet: Packet | None, chooser: Chooser[VideoFrame]
    ) -> Iterator[tuple[int, VideoFrame]]:
        """The chosen ones of the frames that one packet (None: the end) brings out."""
        frames, sound = decode_packet(self.stream, packet)
        if not sound:
            self.ledger.lose(None if packet is None else packet.pts)
        yield from self._choose(frames, chooser)

    def _choose(
        self, frames: list[VideoFrame], chooser: Chooser[VideoFrame]
    ) -> Iterator[tuple[int, VideoFrame]]:
        for frame in frames:
            tick = frame.pts
            if tick is None:
                tick = self.ledger.end if chooser.last is None else chooser.last + 1
            if frame.is_corrupt and self.codec.skip_frame != "NONKEY":
                # The decoder patched it up from its neighbours: better than none, but to be told.
                self.ledger.lose(tick)
            if tick >= self.origin:
                yield from chooser.take(tick, frame)

    def _drain(self, chooser: Chooser[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
        """Frames still inside the decoder, which is then ready to begin anywhere."""
        frames, sound = decode_packet(self.stream, None)
        yield from self._choose(frames, chooser)
        self.codec.flush_buffers()
        if sound:
            return
        # A bad packet near the end took the frames behind it along: decode again up to before it.
        self.codec.skip_frame = "DEFAULT"
        for cut in range(1, min(len(self.sent), 1 + REDONE_PACKETS)):
            for packet in self.sent[:-cut]:
                yield from self._choose(decode_packet(self.stream, packet)[0], chooser)
            frames, sound = decode_packet(self.stream, None)
            yield from self._choose(frames, chooser)
            self.codec.flush_buffers()
            if sound:
                self.ledger.lose(self.sent[-cut].pts)
                return
        self.ledger.lose(None)

    def _count(self, chooser: Chooser[VideoFrame]) -> Iterator[tuple[int, VideoFrame]]:
        """A file that does not know when frames are shown: in the order they come."""
        waiting: list[int] = []
        for tick, packet in self._counted():
            heapq.heappush(waiting, tick)
            frames, sound = decode_packet(self.stream, packet)
            if not sound:
                self.ledger.lose(packet.pts)
                waiting.remove(tick)
            for frame in frames:
                yield from chooser.take(heapq.heappop(waiting), frame)
        for frame in decode_packet(self.stream, None)[0]:
            if waiting:
                yield from chooser.take(heapq.heappop(waiting), frame)
        yield from chooser.finish(self.ledger.end)

    def _counted(self) -> Iterator[tuple[int, Packet]]:
        """Packets of such a file, with the tick at which the frame of that number is shown."""
        rate = float(self.stream.average_rate or self.stream.guessed_rate or 25)
        step = 1 / rate / self.tick_s
        for number, packet in enumerate(self.packets):
            tick = self.origin + round(number * step) if packet.dts is None else packet.dts
            self.ledger.reach(tick + round(step))
            yield tick, packet

    def key_frames(self, rate_hz: float | None) -> Iterator[tuple[int, VideoFrame]]:
        """Key frames and their ticks, at most `rate_hz` a second."""
        gap = 0.0 if rate_hz is None else 0.999 / rate_hz / self.tick_s
        chooser: Chooser[VideoFrame] = Chooser(Targets(self.origin, self.tick_s))
        self.codec.skip_frame = "NONKEY"
        last = None
        for tick, packet in self._clocked() if self.timed else self._counted():
            if not packet.is_keyframe or packet.is_discard:
                continue
            if last is None or tick - last >= gap:
                last = packet.pts = tick
                yield from self._take(packet, chooser)
        yield from self._take(None, chooser)

    def _clocked(self) -> Iterator[tuple[int, Packet]]:
        """Packets that know when they are shown, with that tick."""
        for packet in self.packets:
            tick = packet.pts if packet.pts is not None else packet.dts
            if tick is not None:
                self.ledger.reach(tick + (packet.duration or 1))
                yield tick, packet

    def _note(self, group: Group) -> None:
        """Remember how far the packets reach, and that a key frame ends an unreadable stretch."""
        for packet in group.packets:
            if packet.pts is not None and not packet.is_discard:
                self.ledger.reach(packet.pts + (packet.duration or 1))
        if not group.piece:
            self.ledger.recover(group.begin)

    def paint(
        self, frames: Iterator[tuple[int, VideoFrame]], painter: Painter
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Seconds and pixels; the same frame twice is painted once."""
        from av.error import FFmpegError

        last: tuple[int, NDArray[np.uint8]] | None = None
        for tick, frame in frames:
            if last is None or last[0] != tick:
                try:
                    last = tick, painter.paint(frame)
                except (FFmpegError, OSError, ValueError):
                    self.ledger.lose(tick)
                    continue
            yield (tick - self.origin) * self.tick_s, last[1]
        self.ledger.close(self.reading.faults, self.reading.stopped)
