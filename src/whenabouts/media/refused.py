"""What a file is that the decoder refuses: the reason in words that help a person."""

from __future__ import annotations

import struct
from pathlib import Path

HEAD_BYTES = 4096
MAX_BOXES = 64

_HEADS = (
    (b"PK\x03\x04", "it is a zip archive (or an Office file); unpack it first"),
    (b"Rar!\x1a\x07", "it is a rar archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first"),
    (b"\x1f\x8b", "it is a gzip archive; unpack it first"),
    (b"%PDF-", "it is a PDF document"),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"SQLite format 3", "it is a database"),
    (b"ID3", "behind its title tag there is no sound that can be read; it is cut off or damaged"),
    (b"\x1aE\xdf\xa3", "it begins like Matroska or WebM, but is cut off or damaged"),
)
_TEXTS = (
    ("#extm3u", "it is a playlist, which would open other files; give those"),
    ("ffconcat", "it is a playlist, which would open other files; give those"),
    ("[playlist]", "it is a playlist, which would open other files; give those"),
    ("v=0\r\no=", "it describes a network stream; give a recording of it"),
    ("v=0\no=", "it describes a network stream; give a recording of it"),
    (
        "<!doctype html",
        "it is a web page, perhaps an error page saved in its place; fetch it again",
    ),
    ("<html", "it is a web page, perhaps an error page saved in its place; fetch it again"),
)


def refusal(path: Path, said: str) -> str:
    """Why `path` is refused: what it is instead, or `said`, the words of the decoder library."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return said
    for mark, what in _HEADS:
        if head.startswith(mark):
            return what
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return _of_boxes(path)
    if head[:4] == b"RIFF":
        return "it begins like AVI or WAV, but is cut off or damaged"
    text = _text(head)
    if text is None:
        return f"{said}; it may be cut off, encrypted or of another kind"
    start = text.lstrip("\ufeff \t\r\n").lower()
    told = next((what for mark, what in _TEXTS if start.startswith(mark)), "")
    if not told and "<mpd" in start:
        told = "it is a playlist, which would open other files; give those"
    if not told and start.startswith(("<?xml", "<svg")):
        told = "it is a document in XML"
    return told or "it is plain text"


def _text(head: bytes) -> str | None:
    """The head as text, None when it is none."""
    if b"\0" in head:
        return None
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not merely a character cut in two
            return None
        text = head[: error.start].decode("utf-8")
    strange = sum(not (c.isprintable() or c in "\t\r\n\f") for c in text)
    return text if strange * 50 <= len(text) else None


def _of_boxes(path: Path) -> str:
    """What is wrong with an MP4 or MOV: most often its index, written last, is missing."""
    names: list[bytes] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + 8 <= size and len(names) < MAX_BOXES:
            file.seek(at)
            length, name = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            names.append(name)
            at = size if length == 0 else at + max(8, length)
    if b"moov" not in names:
        return "it is an MP4 without an index (moov): it was cut off, or is still being written"
    return "it begins like MP4, but is damaged or encrypted"
