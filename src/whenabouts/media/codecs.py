"""Which of the codecs that people have can be decoded here."""

from __future__ import annotations

WANTED = {
    "h264": "H.264",
    "hevc": "HEVC",
    "libdav1d": "AV1",
    "vp9": "VP9",
    "mpeg4": "MPEG-4",
    "mpeg2video": "MPEG-2",
    "prores": "ProRes",
    "mjpeg": "MJPEG",
    "wmv3": "WMV",
    "gif": "GIF",
    "webp": "WebP",
    "aac": "AAC",
    "mp3float": "MP3",
    "opus": "Opus",
    "flac": "FLAC",
}
"""Name of the decoder -> name for people."""


def decoders() -> list[str]:
    """The codecs of `WANTED` that this build of the decoder has."""
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    found: list[str] = []
    for name, title in WANTED.items():
        try:
            Codec(name, "r")
        except UnknownCodecError:
            continue
        found.append(title)
    return found
