"""The media files below some folders: names, sizes and dates only, nothing is opened but unknowns.

A file counts by its extension, or, where that says nothing, by its first bytes. Folder symlinks
are followed once; hidden files, excluded patterns and other libraries are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.library.events import Failure
from whenabouts.store.migrate import CARD

_EXTENSIONS = """
3g2 3gp aac aif aiff apng asf avi avif bmp divx dv f4v flac flv gif h264 h265 heic heif hevc jpeg
jpg jxl m2ts m2v m4a m4b m4v mka mkv mov mp3 mp4 mpe mpeg mpg mpv mxf nut oga ogg ogm ogv opus png
qt rm rmvb tif tiff vob wav weba webm webp wma wmv y4m
"""
MEDIA = frozenset(_EXTENSIONS.split())
"""Extensions that promise video, sound or a picture. A file that breaks the promise is reported.
(`.ts` and `.mts` promise nothing: more of them are program text than transport streams.)"""

SIDECARS = frozenset({"ass", "lrc", "srt", "ssa", "vtt"})
"""Extensions of text files that belong to the video of the same name beside them."""

_MAGIC = (
    (0, b"\x1aE\xdf\xa3"),  # Matroska, WebM
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"ID3"),
    (0, b"FLV\x01"),
    (0, b"GIF8"),
    (0, b"\x89PNG\r\n"),
    (0, b"\xff\xd8\xff"),  # JPEG
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream
    (0, b"\x00\x00\x01\xb3"),  # MPEG video
    (0, b"0&\xb2u\x8ef\xcf\x11"),  # ASF, WMV
    (4, b"ftyp"),  # MP4, MOV, HEIF
    (4, b"moov"),
    (4, b"mdat"),
    (8, b"AVI "),
    (8, b"WAVE"),
    (8, b"WEBP"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A media file on disk."""

    path: str
    """Absolute, symlinks kept, as `os.fsdecode` gives it."""
    size: int
    """Bytes."""
    mtime_ns: int
    sidecars: str = ""
    """`name:size:date` of the text files beside it, joined by `/`; changes when one does."""

    @property
    def texts(self) -> list[Path]:
        """The text files beside it."""
        marks = self.sidecars.split("/") if self.sidecars else []
        return [Path(self.path).parent / mark.rsplit(":", 2)[0] for mark in marks]


@dataclass(slots=True)
class Walk:
    """What a walk found: media `files`, and `problems` with what could not be looked at."""

    files: list[Found] = field(default_factory=list[Found])
    problems: list[Failure] = field(default_factory=list[Failure])
    unseen: list[str] = field(default_factory=list[str])
    """Folders and files that could not be read: what lies there is unknown, not missing."""


def absolute(path: Path | str) -> str:
    """The absolute path with `~` and `..` resolved and symlinks kept."""
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - Path.resolve follows symlinks


def walk(roots: Iterable[Path | str], exclude: Sequence[str] = (), *, hidden: bool = False) -> Walk:
    """Media files of `roots` (folders or single files), each once, in order of path.

    Args:
        roots: a file named here counts whatever its name.
        exclude: patterns such as `*.tmp` or `*/drafts/*`, matched against name and whole path.
        hidden: look at names that begin with a dot, too.

    Raises:
        InputError: a root does not exist.
    """
    result = Walk()
    rules = _Rules(tuple(exclude), hidden)
    seen: set[tuple[int, int]] = set()
    files: dict[str, Found] = {}
    for root in dict.fromkeys(map(absolute, roots)):
        if os.path.isdir(root):  # noqa: PTH112
            for found in _folder(root, rules, result, seen):
                files[found.path] = found
        elif os.path.isfile(root):  # noqa: PTH113
            folder, name = os.path.split(root)
            files[root] = _found(os.stat(root), root, _sidecars_of(name, _texts_in(folder)))  # noqa: PTH116
        else:
            raise InputError(f"there is no file or folder {root}; check the spelling")
    result.files = [files[path] for path in sorted(files)]
    return result


