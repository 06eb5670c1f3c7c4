"""Opening a media file safely, and its time line.

FFmpeg guesses formats from content and would follow playlists, read text as terminal art or open
devices; here a file must be a regular file in one of the media formats listed, or it is refused
with the reason. Times: ticks are the stream's own integer unit; `origin` is the tick of the first
shown frame, so that seconds = (tick - origin) * seconds_per_tick.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from whenabouts.errors import MediaError
from whenabouts.media.refused import refusal

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

FrameT = TypeVar("FrameT")

MAX_PIXELS = 2**26
"""Largest frame that is decoded, in pixels: 8K video has half of it, 16K twice."""

LONGEST_S = 864_000.0
"""Ten days: packets that are further apart or stand longer carry a broken clock."""

JUMPING = frozenset({"mpegts", "mpeg"})
"""Formats made for broadcast: files can be joined end to end, and any packet may be hurt."""

OPEN_LIMIT_S = 30.0
"""How long opening a file or reading one packet may take."""

FORMATS = (
    "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,gif,apng,ogg,mp3,wav,w64,flac,aac,ac3,"
    "eac3,h264,hevc,vvc,obu,ivf,av1,m4v,mjpeg,rm,mxf,nut,wtv,dv,gxf,h263,vc1,yuv4mpegpipe,aiff,au,"
    "caf,amr,ape,wv,tta,dts,truehd,mpc,mpc8,swf,nsv,ty,dhav,viv,iv8"
)
"""Demuxers that may open a file. Playlists, scripts, text and picture sequences are not here."""

MAX_FAULTS = 16
"""Damaged places in a row after which a container is given up."""


def check_file(path: Path) -> os.stat_result:
    """The file's stat; a `MediaError` with the reason when it cannot hold media."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise MediaError(f"{path.name!r} is not a regular file; give a media file")
        if found.st_size == 0:
            raise MediaError(f"{path.name!r} is empty (0 bytes); copy it again from its source")
        with path.open("rb"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise MediaError(f"cannot read {path.name!r}: {reason}; check path and rights") from error
    except ValueError as error:
        raise MediaError(f"{str(path)!r} is no file name: {error}") from error
    return found


@contextmanager
def open_media(path: Path, limit_s: float = OPEN_LIMIT_S) -> Generator[InputContainer]:
    """An open container for `path`, closed at the end."""
    import av
    from av.error import ExitError, FFmpegError

    check_file(path)
    # PyAV 19 does by itself what 18 must be asked for: bad letters in tags are no error.
    asked = int(av.__version__.partition(".")[0]) < 19
    tolerant: dict[str, Any] = {"metadata_errors": "replace"} if asked else {}
    try:
        container = av.open(
            f"file:{path}",
            container_options={"format_whitelist": FORMATS, "protocol_whitelist": "file"},
            timeout=limit_s,
            **tolerant,
        )
    except ExitError as error:
        raise MediaError(
            f"{path.name!r} took more than {limit_s:g} s to open; it is damaged or on a slow disk"
        ) from error
    except (FFmpegError, ValueError, RuntimeError) as error:
        raise MediaError(
            f"{path.name!r} is not a video, animation, image or sound file that can be read: "
            f"{refusal(path, reason_of(error))}"
        ) from error
    try:
        yield container
    finally:
        container.close()


def reason_of(error: BaseException) -> str:
    """What the decoder library said, without the file name."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def video_stream(container: InputContainer) -> VideoStream | None:
    """The largest moving picture; cover pictures and thumbnails do not count. None without one."""
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & still and decodable(stream)
    ]
    return max(moving, key=lambda stream: stream.width * stream.height, default=None)


def decodable(stream: Stream) -> bool:
    """Whether a decoder for the stream exists."""
    return getattr(stream, "codec_context", None) is not None


def check_size(width: int, height: int, name: str) -> None:
    """Refuse frames that would not fit in memory."""
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"{name!r} has frames of {width}x{height} pixels, more than the {MAX_PIXELS / 1e6:.0f} "
            "million that are decoded; scale it down with a video editor first"
        )


def seconds_per_tick(stream: Stream) -> float:
    """Length of the stream's time unit in seconds."""
    return float(stream.time_base) if stream.time_base else 1e-6


@dataclass(slots=True)
class Reading:
    """How far reading one file may go and has gone; shared by all that read it."""

    until: float | None = None
    """Moment on the `time.monotonic` clock after which reading stops."""
    stopped: str = ""
    """Why reading ended before the end of the file; empty when it did not."""
    faults: int = 0
    """Places where the container itself was damaged."""

    @classmethod
    def lasting(cls, limit_s: float | None) -> Reading:
        """Reading that may take `limit_s` seconds of wall time; None: any."""
        return cls(None if limit_s is None else time.monotonic() + limit_s)

    def extend(self, seconds: float) -> None:
        """Allow so much more time."""
        if self.until is not None:
            self.until += seconds

    def late(self) -> bool:
        """Whether the time is used up; notes it."""
        if self.until is None or time.monotonic() < self.until:
            return False
        self.stopped = "the time limit for one file was reached"
        return True


def packets_of(
    container: InputContainer, stream: Stream, reading: Reading | None = None
) -> Iterator[Packet]:
    """Packets of one stream; a clock that jumps (joined transport streams) is made continuous."""
    jumps = container.format.name in JUMPING
    limit = round(10 / seconds_per_tick(stream))
    longest = round(LONGEST_S / seconds_per_tick(stream))
    shift, last, first = 0, None, None
    reading = reading or Reading()
    for packet in _demux(container, stream, reading):
        if jumps and packet.dts is not None:
            if last is not None and not -limit // 10 < packet.dts + shift - last < limit:
                shift = last - packet.dts + (packet.duration or 1)
            last = packet.dts + shift
            if shift:
                packet.dts += shift
                packet.pts = None if packet.pts is None else packet.pts + shift
        tick = packet.pts if packet.pts is not None else packet.dts
        if tick is not None:
            first = tick if first is None else first
            if abs(tick - first) > longest:
                reading.faults += 1
                continue
        if (packet.duration or 0) > longest:
            packet.duration = 0
        yield packet


def _demux(container: InputContainer, stream: Stream, reading: Reading) -> Iterator[Packet]:
    """Packets with content, going on behind damaged places while that brings something."""
    from av.error import FFmpegError, InvalidDataError

    failed, cut = 0, False
    joined = container.format.name in JUMPING
    packets = container.demux(stream)
    while failed < MAX_FAULTS and not reading.late():
        try:
            packet = next(packets, None)
        except (InvalidDataError, IndexError):  # the latter: a packet of a stream not announced
            failed += 1
            reading.faults += 1
            packets = container.demux(stream)
            continue
        except (FFmpegError, OSError) as error:
            reading.stopped = f"the file could not be read further: {reason_of(error)}"
            return
        if packet is None or (packet.dts is None and packet.pts is None and not packet.size):
            break
        cut = packet.is_corrupt and not joined
        if cut:
            # Handing it on would cost the sound frames before it.
            reading.faults += 1
        elif packet.size:
            failed = 0
            yield packet
    if failed or cut:
        reading.stopped = "the file is damaged or cut off from here"


def decode_packet(stream: VideoStream, packet: Packet | None) -> tuple[list[VideoFrame], bool]:
    """The pictures that a packet (None: the end) gives, and whether it was readable."""
    return _decoded(stream.codec_context.decode, stream.codec_context.flush_buffers, packet)


def decode_sound(stream: AudioStream, packet: Packet | None) -> tuple[list[AudioFrame], bool]:
    """The sound that a packet (None: the end) gives, and whether it was readable."""
    return _decoded(stream.codec_context.decode, stream.codec_context.flush_buffers, packet)


def _decoded(
    decode: Callable[[Packet | None], list[FrameT]],
    flush: Callable[[], None],
    packet: Packet | None,
) -> tuple[list[FrameT], bool]:
    from av.error import BlockingIOError, EOFError, FFmpegError

    try:
        return decode(packet), True
    except BlockingIOError:
        # The decoder is full because an earlier packet ended in an error: empty it, try again.
        frames, _ = _decoded(decode, flush, None)
        flush()
        try:
            return frames + decode(packet), True
        except FFmpegError:
            return frames, False
    except EOFError:
        return [], True
    except (FFmpegError, ValueError, MemoryError):
        return [], False
