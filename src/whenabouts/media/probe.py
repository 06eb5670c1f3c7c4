"""What a media file is: kind, duration, size, sound, tags. Measured where headers can be wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from whenabouts.errors import MediaError
from whenabouts.media.length import measure
from whenabouts.media.picture import is_hdr, shown_size
from whenabouts.media.source import (
    OPEN_LIMIT_S,
    Reading,
    check_file,
    check_size,
    decodable,
    decode_packet,
    open_media,
    packets_of,
    seconds_per_tick,
    video_stream,
)
from whenabouts.media.start import start_of
from whenabouts.media.stills import frame_times_s, is_still, open_still, taken_s, upright_size
from whenabouts.types import Span, Video

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Kind = Literal["video", "animation", "image", "audio"]

MAX_TAGS, MAX_TAG_CHARS, MAX_CHAPTERS = 64, 2000, 2000
"""Limits against files that are all description."""

TECHNICAL_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
"""Tags that say nothing to a person."""

TEXT_CODECS = frozenset(
    {"mov_text", "srt", "subrip", "ass", "ssa", "webvtt", "text", "ttml", "subviewer"}
)
"""Subtitles that are text; others are pictures."""

SAMPLED_BLOCK, SAMPLED_BLOCKS = 2**16, 8
"""How much of a file its content id reads."""


@dataclass(frozen=True, slots=True)
class TextTrack:
    """A subtitle track inside a file."""

    index: int
    """Number of the stream in the file."""
    codec: str
    lang: str
    """As the file says, for example `eng`; empty when it does not."""
    title: str


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds. Times are seconds from the first shown frame."""

    kind: Kind
    duration_s: float
    """How long it plays, sound included, as the packets confirm."""
    fps: float
    """Average frames a second; 0 for sound and still images."""
    width: int
    """As shown: upright, square pixels; 0 for sound."""
    height: int
    codec: str
    """Of the pictures, or of the sound when there are none."""
    rotation: int = 0
    """Degrees counter-clockwise by which the coded pictures are turned to be upright."""
    has_audio: bool = False
    hdr: bool = False
    interlaced: bool = False
    created_s: float | None = None
    """When it was recorded, as the file says: seconds since 1970."""
    tags: dict[str, str] | None = None
    chapters: tuple[tuple[Span, str], ...] = ()
    text_tracks: tuple[TextTrack, ...] = ()
    origin_s: float = 0.0
    """The file's own clock at the first shown frame: subtract it from times inside the file."""
    lead_s: float = 0.0
    """How long the file plays before its first shown frame: subtract it from players' times."""
    notes: tuple[str, ...] = ()
    """What a person should know: wrong header, unreadable parts."""

    def video(self, path: Path, id: str) -> Video:
        """The `Video` of this file under the content id `id`."""
        return Video(id, path, self.duration_s, self.fps, self.width, self.height)


