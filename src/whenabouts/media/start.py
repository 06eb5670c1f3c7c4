"""Where a video begins: the tick of its first shown frame, from which all times count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.media.source import (
    decodable,
    decode_packet,
    open_media,
    packets_of,
    seconds_per_tick,
    video_stream,
)

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet

HEAD_PACKETS = 64
"""Most packets looked at to find the first shown frame."""

TRIED_PACKETS = 1024
"""Most packets decoded to find it when looking is not enough."""


def timed(container: InputContainer, head: list[Packet]) -> bool:
    """Whether packets know when their frames are shown.

    Raw streams have no clock, and AVI tells the order of decoding only.
    """
    reordered = any(
        decodable(stream) and stream.codec_context.has_b_frames
        for stream in container.streams.video
    )
    if container.format.name == "avi" and reordered:
        return False
    return bool(head) and all(packet.pts is not None for packet in head)


def start_of(
    path: Path, container: InputContainer, packets: Iterator[Packet]
) -> tuple[list[Packet], int]:
    """The first packets of a video stream (taken from `packets`) and the tick of the first frame.

    Mostly the packets tell it. Only decoding can tell when the file does not begin with a key
    frame, when an edit list hides that, or when frames shown before the key frame may lack what
    they refer to. When damage comes before the first decoded frame, the clock of the packets
    counts, so that a damaged copy keeps the times of the sound one.
    """
    head = _head(packets)
    shown = [p.pts for p in head if p.pts is not None and not p.is_discard]
    if not shown:
        return head, 0
    if not timed(container, head):
        return head, min((p.dts for p in head if p.dts is not None), default=0)
    first = head[0]
    simple = first.is_keyframe and not first.is_discard and first.pts == min(shown)
    if simple and len(shown) == len(head):
        return head, shown[0]
    decoded = _first_decoded(path)
    if decoded is not None:
        return head, decoded
    key = next((p.pts for p in head if p.is_keyframe and p.pts in shown), None)
    return head, min(pts for pts in shown if key is None or pts >= key)


def origin_of(path: Path) -> float:
    """The file's own clock at its first shown frame, in seconds; of its first sound without any."""
    with open_media(path) as container:
        stream = video_stream(container)
        if stream is not None:
            packets = packets_of(container, stream)
            return start_of(path, container, packets)[1] * seconds_per_tick(stream)
        return (container.start_time or 0) / 1_000_000


def _head(packets: Iterator[Packet]) -> list[Packet]:
    """Packets until it is clear which frame is shown first."""
    head: list[Packet] = []
    later = 0
    for packet in packets:
        head.append(packet)
        first = head[0].pts
        later += packet.pts is not None and first is not None and packet.pts > first
        if (later >= 4 and not head[0].is_discard) or len(head) >= HEAD_PACKETS:
            break
    return head


def _first_decoded(path: Path) -> int | None:
    """Tick of the first frame that decoding gives; None when damage comes before it."""
    with open_media(path) as container:
        stream = video_stream(container)
        if stream is None:
            return None
        for number, packet in enumerate(packets_of(container, stream)):
            frames, sound = decode_packet(stream, packet)
            if not sound or number > TRIED_PACKETS:
                return None
            if frames:
                return frames[0].pts
        frames, _ = decode_packet(stream, None)
        return frames[0].pts if frames else None