@dataclass(frozen=True, slots=True)
class _Rules:
    exclude: tuple[str, ...]
    hidden: bool

    def pass_over(self, entry: os.DirEntry[str]) -> bool:
        """Whether a name or path is excluded."""
        if not self.hidden and entry.name.startswith("."):
            return True
        return any(fnmatch(entry.name, p) or fnmatch(entry.path, p) for p in self.exclude)


def _folder(root: str, rules: _Rules, result: Walk, seen: set[tuple[int, int]]) -> Iterator[Found]:
    """Depth first with a list of its own: deep trees must not hit the recursion limit."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            entries = _listing(folder, seen)
        except OSError as error:
            result.unseen.append(folder)
            result.problems.append(Failure(Path(folder), f"cannot look inside: {error.strerror}"))
            continue
        texts = _texts(entries)
        for entry in entries:
            if rules.pass_over(entry):
                continue
            try:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    yield from _file(entry, texts, result)
            except FileNotFoundError:
                continue  # vanished since the listing
            except OSError as error:
                result.unseen.append(entry.path)
                result.problems.append(Failure(Path(entry.path), f"{error.strerror}"))


def _listing(folder: str, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    """What a folder holds; nothing for one that was seen before and for a library."""
    status = os.stat(folder)  # noqa: PTH116 - hot
    if (status.st_dev, status.st_ino) in seen:
        return []  # a symlink loop, or a folder reached by two ways
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as listing:
        entries = list(listing)
    return [] if any(entry.name == CARD for entry in entries) else entries


def _file(entry: os.DirEntry[str], texts: dict[str, list[str]], result: Walk) -> Iterator[Found]:
    """The file when it is media; what only claims to be is a problem."""
    if not _is_media(entry):
        return
    if entry.is_file():
        yield _found(entry.stat(), entry.path, _sidecars_of(entry.name, texts))
    elif entry.is_symlink():
        result.problems.append(Failure(Path(entry.path), "a link to nothing"))
    else:
        reason = "not a regular file but a pipe, socket or device"
        result.problems.append(Failure(Path(entry.path), reason))


def _found(status: os.stat_result, path: str, sidecars: str) -> Found:
    return Found(path, status.st_size, status.st_mtime_ns, sidecars)


def _is_media(entry: os.DirEntry[str]) -> bool:
    """By extension; by the first bytes where the extension is unknown."""
    stem, dot, extension = entry.name.rpartition(".")
    if dot and stem and extension.lower() in MEDIA:
        return True
    if extension.lower() in SIDECARS or not entry.is_file():
        return False
    try:
        with open(entry.path, "rb") as file:  # noqa: PTH123 - hot
            return is_media_head(file.read(400))
    except OSError:
        return False  # not ours to complain about: it does not claim to be media


def is_media_head(head: bytes) -> bool:
    """Whether a file that begins with `head` looks like video, sound or a picture."""
    if any(head[at : at + len(magic)] == magic for at, magic in _MAGIC):
        return True
    return len(head) > 376 and head[0] == head[188] == head[376] == 0x47  # MPEG transport stream


def _texts_in(folder: str) -> dict[str, list[str]]:
    try:
        with os.scandir(folder) as listing:
            return _texts(list(listing))
    except OSError:
        return {}


def _texts(entries: Sequence[os.DirEntry[str]]) -> dict[str, list[str]]:
    """Subtitle files of one folder under every stem they may belong to: `a.en.srt`: `a.en`, `a`.

    When there is a video `a.en.mp4`, the file is that one's alone.
    """
    texts: dict[str, list[str]] = {}
    parts = [entry.name.rpartition(".") for entry in entries]
    stems = {stem for stem, _, extension in parts if extension.lower() in MEDIA}
    for entry, (stem, _, extension) in zip(entries, parts, strict=True):
        if extension.lower() not in SIDECARS:
            continue
        try:
            status = entry.stat()
        except OSError:
            continue
        mark = f"{entry.name}:{status.st_size}:{status.st_mtime_ns}"
        while stem:
            texts.setdefault(stem, []).append(mark)
            stem = "" if stem in stems else stem.rpartition(".")[0]
    return texts


def _sidecars_of(name: str, texts: dict[str, list[str]]) -> str:
    """The marks of the text files that belong to a media file."""
    if not texts:
        return ""
    return "/".join(sorted(texts.get(name.rpartition(".")[0], ())))
