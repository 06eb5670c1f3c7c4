"""Cutting a clip out of a file: by copying packets, or exactly by encoding anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MediaError
from whenabouts.media.audio import gapless
from whenabouts.media.damage import Damage
from whenabouts.media.picture import Painter, is_hdr
from whenabouts.media.reader import Reader
from whenabouts.media.source import (
    Reading,
    decodable,
    open_media,
    seconds_per_tick,
    video_stream,
)
from whenabouts.media.start import origin_of
from whenabouts.media.targets import Targets
from whenabouts.media.write import encoder_options, new_file
from whenabouts.types import Span

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

CRF = 18
"""Quality of exact cuts: hardly to be told from the source."""

SOUND_BITS = 160_000
"""Bits a second of the sound of exact cuts."""

SOUND_RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
"""Sampling rates that players of AAC know, in Hz."""

AAC_SAMPLES = 1024
"""Samples a packet of AAC."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What is cut, and where on its own clock, in seconds."""

    path: Path
    container: InputContainer
    pictures: VideoStream | None
    sound: AudioStream | None
    origin_s: float
    begin_s: float
    end_s: float

    def span(self, first_s: float, last_s: float) -> Span:
        """A stretch of the file's clock, from the first shown frame."""
        start_s = max(0.0, first_s - self.origin_s)
        return Span(start_s, max(start_s, last_s - self.origin_s))


def cut_clip(src: Path, span: Span, dst: Path, exact: bool = False) -> Span:
    """Write the part `span` of `src` (seconds from its first shown frame) to an MP4 or MKV file.

    Without `exact` packets are copied: quick and without loss, but the clip begins at the key frame
    before the span. With `exact` it begins and ends where asked, encoded as H.264 and AAC. Sound
    and rotation are kept. Returns the span that was really written.
    """
    if span.length_s <= 0:
        raise InputError(f"nothing to cut between {span.start_s} and {span.end_s} s")
    origin_s = origin_of(src)
    with open_media(src) as container:
        source = _Source(
            src,
            container,
            video_stream(container),
            next((s for s in container.streams.audio if decodable(s)), None),
            origin_s,
            span.start_s + origin_s,
            span.end_s + origin_s,
        )
        if source.pictures is None and source.sound is None:
            raise MediaError(f"{src.name!r} holds nothing to cut; stills are one frame only")
        with new_file(dst) as out:
            written = _encode(source, out) if exact else _copy(source, out)
            if written is None:
                raise MediaError(f"{src.name!r} has nothing readable in {span}; try another span")
            return written


def _copy(source: _Source, out: OutputContainer) -> Span | None:
    """Packets as they are, from the key frame at or before the span."""
    streams = [s for s in (source.pictures, source.sound) if s is not None]
    main = streams[0]
    key = _key_before(source, main)
    if key is None:
        return None
    copies = {s.index: out.add_stream_from_template(s) for s in streams}
    first_s = last_s = key * seconds_per_tick(main)
    begun = False
    for packet in source.container.demux(streams):
        if packet.pts is None or packet.dts is None:
            continue
        tick_s = seconds_per_tick(packet.stream)
        is_main = packet.stream_index == main.index
        begun = begun or (is_main and packet.pts == key)
        if packet.dts * tick_s >= source.end_s:
            if is_main:
                break
            continue
        if packet.pts * tick_s < first_s - 1e-9 or (is_main and not begun):
            continue
        last_s = max(last_s, (packet.pts + (packet.duration or 0)) * tick_s)
        shift = round(first_s / tick_s)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        packet.stream = copies[packet.stream_index]
        out.mux_one(packet)
    return source.span(first_s, last_s) if begun else None


def _key_before(source: _Source, main: VideoStream | AudioStream) -> int | None:
    """Tick of the last key frame at or before the cut; the container then stands before it."""
    tick_s = seconds_per_tick(main)
    begin = source.begin_s + 1e-6
    for place in (round(source.begin_s / tick_s), round(source.origin_s / tick_s)):
        _seek(source.container, place, main)
        key: int | None = None
        for packet in source.container.demux(main):
            if packet.pts is None or packet.dts is None or packet.dts * tick_s > begin:
                break
            if packet.is_keyframe and not packet.is_discard and packet.pts * tick_s <= begin:
                key = packet.pts
        if key is not None:
            _seek(source.container, place, main)
            return key
    return None


def _seek(container: InputContainer, tick: int, stream: VideoStream | AudioStream) -> None:
    from av.error import FFmpegError

    try:
        container.seek(tick, stream=stream)
    except FFmpegError as error:
        raise MediaError(
            "this file cannot be cut by copying, as it has no index; cut it with exact"
        ) from error


def _encode(source: _Source, out: OutputContainer) -> Span | None:
    """Frames and samples of just the span, encoded anew."""
    first_s = last_s = source.begin_s
    begun = False
    tracks = merge(_pictures(source, out), _sounds(source, out), key=lambda made: made[0])
    for until_s, packets in tracks:
        out.mux(packets)
        last_s, begun = max(last_s, until_s), begun or bool(packets)
    return source.span(first_s, min(last_s, source.end_s)) if begun else None


