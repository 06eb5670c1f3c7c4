"""Text that comes with a video: side-car files, tracks inside it, chapter titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from whenabouts.errors import MediaError
from whenabouts.media.encodings import decode_text
from whenabouts.media.lyrics import lyric_lines
from whenabouts.media.source import Reading, open_media, seconds_per_tick
from whenabouts.types import Channel, Span

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.subtitles.stream import SubtitleStream

    from whenabouts.media.probe import MediaInfo

ENDINGS = (".srt", ".vtt", ".ass", ".ssa", ".lrc")
"""Side-car files that are read, beside `name.mp4`: `name.srt`, `name.en.srt`, `name.mp4.srt`."""

MAX_BYTES = 8 * 2**20
"""A larger side-car file is no subtitle."""

MAX_LINES, MAX_CHARS = 20_000, 1_000
"""Most lines taken from one file or track, and most characters of one line."""

TEXT_LIMIT_S = 60.0
"""How long reading the tracks of one file may take."""

NEAR_S = 0.2
"""The same words again within this time are one line: subtitles are often split for effect."""

LANGUAGES = {
    "en": ("eng", "english"),
    "zh": ("chi", "zho", "chinese", "chs", "cht", "sc", "tc", "cn", "tw", "hk", "cmn", "yue"),
    "ja": ("jpn", "jp", "japanese"),
    "ko": ("kor", "kr", "korean"),
    "fr": ("fre", "fra", "french"),
    "de": ("ger", "deu", "german"),
    "es": ("spa", "spanish"),
    "it": ("ita", "italian"),
    "pt": ("por", "pob", "portuguese"),
    "ru": ("rus", "russian"),
    "ar": ("ara", "arabic"),
    "nl": ("dut", "nld", "dutch"),
    "pl": ("pol", "polish"),
    "vi": ("vie", "vietnamese"),
    "th": ("tha", "thai"),
}
"""Two-letter code -> what files call it instead."""

_CODES = {name: code for code, names in LANGUAGES.items() for name in (code, *names)}
_ASS_TAG = re.compile(r"\{[^{}]*\}")
_HTML_TAG = re.compile(r"</?[A-Za-z0-9:][^<>]{0,200}>")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")


@dataclass(frozen=True, slots=True)
class TextLine:
    """Some words and when they are shown, in seconds from the first shown frame."""

    span: Span
    text: str
    channel: Channel
    lang: str = ""
    """Two letters; empty when the file does not say."""


def read_texts(
    path: Path,
    info: MediaInfo,
    *,
    sidecars: Sequence[Path] | None = None,
    notes: list[str] | None = None,
) -> list[TextLine]:
    """Subtitles and chapters of `path`, in order of time.

    `sidecars` are looked for beside the file when not given. What cannot be read is left out and
    told in `notes`.
    """
    notes = notes if notes is not None else []
    lines = [
        TextLine(span, text, "chapter") for span, title in info.chapters if (text := _plain(title))
    ]
    for file in sidecars_of(path) if sidecars is None else sidecars:
        try:
            found = list(read_sidecar(file, lang_of(file, path)))
        except MediaError as error:
            notes.append(str(error))
            continue
        lines += _fitting(_shifted(found, -info.lead_s), info.duration_s)
    if info.text_tracks:
        lines += _fitting(_tracks(path, info, notes), info.duration_s)
    return sorted(lines, key=lambda line: (line.span.start_s, line.span.end_s))


def sidecars_of(path: Path) -> list[Path]:
    """The subtitle files that belong to a media file, in order of their names.

    `a.b.srt` belongs to `a.mp4`, unless there is an `a.b.mp4`.
    """
    try:
        beside = [file for file in path.parent.iterdir() if file.name.startswith(path.stem + ".")]
    except OSError:
        return []
    found = sorted(file for file in beside if file.suffix.lower() in ENDINGS)
    others = [f.stem + "." for f in beside if f not in found and len(f.stem) > len(path.stem)]
    return [f for f in found if not f.name.startswith(tuple(others)) and f.is_file()]


def lang_of(sidecar: Path, path: Path) -> str:
    """The language in a name such as `holiday.zh-Hans.srt`; empty if there is none."""
    middle = sidecar.stem[len(path.stem) :].lower()
    for word in re.split(r"[^a-z]+", middle):
        if word in _CODES:
            return _CODES[word]
    return ""


def read_sidecar(file: Path, lang: str = "") -> Iterator[TextLine]:
    """The lines of a subtitle file with its own times; `MediaError` when it is none."""
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise MediaError(
                f"{file.name!r} is not read: {size / 2**20:.0f} MB are too much for subtitles"
            )
        text = decode_text(file.read_bytes())
    except OSError as error:
        raise MediaError(f"cannot read {file.name!r}: {error.strerror}") from error
    lines = lyric_lines(text) if file.suffix.lower() == ".lrc" else _events(text, file)
    yield from _tidy(lines, lang)


def _events(text: str, file: Path) -> Iterator[tuple[float, float, str]]:
    """Start, end and words of the lines of a file in any format but lyrics."""
    import pysubs2

    kind = file.suffix.lower().lstrip(".")
    try:
        subtitles = pysubs2.SSAFile.from_string(text, format_="ass" if kind == "ssa" else kind)
    except (pysubs2.exceptions.Pysubs2Error, ValueError, IndexError, KeyError) as error:
        raise MediaError(f"{file.name!r} is not a {kind} subtitle file: {error}") from error
    for event in subtitles.events:
        if not event.is_comment and not event.is_drawing:
            yield event.start / 1000, event.end / 1000, event.text


def _tracks(path: Path, info: MediaInfo, notes: list[str]) -> list[TextLine]:
    """The lines of the text tracks inside a file."""
    langs = {track.index: _CODES.get(track.lang.lower(), "") for track in info.text_tracks}
    raw: dict[int, list[tuple[float, float, str]]] = {index: [] for index in langs}
    reading = Reading.lasting(TEXT_LIMIT_S)
    with open_media(path) as container:
        for stream, packet in _text_packets(container, set(langs), notes):
            if reading.late():
                notes.append(f"the text tracks of {path.name!r} took too long to read to the end")
                break
            if len(raw[stream.index]) < MAX_LINES:
                raw[stream.index] += _packet_lines(stream, packet, info.origin_s)
    return [line for index in raw for line in _tidy(sorted(raw[index]), langs[index])]


def _text_packets(
    container: InputContainer, wanted: set[int], notes: list[str]
) -> Iterator[tuple[SubtitleStream, Packet]]:
    from av.error import FFmpegError
    from av.stream import Discard

    streams = [s for s in container.streams.subtitles if s.index in wanted]
    for stream in container.streams:
        if stream.index not in wanted:
            stream.discard = Discard.all
    try:
        for packet in container.demux(streams):
            if packet.size and packet.pts is not None:
                yield cast("SubtitleStream", packet.stream), packet
    except (FFmpegError, OSError, IndexError) as error:
        notes.append(f"text tracks are readable only in part: {error}")


def _packet_lines(
    stream: SubtitleStream, packet: Packet, origin_s: float
) -> Iterator[tuple[float, float, str]]:
    from av.error import FFmpegError

    try:
        shown = stream.decode2(packet)
    except (FFmpegError, ValueError):
        return
    if shown is None:
        return
    tick_s = seconds_per_tick(stream)
    start_s = (packet.pts or 0) * tick_s - origin_s
    length_s = (packet.duration or 0) * tick_s or shown.end_display_time / 1000
    for rect in shown.rects:
        words = getattr(rect, "dialogue", None) or getattr(rect, "text", b"")
        yield start_s, start_s + min(length_s, 3600.0), words.decode("utf-8", "replace")


def _tidy(lines: Iterable[tuple[float, float, str]], lang: str) -> Iterator[TextLine]:
    """Plain words in place of markup; the same words running on become one line."""
    held: TextLine | None = None
    count = 0
    for start_s, end_s, marked in lines:
        text = _plain(marked)
        if not text or end_s < start_s or not 0 <= end_s < 1e7:
            continue
        span = Span(max(0.0, start_s), end_s)
        if held is not None and held.text == text and span.start_s <= held.span.end_s + NEAR_S:
            held = TextLine(held.span.union(span), text, "subtitle", lang)
            continue
        if held is not None:
            yield held
        count += 1
        if count > MAX_LINES:
            return
        held = TextLine(span, text, "subtitle", lang)
    if held is not None:
        yield held


def _plain(marked: str) -> str:
    """Words without markup, on one line."""
    marked = marked[: 8 * MAX_CHARS]
    if _DRAWING.search(marked):
        return ""
    text = _HTML_TAG.sub("", _ASS_TAG.sub("", marked))
    for code, plain in (("\\N", " "), ("\\n", " "), ("\\h", " "), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(code, plain)
    text = text.replace("&lt;", "<").replace("&gt;", ">")
    text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:MAX_CHARS]


def _shifted(lines: list[TextLine], by_s: float) -> list[TextLine]:
    if not by_s:
        return lines
    return [TextLine(line.span.shift(by_s), line.text, line.channel, line.lang) for line in lines]


def _fitting(lines: Iterable[TextLine], duration_s: float) -> list[TextLine]:
    """The lines that begin within the video, cut at its end."""
    whole = Span(0.0, duration_s)
    return [
        TextLine(line.span.clamp(whole), line.text, line.channel, line.lang)
        for line in lines
        if line.span.start_s < duration_s
    ]
