"""Broken and hostile media files, made on the spot: what each is, and what indexing owes it.

`ok`: indexed in full (a note may be there). `partial`: what is readable is indexed, with a reason.
`refused`: reported with a reason. In no case may the run stop, hang or touch another file.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
from hostile_clips import clip, gif, patch, picture, png_claiming, remux, spoil, tone
from PIL import Image

Outcome = Literal["ok", "partial", "refused"]


@dataclass(frozen=True)
class Case:
    """One file: its `name` below the corpus folder, how it is made, and what is owed."""

    name: str
    make: Callable[[Path], object]
    outcomes: tuple[Outcome, ...]
    about: str
    """What makes it broken or hostile."""
    words: str = ""
    """Pattern that the reason must contain, where there is one."""
    seconds: tuple[float, float] | None = None
    """Bounds of the duration that may be told, for what is not refused."""


OK: tuple[Outcome, ...] = ("ok",)
PARTIAL: tuple[Outcome, ...] = ("partial",)
READABLE: tuple[Outcome, ...] = ("ok", "partial")
REFUSED: tuple[Outcome, ...] = ("refused",)
ANY: tuple[Outcome, ...] = ("ok", "partial", "refused")


@cache
def good(suffix: str = ".mp4", faststart: bool = False, noisy: bool = False) -> bytes:
    """A good clip of three seconds in a container; `noisy` makes packets of some kilobytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"good{suffix}"
        options = {"movflags": "faststart"} if faststart else {}
        size = (320, 240) if noisy else (64, 48)
        return clip(path, options=options, size=size)


def _bytes(data: bytes | Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data() if callable(data) else data)


def _good(path: Path) -> None:
    """A good clip that no other case shares: a box to skip holds the name of the file."""
    name = os.fsencode(path.name)
    path.write_bytes(good() + struct.pack(">I4s", 8 + len(name), b"free") + name)


def _cut(share: float, suffix: str, faststart: bool = False) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        data = good(suffix, faststart, noisy=True)
        path.write_bytes(data[: int(share * len(data))])

    return make


def _endless_mkv(path: Path) -> None:
    """The duration of the segment is 1e15 ms."""
    path.write_bytes(patch(good(".mkv"), b"\x44\x89\x88", 3, struct.pack(">d", 1e15)))


def _endless_mp4(path: Path) -> None:
    """Movie, track and media headers claim 2**32 - 2 units."""
    data = good()
    for mark, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        data = patch(data, mark, offset, b"\xff\xff\xff\xfe")
    path.write_bytes(data)


def _jump_ahead(path: Path) -> None:
    """Ten frames, then a clock that is 40 hours later."""
    clip(path, times=[*range(10), *range(1_440_000, 1_440_010)])


def _backwards(path: Path) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "good.mkv"
        clip(source, codec="mjpeg", pix_fmt="yuvj420p")
        remux(source, path, [*range(0, 1500, 100), *range(1000, 2500, 100)])


def _one_time(path: Path) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "good.avi"
        clip(source, codec="mjpeg", pix_fmt="yuvj420p")
        remux(source, path, [0] * 30)


def _middle_damage(path: Path) -> None:
    path.write_bytes(spoil(good(".mkv", noisy=True), (0.4, 0.5, 0.6), 600))


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("film.mp4", good())
    return file.getvalue()


def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", bytes(64 << 20))
    return file.getvalue()


def _image(path: Path, size: tuple[int, int], form: str = "PNG") -> None:
    Image.fromarray(picture(3, *size)).save(path, form)


