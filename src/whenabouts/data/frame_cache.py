"""Frames of a dataset, decoded once and kept small: one file a video in a folder of bounded size.

Several processes may use one folder: files appear whole or not at all, and what two of them make at
the same time is the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data.clip import (
    Clip,
    ClipSettings,
    SpanS,
    damage_of,
    decode_clip,
    pack,
    unpack,
)
from whenabouts.data.content_ids import ContentIds, write_whole
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.errors import DataError, MediaError

FORMAT = 1
"""Part of each file's name: files of another format are never read."""
ENDING = ".clip"
GB = 1e9
SPARE_BYTES = 5e8
"""Room on the disk that is left alone."""
SAMPLE, BATCH = 16, 256
"""Videos after which the room for the rest is foretold: first, and from then on."""
STALE_S = 3600.0
"""Age of an unfinished file that nobody will finish."""

Tell = Callable[[int, int, str], None]
"""Told after each video: how many are done, how many there are, and its file name."""


class CacheSettings(ClipSettings):
    """Which frames are kept, and how much room they may take."""

    limit_gb: float = Field(default=50.0, gt=0)
    """Most that the folder may hold, in 10^9 bytes, with what other runs left there."""
    empty: Literal["refuse", "skip"] = "refuse"
    """A video of which no frame can be read: `refuse` to go on, or `skip` it, which is told."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling the cache came to."""

    made: int
    """Videos decoded now."""
    found: int
    """Videos that were there already."""
    empty: tuple[tuple[int, str], ...]
    """Index and reason of videos without a readable frame."""
    damaged: tuple[tuple[str, str], ...]
    """File name and what is lost, of videos read in part."""
    removed: int
    """Files of other runs that were removed to make room."""


