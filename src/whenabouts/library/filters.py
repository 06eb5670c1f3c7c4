"""Which videos a search looks at: pure conditions on what the library knows of a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from whenabouts.settings import Settings
from whenabouts.store.rows import VideoRow


class Filters(Settings):
    """Conditions that all must hold; the default lets every video through."""

    shortest_s: float | None = None
    """At least this long, seconds."""
    longest_s: float | None = None
    """At most this long, seconds."""
    after_s: float | None = None
    """Recorded at or after this time, seconds since 1970; the file's date where it does not say."""
    before_s: float | None = None
    """Recorded before this time, seconds since 1970."""
    folder: Path | None = None
    """Inside this folder or one below it."""
    name: str = ""
    """File name pattern, for example `holiday*.mp4`; with a `/` it must fit the whole path."""
    kind: Literal["video", "animation", "image", "audio"] | None = None
    has_speech: bool | None = None
    lang: str = ""
    """Language of speech or text, for example `zh`; also fits `zh-Hans`."""
    video: str = ""
    """Only this video id."""
    videos: frozenset[str] | None = None
    """Only these video ids."""

    @property
    def any(self) -> bool:
        """Whether there is any condition."""
        return self != Filters()

    def keeps(self, row: VideoRow) -> bool:
        """Whether the file of this row passes."""
        return (
            (not self.video or row.id == self.video)
            and (self.videos is None or row.id in self.videos)
            and self._length_fits(row)
            and self._date_fits(row)
            and self._place_fits(row)
            and (self.kind is None or row.kind == self.kind)
            and (self.has_speech is None or row.has_speech == self.has_speech)
            and (not self.lang or any(_speaks(lang, self.lang) for lang in row.langs))
        )

    def _length_fits(self, row: VideoRow) -> bool:
        return (self.shortest_s is None or row.duration_s >= self.shortest_s) and (
            self.longest_s is None or row.duration_s <= self.longest_s
        )

    def _date_fits(self, row: VideoRow) -> bool:
        date_s = row.mtime_ns / 1e9 if row.created_s is None else row.created_s
        return (self.after_s is None or date_s >= self.after_s) and (
            self.before_s is None or date_s < self.before_s
        )

    def _place_fits(self, row: VideoRow) -> bool:
        path = row.path
        if self.folder is not None:
            folder = os.path.abspath(self.folder.expanduser())  # noqa: PTH100 - keeps symlinks
            if not path.startswith(folder.rstrip(os.sep) + os.sep):
                return False
        if not self.name:
            return True
        whole = os.sep in self.name or "/" in self.name
        return fnmatch(path if whole else os.path.basename(path), self.name)  # noqa: PTH119 - hot


def _speaks(lang: str, wished: str) -> bool:
    """Whether a language code is the wished one or a variant of it."""
    lang, wished = lang.lower(), wished.lower()
    return lang == wished or lang.startswith((f"{wished}-", f"{wished}_"))


def kept(rows: Iterable[VideoRow], filters: Filters) -> list[VideoRow]:
    """The rows that pass and whose content can be shown: no failed and no missing files."""
    return [row for row in rows if row.status not in ("failed", "missing") and filters.keeps(row)]
