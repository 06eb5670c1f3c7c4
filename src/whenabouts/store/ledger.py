"""The ledger: which files the library knows, and which version of each table belongs to them.

LanceDB commits one table at a time. What makes several tables one transaction is the ledger: it
is written last, in one SQLite transaction, and names the version of every table. Readers look only
at those versions; a writer that finds later ones rolls them back. It also answers `status` and "is
this file unchanged?" without importing the vector store, which costs more than a second.
"""

from __future__ import annotations

import json
import os
import sqlite3
import weakref
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from whenabouts.errors import StoreError
from whenabouts.store.rows import PictureRow, VideoRow

FILE = "ledger.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
  path BLOB PRIMARY KEY, id TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  duration_s REAL NOT NULL, fps REAL NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
  kind TEXT NOT NULL, created_s REAL, added_s REAL NOT NULL, tags TEXT NOT NULL,
  status TEXT NOT NULL, reason TEXT NOT NULL, passes TEXT NOT NULL, langs TEXT NOT NULL,
  has_speech INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_id ON files (id);
CREATE TABLE IF NOT EXISTS contents (
  id TEXT PRIMARY KEY, frames INTEGER NOT NULL, texts INTEGER NOT NULL, pictures INTEGER NOT NULL,
  frames_commit INTEGER NOT NULL, texts_commit INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pictures (
  id TEXT NOT NULL, start_s REAL NOT NULL, end_s REAL NOT NULL, time_s REAL NOT NULL,
  jpeg BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS pictures_by_id ON pictures (id, start_s);
CREATE TABLE IF NOT EXISTS state (
  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, versions TEXT NOT NULL
);
INSERT OR IGNORE INTO state VALUES (1, 0, '{}');
"""

_COLUMNS = (
    "id, size, mtime_ns, duration_s, fps, width, height, kind, created_s, added_s, "
    "tags, status, reason, passes, langs, has_speech"
)
_BUSY_S = 20.0


@dataclass(frozen=True, slots=True)
class Content:
    """What is stored for one content: row counts, and the commit that wrote frames and texts."""

    frames: int = 0
    texts: int = 0
    pictures: int = 0
    frames_commit: int = 0
    texts_commit: int = 0


@dataclass(frozen=True)
class Snapshot:
    """One commit, whole: nothing here changes any more."""

    number: int
    versions: Mapping[str, int]
    """Table name -> its version."""
    files: Mapping[str, VideoRow]
    """By path."""
    contents: Mapping[str, Content]
    """By video id."""

    @cached_property
    def frames(self) -> int:
        """Stored frames in all."""
        return sum(content.frames for content in self.contents.values())

    @cached_property
    def texts(self) -> int:
        """Stored texts in all."""
        return sum(content.texts for content in self.contents.values())

    @cached_property
    def pictures(self) -> int:
        """Stored pictures in all."""
        return sum(content.pictures for content in self.contents.values())

    def after(self, change: Change) -> Snapshot:
        """The next commit."""
        files, contents = dict(self.files), dict(self.contents)
        for path in change.gone_paths:
            files.pop(path, None)
        for key in change.gone_contents:
            contents.pop(key, None)
        files.update((row.path, row) for row in change.files)
        contents.update(change.contents)
        return Snapshot(self.number + 1, change.versions, files, contents)


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit changes: removals first, then the new rows."""

    versions: Mapping[str, int]
    """All tables, changed or not."""
    files: Sequence[VideoRow] = ()
    gone_paths: Collection[str] = ()
    contents: Mapping[str, Content] = field(default_factory=dict[str, Content])
    gone_contents: Collection[str] = ()
    pictures: Mapping[str, Sequence[PictureRow]] = field(
        default_factory=dict[str, Sequence[PictureRow]]
    )
    """Replace those of a content."""


class Ledger:
    """The SQLite file of one library. The caller serialises the calls."""

    def __init__(self, library: Path, *, write: bool) -> None:
        self._path = library / FILE
        with self._explained("open"):
            self._connection = _connect(self._path, write)
        # A program may drop a library without closing it.
        self._close = weakref.finalize(self, self._connection.close)
        self._seen = -1

    def close(self) -> None:
        """Let the file go."""
        self._close()

    def changed(self) -> bool:
        """Has another process committed since the last `read`? Costs some microseconds."""
        with self._explained("read"):
            return self._data_version() != self._seen

    def read(self) -> Snapshot:
        """The latest commit."""
        with self._explained("read"):
            self._connection.execute("BEGIN")
            try:
                number, versions = self._connection.execute(
                    "SELECT number, versions FROM state"
                ).fetchone()
                files = self._connection.execute(f"SELECT path, {_COLUMNS} FROM files").fetchall()
                contents = self._connection.execute("SELECT * FROM contents").fetchall()
                self._seen = self._data_version()
            finally:
                self._connection.execute("COMMIT")
            rows = (_video(*row) for row in files)
            return Snapshot(
                number,
                json.loads(versions),
                {row.path: row for row in rows},
                {key: Content(*counts) for key, *counts in contents},
            )

    def pictures(self, video: str, start_s: float, end_s: float) -> list[PictureRow]:
        """The pictures of one content whose shots touch `[start_s, end_s)`, by time."""
        with self._explained("read"):
            rows = self._connection.execute(
                "SELECT start_s, end_s, time_s, jpeg FROM pictures "
                "WHERE id = ? AND start_s < ? AND end_s >= ? ORDER BY start_s",
                (video, end_s, start_s),
            )
            return [PictureRow(*row) for row in rows]

    def picture_at(self, video: str, time_s: float) -> bytes:
        """The JPEG of the shot that holds a time, at a border of the later one; empty if none."""
        with self._explained("read"):
            row = self._connection.execute(
                "SELECT jpeg FROM pictures WHERE id = ? AND start_s <= ? AND end_s >= ? "
                "ORDER BY start_s DESC LIMIT 1",
                (video, time_s, time_s),
            ).fetchone()
            return row[0] if row else b""

    def commit(self, change: Change) -> None:
        """Write one commit, all or nothing."""
        with self._explained("write"), self._transaction() as sql:
            sql.executemany(
                "DELETE FROM files WHERE path = ?",
                [(os.fsencode(path),) for path in change.gone_paths],
            )
            sql.executemany(
                "DELETE FROM contents WHERE id = ?", [(key,) for key in change.gone_contents]
            )
            sql.executemany(
                f"INSERT OR REPLACE INTO files (path, {_COLUMNS}) VALUES ({_marks(17)})",
                [_values(row) for row in change.files],
            )
            sql.executemany(
                f"INSERT OR REPLACE INTO contents VALUES ({_marks(6)})",
                [
                    (key, c.frames, c.texts, c.pictures, c.frames_commit, c.texts_commit)
                    for key, c in change.contents.items()
                ],
            )
            sql.executemany(
                "DELETE FROM pictures WHERE id = ?",
                [(key,) for key in {*change.gone_contents, *change.pictures}],
            )
            sql.executemany(
                "INSERT INTO pictures VALUES (?, ?, ?, ?, ?)",
                (
                    (key, row.start_s, row.end_s, row.time_s, row.jpeg)
                    for key, rows in change.pictures.items()
                    for row in rows
                ),
            )
            sql.execute(
                "UPDATE state SET number = number + 1, versions = ?",
                (json.dumps(dict(change.versions)),),
            )

    def _data_version(self) -> int:
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite has already rolled back, for example disk full
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self, doing: str) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(
                f"cannot {doing} {self._path}: {error}; check disk space and permissions "
                "(what was committed before is still there)"
            ) from error


def _connect(path: Path, write: bool) -> sqlite3.Connection:
    """A connection with our own transactions; a reader never changes anything."""
    if write:
        connection = _open(path, "rwc")
        connection.executescript(_SCHEMA)
        return connection
    try:
        # Read-write, because only that may roll back what a killed writer left half done.
        connection = _open(path, "rw")
        connection.execute("PRAGMA query_only = 1")
        connection.execute("SELECT 1 FROM state").fetchone()
    except sqlite3.OperationalError:
        connection = _open(path, "ro")
    return connection


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _values(row: VideoRow) -> tuple[Any, ...]:
    return (
        os.fsencode(row.path),
        row.id,
        row.size,
        row.mtime_ns,
        row.duration_s,
        row.fps,
        row.width,
        row.height,
        row.kind,
        row.created_s,
        row.added_s,
        json.dumps(row.tags),
        row.status,
        json.dumps(row.reason),
        json.dumps(row.passes),
        json.dumps(row.langs),
        int(row.has_speech),
    )


def _video(path: bytes, *columns: Any) -> VideoRow:
    *plain, tags, status, reason, passes, langs, has_speech = columns
    key, size, mtime_ns, *shape = plain
    return VideoRow(
        key,
        os.fsdecode(path),
        size,
        mtime_ns,
        *shape,
        tags=json.loads(tags),
        status=status,
        reason=json.loads(reason),
        passes=tuple(json.loads(passes)),
        langs=tuple(json.loads(langs)),
        has_speech=bool(has_speech),
    )