class FrameCache:
    """The frames of videos, from the folder, or decoded and put there.

    >>> pixels, mask = FrameCache(Path("frames"), CacheSettings()).frames(path)  # doctest: +SKIP
    """

    def __init__(self, folder: Path, settings: CacheSettings) -> None:
        self.folder, self.settings = folder, settings
        folder.mkdir(parents=True, exist_ok=True)
        rules = ClipSettings.model_validate(
            settings.model_dump(include=set(ClipSettings.model_fields))
        )
        self._rules = f"{FORMAT} {rules.model_dump_json()}"
        self._ids = ContentIds(folder / "ids.json")
        self._size: float | None = None
        self._needed: set[Path] = set()
        """Files that this run asked for: they are not removed to make room."""
        self._removed = 0
        self._lock = threading.Lock()

    def frames(
        self, path: Path, span: SpanS | None = None
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """`pixels` uint8 [F,H,W,3], F = `limit`, black behind the last frame, and `mask` [F]."""
        clip = self.clip(path, span)
        count, limit = len(clip.pixels), self.settings.limit
        pixels = np.zeros((limit, *clip.pixels.shape[1:]), np.uint8)
        pixels[:count] = clip.pixels
        return pixels, np.arange(limit) < count

    def clip(self, path: Path, span: SpanS | None = None) -> Clip:
        """The frames alone; `MediaError` naming the file when there is none."""
        return self.read(self.entry(path, span), path, span)

    def entry(self, path: Path, span: SpanS | None = None) -> Path:
        """The file that holds, or will hold, the frames of a video."""
        try:
            content = self._ids.of(path)
        except OSError as error:
            raise MediaError(f"cannot read {path}: {error.strerror}; put the file back") from error
        told = f"{self._rules} {None if span is None else [float(t) for t in span]}"
        rules = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
        return self.folder / content[:2] / f"{content}-{rules}{ENDING}"

    def read(self, entry: Path, path: Path, span: SpanS | None = None) -> Clip:
        """The frames in `entry`; decoded from `path` once more if that is gone or not whole."""
        try:
            return unpack(entry)
        except (FileNotFoundError, DataError):
            return self._make(entry, path, span)

    def fill(
        self,
        paths: Sequence[Path],
        spans: Sequence[SpanS | None] | None = None,
        *,
        workers: int = 2,
        tell: Tell | None = None,
    ) -> Filled:
        """Decode all videos that are not there yet, several at a time.

        Files of videos that cannot be read at all are gathered first and refused, or skipped, at
        the end: what was decoded stays.
        """
        self._sweep()
        asked = list(spans) if spans is not None else [None] * len(paths)
        work = _Work(self, paths, asked)
        done = 0
        with ThreadPoolExecutor(max(1, workers)) as pool:
            try:
                for index in work.run(pool):
                    done += 1
                    if tell is not None:
                        tell(done, len(paths), paths[index].name)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            finally:
                self._ids.save()
        if work.empty and self.settings.empty == "refuse":
            faults = "; ".join(fault for _, fault in sorted(work.empty.items())[:3])
            raise DataError(
                f"{len(work.empty)} of {len(paths)} videos have no readable frame: {faults}; or "
                "set frames.empty=skip in the recipe to go on without them"
            )
        empty, damaged = sorted(work.empty.items()), sorted(work.damaged.items())
        named = tuple((paths[index].name, what) for index, what in damaged)
        return Filled(work.made, work.found, tuple(empty), named, self._removed)

    def fill_split(
        self, split: RetrievalSplit, *, workers: int = 2, tell: Tell | None = None
    ) -> RetrievalSplit:
        """Decode all videos of a split; it comes back with notes, and without skipped videos."""
        spans = [split.span(video) for video in range(len(split.videos))]
        filled = self.fill(split.videos, spans, workers=workers, tell=tell)
        notes = [f"{name}: {what}" for name, what in filled.damaged[:5]]
        if len(filled.damaged) > len(notes):
            notes.append(f"{len(filled.damaged) - len(notes)} more videos are damaged in part")
        if filled.removed:
            notes.append(f"{filled.removed} frame files of other runs were removed to make room")
        split = replace(split, notes=(*split.notes, *notes))
        if not filled.empty:
            return split
        gone = dict(filled.empty)
        kept = [video for video in range(len(split.videos)) if video not in gone]
        return split.keep(
            kept, f"{len(gone)} videos without frames are skipped: {filled.empty[0][1]}"
        )

    def _make(self, entry: Path, path: Path, span: SpanS | None) -> Clip:
        clip = decode_clip(path, span, self.settings)
        data = pack(clip, self.settings)
        with self._lock:
            self._needed.add(entry)
            if self._size is None or self._size + len(data) > self.settings.limit_gb * GB:
                self.make_room(len(data), {entry})
            self._size = (self._size or 0.0) + len(data)
        entry.parent.mkdir(parents=True, exist_ok=True)
        write_whole(entry, data)
        return unpack(entry)  # as it will be read next time, compression and all

    def make_room(self, more: float, needed: set[Path]) -> None:
        """Room for `more` bytes: the oldest files that this run does not need go, or it refuses."""
        self._needed |= needed
        entries = sorted(self._entries(), key=lambda entry: entry[2])
        size = float(sum(entry[1] for entry in entries))
        limit = self.settings.limit_gb * GB
        for path, bytes_, _ in entries:
            if size + more <= limit:
                break
            if path not in self._needed:
                path.unlink(missing_ok=True)
                self._removed, size = self._removed + 1, size - bytes_
        self._size = size
        if size + more > limit:
            self._refuse(size + more)
        free = shutil.disk_usage(self.folder).free
        if free < more + SPARE_BYTES:
            raise DataError(
                f"the frames need {more / GB:.2f} GB more and the disk of {self.folder} has "
                f"{free / GB:.2f} GB free; name a folder on a larger disk"
            )

    def _refuse(self, bytes_: float) -> None:
        raise DataError(
            f"the frames need about {bytes_ / GB:.3g} GB in {self.folder}, and limit_gb is "
            f"{self.settings.limit_gb:g}; raise it (frames.limit_gb in a recipe), or lower "
            "short_px, limit or quality"
        )

    def _entries(self) -> Iterator[tuple[Path, int, float]]:
        """All files of the cache, with their bytes and when they were last asked for."""
        for path in self.folder.glob(f"??/*{ENDING}"):
            with suppress(FileNotFoundError):
                stat = path.stat()
                yield path, stat.st_size, stat.st_mtime

    def _sweep(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.folder.rglob("*.part"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > STALE_S:
                    path.unlink()


class _Work:
    """Filling: first what is there already, then decoding the rest."""

    def __init__(
        self, cache: FrameCache, paths: Sequence[Path], spans: Sequence[SpanS | None]
    ) -> None:
        self.cache, self.paths, self.spans = cache, paths, spans
        self.made = self.found = 0
        self.empty: dict[int, str] = {}
        """By index: why a video has no frame."""
        self.damaged: dict[int, str] = {}
        """By index: what of a video is lost."""
        self._needed: set[Path] = set()
        self._bytes = 0

    def run(self, pool: ThreadPoolExecutor) -> Iterator[int]:
        """Indices of the videos as they are done."""
        missing: list[tuple[int, Path]] = []
        for index, (entry, damage, fault) in enumerate(
            pool.map(self._look, range(len(self.paths)))
        ):
            self._note(index, damage, fault)
            if entry is not None:
                self._needed.add(entry)
            if entry is not None and damage is None:
                missing.append((index, entry))
                continue
            self.found += entry is not None
            yield index
        # Several processes begin at different places, so that they mostly share the work.
        turn = os.getpid() * 7919 % max(1, len(missing))
        missing = missing[turn:] + missing[:turn]
        done = 0
        while done < len(missing):
            some = missing[done : done + (SAMPLE if done < SAMPLE else BATCH)]
            foreseen = self._bytes / max(1, self.made) * (len(missing) - done)
            self.cache.make_room(foreseen, self._needed)
            tasks = {pool.submit(self._one, index, entry): index for index, entry in some}
            for task in as_completed(tasks):
                size, damage, fault = task.result()
                self._note(tasks[task], damage, fault)
                self.made += size > 0
                self._bytes += size
                yield tasks[task]
            done += len(some)

    def _note(self, index: int, damage: str | None, fault: str) -> None:
        if fault:
            self.empty[index] = fault
        if damage:
            self.damaged[index] = damage

    def _look(self, index: int) -> tuple[Path | None, str | None, str]:
        """The file for a video; its damage, None when it is not there; why it cannot be."""
        try:
            entry = self.cache.entry(self.paths[index], self.spans[index])
        except MediaError as error:
            return None, None, str(error)
        try:
            damage = damage_of(entry)
            os.utime(entry)  # files nobody asked for lately are the first to go
        except (FileNotFoundError, DataError):
            return entry, None, ""
        return entry, damage, ""

    def _one(self, index: int, entry: Path) -> tuple[int, str, str]:
        """Bytes kept, damage, and why there is no frame."""
        try:
            clip = self.cache.read(entry, self.paths[index], self.spans[index])
        except MediaError as error:
            return 0, "", str(error)
        return max(1, entry.stat().st_size), clip.damage, ""
