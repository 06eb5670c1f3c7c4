"""What is known of a file before its pictures are looked at: its row, and its first texts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from whenabouts.library.plan import SIDECAR_TAG
from whenabouts.library.walk import Found
from whenabouts.media.probe import MediaInfo, probe
from whenabouts.media.subtitles import read_texts
from whenabouts.store.rows import TextRow, VideoRow
from whenabouts.types import Video

TOLD = ("title", "comment", "description", "synopsis", "artist", "album", "show", "keywords",
        "genre", "location", "author", "performer", "copyright")  # fmt: skip
"""Container tags that people wrote to be read."""
FIRST_CHANNELS = ("name", "metadata", "chapter", "subtitle")
"""Channels that are read with the facts, before any picture."""
_LONGEST_TAG = 2000


class Facts:
    """A file as it came to be known: `rows` (one a path), `video`, `texts` and `notes`."""

    def __init__(self, content: str, files: Sequence[Found]) -> None:
        """Open the first of `files`, which all hold `content`; raises MediaError."""
        path = Path(files[0].path)
        info = probe(path)
        self.info = info
        self.video: Video = info.video(path, content)
        notes = list(info.notes)
        self.texts = first_texts(self.video, info, files, notes)
        self.rows = tuple(_row(content, found, info, self.texts) for found in files)
        self.notes = tuple(notes)
        """What a person should know: a wrong header, subtitles that cannot be read."""


def first_texts(
    video: Video, info: MediaInfo, files: Sequence[Found], notes: list[str]
) -> tuple[TextRow, ...]:
    """Names of all paths, container metadata, chapters and subtitles, as rows."""
    beside = list(dict.fromkeys(text for found in files for text in found.texts))
    whole_s = video.duration_s
    names = dict.fromkeys(name for found in files for name in names_of(found.path))
    told = dict.fromkeys(
        " ".join(value.split())[:_LONGEST_TAG]
        for key, value in (info.tags or {}).items()
        if key.lower() in TOLD and value.strip()
    )
    rows = [TextRow(0.0, whole_s, "name", "", name) for name in names]
    rows += [TextRow(0.0, whole_s, "metadata", language_of(text), text) for text in told]
    for line in read_texts(video.path, info, sidecars=beside, notes=notes):
        rows.append(
            TextRow(
                line.span.start_s,
                line.span.end_s,
                line.channel,
                line.lang or language_of(line.text),
                line.text,
            )
        )
    return tuple(rows)


def names_of(path: str) -> tuple[str, ...]:
    """What the name of a file and of its folder say."""
    place = Path(path)
    return tuple(
        dict.fromkeys(
            name.encode("utf-8", "replace").decode() for name in (place.stem, place.parent.name)
        )
    )


def _row(content: str, found: Found, info: MediaInfo, texts: Iterable[TextRow]) -> VideoRow:
    spoken = [row for row in texts if row.channel == "subtitle"]
    tags = dict(info.tags or {})
    if found.sidecars:
        tags[SIDECAR_TAG] = found.sidecars
    return VideoRow(
        content,
        found.path,
        found.size,
        found.mtime_ns,
        duration_s=info.duration_s,
        fps=info.fps,
        width=info.width,
        height=info.height,
        kind=info.kind,
        created_s=info.created_s,
        added_s=time.time(),
        tags=tags,
        langs=languages(spoken),
        has_speech=bool(spoken),
        passes=() if info.has_audio else ("speech",),
    )


def languages(texts: Iterable[TextRow]) -> tuple[str, ...]:
    """The languages of some texts, the most frequent first."""
    counts: dict[str, int] = {}
    for row in texts:
        if row.lang:
            counts[row.lang] = counts.get(row.lang, 0) + len(row.text)
    return tuple(sorted(counts, key=lambda lang: -counts[lang]))


_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH = re.compile(r"\b(the|and|is|are|you|of|to|in|it|that|this|was|for|on|with|a)\b", re.I)


def language_of(text: str) -> str:
    """A language code where the script or some small words give it away; empty otherwise."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    if _HAN.search(text):
        return "zh"
    return "en" if _ENGLISH.search(text) else ""