def content_id(path: Path) -> str:
    """A name for the bytes of a file, 32 hex digits: from its size and blocks spread over it."""
    size = check_file(path).st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    last = max(0, size - SAMPLED_BLOCK)
    try:
        with path.open("rb") as file:
            for number in range(SAMPLED_BLOCKS):
                file.seek(last * number // (SAMPLED_BLOCKS - 1))
                digest.update(file.read(SAMPLED_BLOCK))
    except OSError as error:
        raise MediaError(f"cannot read {path.name!r}: {error.strerror}; try again") from error
    return digest.hexdigest()


def probe(path: Path, deadline_s: float = 2 * OPEN_LIMIT_S) -> MediaInfo:
    """What `path` holds; `MediaError` with the reason when it is no readable media file.

    >>> probe(Path("holiday.mp4")).duration_s    # doctest: +SKIP
    8.07
    """
    check_file(path)
    if is_still(path):
        return _probe_still(path)
    reading = Reading.lasting(deadline_s)
    with open_media(path) as container:
        stream = video_stream(container)
        if stream is None:
            return _probe_sound(path, container, reading)
        check_size(stream.width, stream.height, path.name)
        frame, origin = _first_frame(path, container, stream, reading)
        if frame is None:
            return _without_frames(path, container, reading)
        return _probe_frames(path, container, stream, frame, origin, reading)


def _first_frame(
    path: Path, container: InputContainer, stream: VideoStream, reading: Reading
) -> tuple[VideoFrame | None, int]:
    """The first readable frame, and the tick from which times count."""
    stream.thread_type = "SLICE"
    packets = packets_of(container, stream, reading)
    head, origin = start_of(path, container, packets)
    for source in (head, packets):
        for packet in source:
            frames, _ = decode_packet(stream, packet)
            if frames:
                return frames[0], origin
    frames, _ = decode_packet(stream, None)
    return (frames[0] if frames else None), origin


def _probe_frames(
    path: Path,
    container: InputContainer,
    stream: VideoStream,
    frame: VideoFrame,
    origin: int,
    reading: Reading,
) -> MediaInfo:
    check_size(frame.width, frame.height, path.name)
    aspect = float(stream.sample_aspect_ratio or 1)
    width, height = shown_size(frame.width, frame.height, aspect, frame.rotation, None)
    length = measure(path, container, stream, origin, reading)
    animated = container.format.name in {"gif", "apng"}
    kind: Kind = "video"
    if animated:
        kind = "animation" if length.frames != 1 else "image"
    origin_s = origin * seconds_per_tick(stream)
    described = _described(container, origin_s, length.duration_s)
    return replace(
        described,
        kind=kind,
        duration_s=length.duration_s,
        fps=0.0 if kind == "image" else length.fps,
        width=width,
        height=height,
        codec=stream.codec_context.name,
        rotation=frame.rotation,
        hdr=is_hdr(frame),
        interlaced=frame.interlaced_frame,
        origin_s=origin_s,
        notes=described.notes + length.notes,
    )


def _described(container: InputContainer, origin_s: float, duration_s: float) -> MediaInfo:
    """The parts that do not depend on the pictures."""
    tags = _tags(container)
    return MediaInfo(
        kind="audio",
        duration_s=duration_s,
        fps=0.0,
        width=0,
        height=0,
        codec="",
        has_audio=any(decodable(s) for s in container.streams.audio),
        created_s=_created_s(tags),
        tags={key: value for key, value in tags.items() if key not in TECHNICAL_TAGS},
        chapters=_chapters(container, origin_s, duration_s),
        text_tracks=_text_tracks(container),
        origin_s=origin_s,
        lead_s=max(0.0, origin_s - (container.start_time or 0) / 1_000_000),
    )


def _without_frames(path: Path, container: InputContainer, reading: Reading) -> MediaInfo:
    """A video stream of which nothing can be decoded: the sound may still be worth having."""
    why = reading.stopped or "no frame of its video stream can be decoded"
    if not container.streams.audio:
        raise MediaError(f"{path.name!r} cannot be read: {why}; it is damaged or unfinished")
    with open_media(path) as fresh:
        info = _probe_sound(path, fresh, reading)
    return replace(info, notes=(f"{why}; only its sound is used", *info.notes))


def _probe_sound(path: Path, container: InputContainer, reading: Reading) -> MediaInfo:
    sound = next((s for s in container.streams.audio if decodable(s)), None)
    if sound is None:
        raise MediaError(f"{path.name!r} {_why_nothing(container)}")
    packets = packets_of(container, sound, reading)
    first = next((packet for packet in packets if packet.pts is not None), None)
    if first is None:
        raise MediaError(f"{path.name!r} holds no readable sound and no pictures; it is damaged")
    origin = first.pts or 0
    length = measure(path, container, sound, origin, reading)
    info = _described(container, origin * seconds_per_tick(sound), length.duration_s)
    return replace(info, codec=sound.codec_context.name, notes=length.notes)


def _why_nothing(container: InputContainer) -> str:
    """Why a container without usable picture or sound is refused."""
    if not all(decodable(s) for s in (*container.streams.video, *container.streams.audio)):
        return "is coded in a way that the decoder does not know; convert it to H.264 or AV1 first"
    if container.streams.video:
        return "holds only a cover picture; give a file with video or sound"
    return "holds neither video nor sound; give another file"


def _probe_still(path: Path) -> MediaInfo:
    with open_still(path) as image:
        width, height, turn = upright_size(image)
        check_size(width, height, path.name)
        starts, end_s = frame_times_s(image)
        taken = taken_s(image)
        moving = len(starts) > 1
        return MediaInfo(
            kind="animation" if moving else "image",
            duration_s=end_s,
            fps=len(starts) / end_s if moving else 0.0,
            width=width,
            height=height,
            codec=(image.format or "image").lower(),
            rotation={3: 180, 4: 180, 5: 270, 6: 270, 7: 90, 8: 90}.get(turn, 0),
            created_s=taken,
            tags={},
        )


def _tags(container: InputContainer) -> dict[str, str]:
    tags: dict[str, str] = {}
    for key, value in list(container.metadata.items())[:MAX_TAGS]:
        text = "".join(c if c.isprintable() else " " for c in value).strip()
        if text:
            tags[key.lower()[:MAX_TAG_CHARS]] = text[:MAX_TAG_CHARS]
    return tags


def _created_s(tags: dict[str, str]) -> float | None:
    """The recording time among the tags; files without a clock say 1904 or 1970, which is none."""
    for key in ("com.apple.quicktime.creationdate", "creation_time", "date"):
        try:
            moment = datetime.fromisoformat(tags.get(key, ""))
            created_s = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
        except (ValueError, OverflowError, OSError):
            continue
        if created_s > 0:
            return created_s
    return None


def _chapters(
    container: InputContainer, origin_s: float, duration_s: float
) -> tuple[tuple[Span, str], ...]:
    found: list[tuple[Span, str]] = []
    for chapter in container.chapters()[:MAX_CHAPTERS]:
        title = chapter["metadata"].get("title", "").strip()[:MAX_TAG_CHARS]
        base = chapter["time_base"]
        if not title or not base:
            continue
        start_s = min(max(0.0, float(chapter["start"] * base) - origin_s), duration_s)
        end_s = min(max(start_s, float(chapter["end"] * base) - origin_s), duration_s)
        found.append((Span(start_s, end_s), title))
    return tuple(found)


def _text_tracks(container: InputContainer) -> tuple[TextTrack, ...]:
    return tuple(
        TextTrack(
            stream.index,
            stream.codec_context.name,
            stream.language or "",
            stream.metadata.get("title", "")[:MAX_TAG_CHARS],
        )
        for stream in container.streams.subtitles
        if decodable(stream) and stream.codec_context.name in TEXT_CODECS
    )