def _pictures(source: _Source, out: OutputContainer) -> Iterator[tuple[float, list[Packet]]]:
    """Encoded frames of the span, each with the time until which it is shown."""
    if source.pictures is None:
        return
    coder = _Coder(source.pictures, out)
    for start_s, end_s, frame in _shown(source, source.pictures):
        yield end_s, coder.encode(frame, start_s - source.begin_s, end_s - start_s)
    yield source.end_s, coder.close()


def _shown(source: _Source, stream: VideoStream) -> Iterator[tuple[float, float, VideoFrame]]:
    """The frames shown in the span and from when to when, from the span's begin to its end."""
    reader = Reader(source.path, source.container, stream, Reading(), Damage())
    begin = round(source.begin_s / reader.tick_s)
    if reader.indexed and reader.timed and begin > reader.origin:
        reader.jump(begin)
    held: tuple[float, VideoFrame] | None = None
    for tick, frame in reader.frames(Targets(reader.origin, reader.tick_s)):
        start_s = tick * reader.tick_s
        if held is not None and start_s > source.begin_s + 1e-6:
            yield max(held[0], source.begin_s), min(start_s, source.end_s), held[1]
        held = start_s, frame
        if start_s >= source.end_s - 1e-6:
            return
    if held is not None:
        rest_s = reader.ledger.end * reader.tick_s
        if rest_s > source.begin_s:
            yield max(held[0], source.begin_s), min(rest_s, source.end_s), held[1]


class _Coder:
    """Encodes frames with the clock, size and rotation of the source."""

    def __init__(self, stream: VideoStream, out: OutputContainer) -> None:
        self._out, self._source = out, stream
        clock = stream.time_base or Fraction(1, 90_000)
        self._clock = Fraction(clock.numerator, clock.denominator)
        self._painter = Painter()
        self._stream: VideoStream | None = None

    def encode(self, frame: VideoFrame, start_s: float, length_s: float) -> list[Packet]:
        """Packets for a frame shown from `start_s` of the clip for `length_s`."""
        if self._stream is None:
            self._stream = self._opened(frame)
        width, height = self._stream.width, self._stream.height
        if is_hdr(frame):
            frame = self._in_sdr(frame)
        plain = frame.reformat(width=width, height=height, format="yuv420p", threads=1)
        plain.pts, plain.time_base = round(start_s / self._clock), self._clock
        plain.duration = round(length_s / self._clock)
        plain.pict_type = 0
        return self._stream.encode(plain)

    def close(self) -> list[Packet]:
        """The packets still inside the encoder."""
        return [] if self._stream is None else self._stream.encode(None)

    def _opened(self, frame: VideoFrame) -> VideoStream:
        rate = self._source.average_rate or Fraction(25)
        stream = self._out.add_stream("libx264", rate=rate, options=encoder_options(CRF))
        stream.width, stream.height = (side + side % 2 for side in (frame.width, frame.height))
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = self._clock
        stream.codec_context.sample_aspect_ratio = self._source.sample_aspect_ratio or Fraction(1)
        if frame.rotation:
            stream.set_display_rotation(frame.rotation)
        return stream

    def _in_sdr(self, frame: VideoFrame) -> VideoFrame:
        """Tone-mapped, not yet upright."""
        import av

        pixels = self._painter.paint(frame)
        turned_back = np.ascontiguousarray(np.rot90(pixels, -round(frame.rotation / 90) % 4))
        return av.VideoFrame.from_ndarray(turned_back, format="rgb24")


def _sounds(source: _Source, out: OutputContainer) -> Iterator[tuple[float, list[Packet]]]:
    """Encoded sound of the span, each part with the time of its end."""
    if source.sound is None:
        return
    context = source.sound.codec_context
    rate = min(SOUND_RATES, key=lambda known: abs(known - (context.sample_rate or 48000)))
    layout = "mono" if context.channels == 1 else "stereo"
    stream: AudioStream | None = None
    limit, done = round((source.end_s - source.begin_s) * rate), 0
    for block in _blocks(source, rate, layout, limit):
        if stream is None:
            stream = out.add_stream("aac", rate=rate, layout=layout)
            stream.bit_rate = SOUND_BITS
        frame = _sound_frame(block, rate, layout)
        frame.pts = done
        done += block.shape[1]
        yield source.begin_s + done / rate, stream.encode(frame)
    if stream is not None:
        yield source.begin_s + done / rate, stream.encode(None)


def _blocks(source: _Source, rate: int, layout: str, limit: int) -> Iterator[NDArray[np.float32]]:
    """Samples [C,N] of the span in the encoder's portions; the last one may be shorter."""
    held: NDArray[np.float32] | None = None
    taken = 0
    for part in gapless(source.path, rate, layout, source.begin_s, Reading()):
        fresh = part[:, : limit - taken]
        taken += fresh.shape[1]
        held = fresh if held is None else np.concatenate([held, fresh], axis=1)
        while held.shape[1] >= AAC_SAMPLES:
            yield held[:, :AAC_SAMPLES]
            held = held[:, AAC_SAMPLES:]
        if taken >= limit:
            break
    if held is not None and held.shape[1]:
        yield held


def _sound_frame(samples: NDArray[np.float32], rate: int, layout: str) -> AudioFrame:
    import av

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    return frame
