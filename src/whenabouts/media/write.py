"""Writing video files: H.264 in MP4 or Matroska, finished under another name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, MediaError
from whenabouts.media.source import reason_of
from whenabouts.types import Span

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.subtitles.stream import SubtitleStream
    from av.video.frame import VideoFrame

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""File name endings that can be written."""

ASS_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, "
    b"Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, "
    b"Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\n\n"
    b"[Events]\n"
    b"Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
"""What the subtitle encoders want to know about style: nothing special."""


def write_video(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    fps: float | Fraction,
    *,
    crf: int = 20,
    subtitles: Sequence[tuple[Span, str]] = (),
    lang: str = "und",
    tags: dict[str, str] | None = None,
) -> None:
    """Encode RGB pictures uint8 [H,W,3] of one size, taken one by one, as H.264.

    `crf` is the quality (0 lossless, 51 worst). `subtitles` become a text track in the language
    `lang` (three letters). Odd sizes gain one repeated row or column, as H.264 needs even ones. The
    encoder runs on one thread, so that the same pictures give the same bytes. The file appears
    under its name only when it is complete.

    >>> write_video(Path("grey.mp4"), [np.full((64, 96, 3), 128, np.uint8)] * 25, fps=25)
    """
    rate = Fraction(fps).limit_denominator(100_000)
    if rate <= 0:
        raise InputError(f"fps must be positive, got {fps}")
    if not 0 <= crf <= 51:
        raise InputError(f"crf must be 0 to 51, got {crf}")
    with new_file(path) as out:
        out.metadata.update(tags or {})
        stream = out.add_stream("libx264", rate=rate, options=encoder_options(crf))
        words = _text_track(out, path, lang) if subtitles else None
        count = 0
        for picture in frames:
            if count == 0:
                stream.height, stream.width = (side + side % 2 for side in picture.shape[:2])
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = 1 / rate
                if words is not None:
                    _write_text(out, words, subtitles)
            frame = _video_frame(picture, (stream.height, stream.width))
            frame.pts, frame.time_base = count, 1 / rate
            out.mux(stream.encode(frame))
            count += 1
        if count == 0:
            raise InputError(f"no frames to write to {path.name!r}; give at least one")
        out.mux(stream.encode(None))


def encoder_options(crf: int) -> dict[str, str]:
    """How H.264 is encoded here: quick, and on one thread so that it gives the same bytes again."""
    # With macroblock-tree rate control x264 reads memory beyond the picture when its sides are no
    # multiples of 16, and the bytes then change from run to run.
    return {"crf": str(crf), "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}


@contextmanager
def new_file(path: Path) -> Generator[OutputContainer]:
    """A container that gets its name when it is complete and leaves nothing behind if it fails."""
    import av
    from av.error import FFmpegError

    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"cannot write {path.suffix!r} files; use one of {', '.join(FORMATS)}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    options = {"movflags": "+faststart"} if kind in {"mp4", "mov"} else {}
    try:
        out = av.open(f"file:{part}", "w", format=kind, options=options)
        try:
            yield out
        except BaseException:
            with suppress(FFmpegError, OSError, ValueError):
                out.close()
            raise
        out.close()
        part.replace(path)
    except (FFmpegError, OSError) as error:
        raise MediaError(
            f"cannot write {path.name!r}: {reason_of(error)}; check the disk and the folder"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _video_frame(picture: NDArray[np.uint8], size: tuple[int, int]) -> VideoFrame:
    """One picture as the encoder takes it, edges repeated up to `size` (height, width)."""
    import av

    extra = [(0, wanted - have) for wanted, have in zip(size, picture.shape[:2], strict=True)]
    if any(not 0 <= after <= 1 for _, after in extra):
        raise InputError(f"frames must have one size, got {picture.shape[:2]} and {size}")
    if any(after for _, after in extra):
        picture = np.pad(picture, [*extra, (0, 0)], mode="edge")
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return frame.reformat(format="yuv420p", threads=1)


def _text_track(out: OutputContainer, path: Path, lang: str) -> SubtitleStream:
    stream = out.add_stream("mov_text" if FORMATS[path.suffix.lower()] != "matroska" else "srt")
    stream.time_base = Fraction(1, 1000)
    stream.codec_context.subtitle_header = ASS_HEADER
    stream.metadata["language"] = lang
    return stream


def _write_text(
    out: OutputContainer, stream: SubtitleStream, lines: Sequence[tuple[Span, str]]
) -> None:
    from av.subtitles.subtitle import SubtitleSet

    for number, (span, text) in enumerate(sorted(lines, key=lambda line: line[0].start_s)):
        start_ms, end_ms = round(span.start_s * 1000), round(span.end_s * 1000)
        safe = text.replace("\\", "/").replace("{", "(").replace("}", ")").replace("\n", "\\N")
        event = f"{number},0,Default,,0,0,0,,{safe}".encode()
        shown = SubtitleSet.create(event, 0, end_ms - start_ms, pts=start_ms * 1000)
        packet = stream.codec_context.encode_subtitle(shown)
        packet.stream = stream
        packet.pts = packet.dts = start_ms
        packet.duration = end_ms - start_ms
        packet.time_base = Fraction(1, 1000)
        out.mux_one(packet)
