"""`Store`: a library on disk behind a narrow interface. One writer, many readers.

The folder holds `library.json` (format and encoder), `ledger.sqlite` (files, and which version of
each table is committed), `tables/` (LanceDB: frames, texts, pictures) and `writer.lock`.

>>> with Store("my.lib", "w", encoder=mark) as store:                     # doctest: +SKIP
...     store.put([Indexed(video, frames, texts, pictures)])
>>> Store("my.lib").near(query[None], limit=10)[0]                        # doctest: +SKIP
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError, StoreError, VersionError
from whenabouts.store import migrate
from whenabouts.store.ledger import FILE, Content, Ledger, Snapshot
from whenabouts.store.lock import WriterLock
from whenabouts.store.rows import (
    EncoderMark,
    FrameHit,
    FrameRows,
    Indexed,
    PictureRow,
    StoreInfo,
    TextHit,
    TextRow,
    VideoRow,
)
from whenabouts.store.segment import words

if TYPE_CHECKING:
    from whenabouts.store.scan import FrameScan
    from whenabouts.store.tables import Tables

SCAN_FLOATS = 200_000 * 512
"""Vectors up to this many numbers are held in memory and compared exactly (400 MB)."""

LONGEST_QUERY = 256
"""Different search words that `match` takes."""


class Store:
    """A library on disk.

    Mode "r" reads, follows the writer's commits and may be shared by threads; "w" holds the
    writer's lock, and makes the library when there is none and `encoder` is given. An `encoder`
    that is not the library's is refused.
    """

    def __init__(
        self,
        path: str | Path,
        mode: Literal["r", "w"] = "r",
        *,
        encoder: EncoderMark | None = None,
        scan_floats: int = SCAN_FLOATS,
    ) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._scan_floats = scan_floats
        self._tables: Tables | None = None
        self._scan: FrameScan | None = None
        self._snapshot: Snapshot | None = None
        self._writer = _claim(self.path, encoder) if mode == "w" else None
        try:
            card = migrate.upgrade(self.path) if self._writer else migrate.read_card(self.path)
            self._card = card
            if encoder is not None and encoder.fingerprint != card.encoder.fingerprint:
                raise VersionError(
                    f"the library {self.path} was made with the encoder {card.encoder.name!r}, "
                    f"not with this {encoder.name!r}; search it with that one, or run "
                    "`whenabouts reindex --encoder` to move it"
                )
            self._ledger = Ledger(self.path, write=self._writer is not None)
        except BaseException:
            if self._writer:
                self._writer.release()
            raise

    # Reading

    def info(self) -> StoreInfo:
        """Counts, format and encoder."""
        state = self._state()
        contents = state.contents.values()
        return StoreInfo(
            self._card.format,
            self._card.created_by,
            self._card.encoder,
            len(state.files),
            len(state.contents),
            sum(content.frames for content in contents),
            sum(content.texts for content in contents),
            sum(content.pictures for content in contents),
            state.number,
        )

    def videos(self) -> tuple[VideoRow, ...]:
        """Every file the library knows, by path. Does not touch the vector store."""
        return tuple(self._state().files.values())

    def video(self, path: str) -> VideoRow | None:
        """The file at one path."""
        return self._state().files.get(path)

    def near(
        self, vectors: NDArray[np.float32], limit: int, videos: Collection[str] | None = None
    ) -> list[list[FrameHit]]:
        """The `limit` frames nearest to each of `vectors` [Q,D], best first, by dot product.

        `videos` keeps to those ids. Small libraries are compared exactly in memory, larger ones
        through the coarse index; rows that the index does not know yet are found too.
        """
        queries = np.ascontiguousarray(vectors, np.float32)
        width = self._card.encoder.width
        if queries.ndim != 2 or queries.shape[1] != width:
            raise InputError(f"the library holds vectors of {width}, got {vectors.shape}")
        if limit < 1:
            raise InputError(f"limit must be at least 1, got {limit}")
        state, tables = self._tables_now()
        if tables is None:
            return [[] for _ in queries]
        if scan := self._scan_now(state, tables):
            return scan.near(queries, limit, videos)
        return self._near_indexed(tables, queries, limit, videos)

    def frames(self, videos: Collection[str]) -> dict[str, FrameRows]:
        """The frames of some videos by id, in order of time, float32; absent when none stored."""
        state, tables = self._tables_now()
        wanted = [key for key in videos if key in state.contents and state.contents[key].frames]
        if tables is None or not wanted:
            return {}
        if scan := self._scan_now(state, tables):
            return scan.frames(wanted)
        from whenabouts.store import columns
        from whenabouts.store.tables import one_of

        return columns.frames_by_video(
            tables.rows(self._frames_name, columns.FRAME_COLUMNS, one_of("video", wanted))
        )

    def match(
        self,
        text: str,
        limit: int,
        channels: Collection[str] | None = None,
        videos: Collection[str] | None = None,
    ) -> list[TextHit]:
        """Stored texts that share words with `text`, best first by BM25; any text is safe."""
        wanted = list(dict.fromkeys(words(text)))
        if len(wanted) > LONGEST_QUERY:
            raise InputError(
                f"the query has {len(wanted)} different words, the limit is {LONGEST_QUERY}; "
                "shorten it"
            )
        _, tables = self._tables_now()
        if tables is None or not wanted:
            return []
        from whenabouts.store import columns
        from whenabouts.store.tables import one_of

        filters = [("channel", channels), ("video", videos)]
        where = " AND ".join(one_of(name, kept) for name, kept in filters if kept is not None)
        return columns.text_hits(tables.match(" ".join(wanted), limit, where or None))

    def texts(self, video: str, channels: Collection[str] | None = None) -> list[TextRow]:
        """The texts of one video in order of time."""
        from whenabouts.store import columns
        from whenabouts.store.tables import TEXTS, one_of

        _, tables = self._tables_now()
        if tables is None:
            return []
        where = one_of("video", [video])
        if channels is not None:
            where += f" AND {one_of('channel', channels)}"
        return columns.text_rows(tables.rows(TEXTS, columns.TEXT_COLUMNS, where)).get(video, [])

    def pictures(
        self, video: str, start_s: float = 0.0, end_s: float | None = None
    ) -> list[PictureRow]:
        """The pictures of the shots of one video that touch `[start_s, end_s)`, by time."""
        from whenabouts.store import columns
        from whenabouts.store.tables import PICTURES, one_of

        _, tables = self._tables_now()
        if tables is None:
            return []
        where = f"{one_of('video', [video])} AND end_s >= {float(start_s)!r}"
        if end_s is not None:
            where += f" AND start_s < {float(end_s)!r}"
        found = tables.rows(PICTURES, columns.PICTURE_COLUMNS, where)
        return columns.picture_rows(found).get(video, [])

    def pictures_at(self, moments: Sequence[tuple[str, float]]) -> list[bytes]:
        """For each (video id, time in s) the JPEG of its shot, empty when there is none."""
        from whenabouts.store import columns
        from whenabouts.store.tables import PICTURES, one_of

        _, tables = self._tables_now()
        if tables is None or not moments:
            return [b"" for _ in moments]
        where = " OR ".join(
            f"({one_of('video', [key])} AND start_s <= {float(t)!r} AND end_s >= {float(t)!r})"
            for key, t in moments
        )
        rows = columns.picture_rows(tables.rows(PICTURES, columns.PICTURE_COLUMNS, where))
        return [_shown(rows.get(key, []), time_s) for key, time_s in moments]

    # Writing

    def put(self, batch: Iterable[Indexed]) -> None:
        """Insert or replace files and what was found in them, all in one commit.

        Many small videos belong into one batch. A content that no path refers to any more goes.
        """
        items = {item.video.path: item for item in batch}.values()
        if not items:
            return
        from whenabouts.store.change import write

        with self._lock:
            state, tables = self._writing()
            self._commit(tables, write(tables, self._frames_name, state, list(items)))

    def update(self, rows: Iterable[VideoRow]) -> None:
        """Replace the rows of files (for example status, passes) without touching contents."""
        self.put(Indexed(row) for row in rows)

    def move(self, paths: Mapping[str, str]) -> None:
        """Files were renamed or moved: old path -> new path. Costs no decoding."""
        with self._lock:
            state = self._state()
            moved = [
                replace(state.files[old], path=new)
                for old, new in paths.items()
                if old in state.files
            ]
            targets = {row.path for row in moved}
            self._require_writer()
            self._ledger.commit(
                state.versions,
                files=moved,
                gone_paths=[old for old in paths if old not in targets],
            )
            self._snapshot = None

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files; contents without any file left go with them."""
        gone = set(paths)
        if not gone:
            return
        from whenabouts.store.change import forget

        with self._lock:
            state, tables = self._writing()
            self._commit(tables, forget(tables, self._frames_name, state, gone))

    def change_encoder(self, encoder: EncoderMark) -> None:
        """Drop all vectors, for the library moves to another encoder; texts and pictures stay.

        The new encoder stands in `library.json` from here on, so a cut-off move is resumed by
        indexing again.
        """
        with self._lock:
            self._require_writer()
            self._card = replace(self._card, encoder=encoder)
            migrate.write_card(self.path, self._card)
            self._tables = self._scan = None
            self._writing()

    def optimize(self, keep_s: float = 3600.0) -> None:
        """Upkeep: merge small pieces, build and refresh indexes, drop versions older than `keep_s`.

        Readers that still look at a dropped version move on to the latest by themselves.
        """
        with self._lock:
            state, tables = self._writing()
            frames = sum(content.frames for content in state.contents.values())
            if frames * self._card.encoder.width > self._scan_floats:
                indexed = tables.vector_index(self._frames_name)
                if indexed is None or indexed[1] > indexed[0]:
                    tables.index_vectors(self._frames_name, _partitions(frames))
            tables.compact()
            self._ledger.commit(tables.versions())
            self._snapshot = None
            tables.forget(timedelta(seconds=keep_s))
            self._ledger.commit(tables.versions())

    def close(self) -> None:
        """Let go of files and of the writer's lock."""
        with self._lock:
            self._ledger.close()
            self._tables = self._scan = None
            if self._writer:
                self._writer.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Inside

    @property
    def _frames_name(self) -> str:
        from whenabouts.store.tables import frames_name

        return frames_name(self._card.encoder.fingerprint)

    def _state(self) -> Snapshot:
        """The latest commit; looks for news, which costs microseconds when there is none."""
        with self._lock:
            if self._snapshot is None or self._ledger.changed():
                self._snapshot = self._ledger.read()
                if self._writer is None:
                    self._tables = None
            return self._snapshot

    def _tables_now(self) -> tuple[Snapshot, Tables | None]:
        """The latest commit and the tables at it; None when nothing was ever committed."""
        with self._lock:
            state = self._state()
            if not state.versions:
                return state, None
            if self._tables is None:
                tables = self._open_tables()
                if self._writer is None:
                    tables.pin(state.versions)
                else:
                    tables.claim(state.versions)
                self._tables = tables
            return state, self._tables

    def _open_tables(self) -> Tables:
        from whenabouts.store import columns
        from whenabouts.store.tables import PICTURES, TEXTS, Tables

        schemas = {
            self._frames_name: columns.frames_schema(self._card.encoder.width),
            TEXTS: columns.TEXTS,
            PICTURES: columns.PICTURES,
        }
        return Tables(self.path, schemas)

    def _scan_now(self, state: Snapshot, tables: Tables) -> FrameScan | None:
        """The vectors in memory, in step with `state`; None for a large library."""
        counts = {key: c.frames_commit for key, c in state.contents.items() if c.frames}
        frames = sum(content.frames for content in state.contents.values())
        width = self._card.encoder.width
        if frames * width > self._scan_floats:
            self._scan = None
            return None
        from whenabouts.store import columns
        from whenabouts.store.scan import FrameScan
        from whenabouts.store.tables import one_of

        def fetch(keys: Collection[str] | None) -> Any:
            where = None if keys is None else one_of("video", keys)
            return tables.rows(self._frames_name, columns.FRAME_COLUMNS, where)

        with self._lock:
            if self._scan is None:
                self._scan = FrameScan(width)
            self._scan.update(counts, fetch)
            return self._scan

    def _near_indexed(
        self,
        tables: Tables,
        queries: NDArray[np.float32],
        limit: int,
        videos: Collection[str] | None,
    ) -> list[list[FrameHit]]:
        from whenabouts.store import columns
        from whenabouts.store.tables import one_of

        where = None if videos is None else one_of("video", videos)
        return [
            columns.frame_hits(tables.near(self._frames_name, query, limit, where, (50, 10)))
            for query in queries
        ]

    def _require_writer(self) -> None:
        if self._writer is None:
            raise StoreError(f"{self.path} was opened for reading; open it with mode 'w'")

    def _writing(self) -> tuple[Snapshot, Tables]:
        self._require_writer()
        state = self._state()
        if self._tables is None:
            self._tables = self._open_tables()
            self._tables.claim(state.versions)
        return state, self._tables

    def _commit(self, tables: Tables, change: Mapping[str, Any]) -> None:
        try:
            self._ledger.commit(tables.versions(), **change)
        except BaseException:
            self._tables = None
            raise
        finally:
            self._snapshot = None


def _claim(path: Path, encoder: EncoderMark | None) -> WriterLock:
    """The writer's lock; makes the folder first when there is none."""
    fresh = not (path / migrate.CARD).exists()
    if fresh and encoder is None:
        migrate.read_card(path)  # says that there is no library
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the library {path}: {error.strerror}") from error
    lock = WriterLock(path)
    try:
        if encoder is not None and not (path / migrate.CARD).exists():
            Ledger(path, write=True).close()
            migrate.write_card(path, migrate.new_card(encoder))
    except BaseException:
        lock.release()
        raise
    return lock


def _partitions(rows: int) -> int:
    return max(1, int(rows**0.5 / 2))


def _shown(rows: Sequence[PictureRow], time_s: float) -> bytes:
    """The picture of the shot that holds a time; at a border the later shot."""
    fitting = [row for row in rows if row.start_s <= time_s <= row.end_s]
    return fitting[-1].jpeg if fitting else b""


__all__ = ["FILE", "SCAN_FLOATS", "Content", "Store"]