def _no_key_frame(path: Path) -> None:
    """A transport stream that begins in the middle of a GOP."""
    with TemporaryDirectory() as folder:
        whole = clip(Path(folder) / "good.ts", size=(320, 240), gop=15)
    packets = len(whole) // 188
    path.write_bytes(whole[: 188 * 3] + whole[188 * (packets // 5) :])


def _two_sizes(path: Path) -> None:
    """Two transport streams glued together: the picture changes its size on the way."""
    with TemporaryDirectory() as folder:
        one = clip(Path(folder) / "a.ts", size=(64, 48))
        two = clip(Path(folder) / "b.ts", size=(160, 120))
    path.write_bytes(one + two)


def _huge_tags(path: Path) -> None:
    clip(path, tags={"title": "t" * (4 << 20), "comment": "x\x01y " * 100_000}, form="matroska")


def _id3_cover(path: Path) -> None:
    """A sound file whose tag claims a picture of 256 MB that is not there."""
    tag = b"APIC" + b"\x7f\x7f\x7f\x7f" + b"\0\0\0image/png\0\3\0" + b"\x89PNG" * 10
    path.write_bytes(b"ID3\4\0\0\x7f\x7f\x7f\x7f" + tag + bytes(5000))


def _many_lines(path: Path) -> None:
    """A good clip with a subtitle file of 300,000 lines beside it."""
    _good(path)
    piece = "{0}\n00:00:01,000 --> 00:00:02,000\nline {0} of very many\n\n"
    path.with_suffix(".srt").write_text("".join(piece.format(i) for i in range(300_000)))


def _fat_line(path: Path) -> None:
    """A good clip with a subtitle file of 60 MB without a line break beside it."""
    _good(path)
    path.with_suffix(".srt").write_bytes(b"1\n00:00:00,000 --> 00:00:02,000\n" + b"A" * (60 << 20))


def _odd_text(path: Path) -> None:
    """A good clip whose subtitles are in GB 18030, with a NUL and a lone surrogate's bytes."""
    _good(path)
    line = "1\n00:00:00,500 --> 00:00:02,000\n船在桥下\n\n".encode("gb18030")
    path.with_suffix(".srt").write_bytes(
        line + b"2\n00:00:02,000 --> 00:00:03,000\n\0\xed\xa0\x80\n"
    )


def _hostile_text(path: Path) -> None:
    """A good clip with subtitles whose times are senseless."""
    _good(path)
    path.with_suffix(".srt").write_text(
        "1\n99999999:00:00,000 --> 00:00:01,000\nnever\n\n2\n-1:00:00,000 --> 00:00:02,000\nbefore"
        "\n\n3\n00:00:01,000 --> 9999:00:00,000\nfor ever\n"
    )


def _sparse(path: Path) -> None:
    """The head of a good clip, then a hole up to 8 GB."""
    path.write_bytes(good(faststart=True))
    os.truncate(path, 8 << 30)


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\nprey.ts\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile prey.mp4\n"
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
MPD = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT3S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000">'
    "<BaseURL>prey.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>"
)
SVG_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&c;</text>'
    "</svg>"
)
HTML = "<!doctype html><title>404</title><h1>Not found</h1>" * 20
LONG = "n" * 251 + ".mp4"

CASES: tuple[Case, ...] = (
    # Not what the name says
    Case("zero.mp4", _bytes(b""), REFUSED, "no bytes at all", "empty"),
    Case("words.mp4", _bytes(b"The quick brown fox.\n" * 99), REFUSED, "text", "plain text"),
    Case("random.mp4", _bytes(lambda: np.random.default_rng(1).bytes(99_999)), REFUSED, "noise"),
    Case("page.mp4", _bytes(HTML.encode()), REFUSED, "a web server's error page", "web page"),
    Case("archive.mp4", _bytes(_zip), REFUSED, "a zip with a film inside", "zip archive"),
    Case("bomb.mkv", _bytes(_zip_bomb), REFUSED, "a zip bomb", "zip archive"),
    Case(
        "subtitle.mp4",
        _bytes(b"1\n00:00:00,000 --> 00:00:05,000\nhi\n"),
        REFUSED,
        "subtitles",
        "text",
    ),
    Case("picture.svg.png", _bytes(SVG_BOMB.encode()), REFUSED, "an XML entity bomb", "XML"),
    Case("right.avi", _good, OK, "an MP4 under the wrong extension", seconds=(2.9, 3.1)),
    Case("really.jpg", lambda p: _image(p, (80, 60)), OK, "a PNG named .jpg"),
    # Files that point elsewhere
    Case(
        "list.mp4",
        _bytes(CONCAT.encode()),
        REFUSED,
        "a concat script that opens another file",
        "playlist",
    ),
    Case(
        "stream.mp4",
        _bytes(PLAYLIST.encode()),
        REFUSED,
        "a playlist that opens another file",
        "playlist",
    ),
    Case(
        "dash.mp4", _bytes(MPD.encode()), REFUSED, "a manifest that opens another file", "playlist"
    ),
    Case(
        "session.mp4",
        _bytes(SDP.encode()),
        REFUSED,
        "a session that waits for the network",
        "network",
    ),
    Case("all%d.png", lambda p: _image(p, (80, 60)), OK, "a name that is a picture sequence"),
    # Cut off or damaged
    Case(
        "no_index.mp4", _cut(0.5, ".mp4"), REFUSED, "cut off before its index", "without an index"
    ),
    Case("cut.mp4", _cut(0.6, ".mp4", faststart=True), PARTIAL, "cut off", seconds=(0.5, 3.1)),
    Case("cut.mkv", _cut(0.6, ".mkv"), READABLE, "cut off, still claims 3 s", seconds=(0.5, 2.9)),
    Case("header.mkv", _cut(0.01, ".mkv"), REFUSED, "cut off after the header"),
    Case("spots.mkv", _middle_damage, READABLE, "damaged packets in the middle"),
    Case("late.ts", _no_key_frame, READABLE, "begins without a key frame"),
    Case("sizes.ts", _two_sizes, READABLE, "the picture size changes on the way"),
    Case("broken.gif", _bytes(lambda: gif([5] * 9)[:900]), ANY, "an animation cut off"),
    Case("broken.png", _bytes(lambda: png_claiming(640, 480, 3)), ANY, "a picture of three rows"),
    Case("hole.mp4", _sparse, READABLE, "8 GB of nothing after the clip", seconds=(2.9, 3.1)),
    # Claims
    Case("endless.mkv", _endless_mkv, READABLE, "claims 30,000 years", seconds=(2.5, 3.5)),
    Case("endless.mp4", _endless_mp4, READABLE, "claims 2^32 units", seconds=(2.5, 3.5)),
    Case("jump.mkv", _jump_ahead, READABLE, "the clock jumps 40 hours", seconds=(0.9, 200_000)),
    Case("backwards.mkv", _backwards, READABLE, "the clock runs backwards", seconds=(0.9, 4)),
    Case("stopped.mkv", _one_time, READABLE, "every frame at time 0", seconds=(0, 4)),
    Case("tags.mkv", _huge_tags, READABLE, "megabytes of metadata", seconds=(2.9, 3.1)),
    Case("cover.mp3", _id3_cover, REFUSED, "a tag that claims 256 MB"),
    Case(
        "claim.png",
        _bytes(lambda: png_claiming(60_000, 60_000, 9)),
        REFUSED,
        "claims 3.6 gigapixels",
        "pixel|large|size",
    ),
    Case(
        "wide.png",
        _bytes(lambda: png_claiming(16_384, 16_384, 16_384)),
        REFUSED,
        "268 megapixels in 260 kB",
        "pixel|large|size",
    ),
    # Sizes and lengths
    Case("dot.png", lambda p: _image(p, (1, 1)), OK, "one pixel"),
    Case(
        "dot.mkv",
        lambda p: clip(p, size=(1, 1), codec="ffv1", pix_fmt="bgr0"),
        READABLE,
        "one pixel, moving",
    ),
    Case(
        "strip.mkv",
        lambda p: clip(p, size=(16_000, 2), codec="ffv1", seconds=0.5),
        READABLE,
        "16,000 pixels wide, 2 high",
    ),
    Case("single.mp4", lambda p: clip(p, seconds=0.1), OK, "one frame", seconds=(0, 0.2)),
    Case("zero_delay.gif", _bytes(lambda: gif([0] * 8)), OK, "an animation without delays"),
    Case("sound.mp4", tone, OK, "no video stream", seconds=(1.9, 2.2)),
    # Text beside the video
    Case("lines.mp4", _many_lines, READABLE, "300,000 subtitle lines", seconds=(2.9, 3.1)),
    Case("fat.mp4", _fat_line, READABLE, "one subtitle of 60 MB", seconds=(2.9, 3.1)),
    Case("odd.mp4", _odd_text, READABLE, "subtitles in an old encoding", seconds=(2.9, 3.1)),
    Case("senseless.mp4", _hostile_text, READABLE, "subtitle times beyond reason"),
    # Names
    Case("two\nlines.mp4", _good, OK, "a line break in the name"),
    Case("🎬 电影 \u202egnp.mp4", _good, OK, "emoji, Chinese, right-to-left mark"),
    Case(os.fsdecode(b"\xff\xfe-latin-\xe9.mp4"), _good, OK, "a name that is no UTF-8"),
    Case("-rf --help.mp4", _good, OK, "a name like an option"),
    Case("concat:prey.mp4", _good, OK, "a name like a protocol"),
    Case("'; DROP TABLE videos; --%s{0}[.mp4", _good, OK, "a name like code"),
    Case(LONG, _good, OK, "a name of 255 bytes"),
)


def write_prey(folder: Path) -> None:
    """The files that the playlists point to; nobody may open them on their account."""
    (folder / "prey.mp4").write_bytes(good())
    (folder / "prey.ts").write_bytes(good(".ts"))


def write_corpus(folder: Path, cases: tuple[Case, ...] = CASES) -> None:
    """All cases as files of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        case.make(folder / case.name)
