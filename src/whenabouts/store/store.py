"""`Store`: a library on disk behind a narrow interface. One writer, many readers.

The folder holds `library.json` (format and encoder), `ledger.sqlite` (files, and which version of
each table is committed, small pictures), `tables/` (LanceDB: frames, texts) and `writer.lock`.

>>> with Store("my.lib", "w", encoder=mark) as store:                     # doctest: +SKIP
...     store.put([Indexed(video, frames, texts, pictures)])
>>> Store("my.lib").near(query[None], limit=10)[0]                        # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.store.ledger import Change, Snapshot
from whenabouts.store.limits import Limits
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
from whenabouts.store.segment import query_words
from whenabouts.store.session import Session

if TYPE_CHECKING:
    from whenabouts.store.tables import Tables

_UPKEEP_PUTS = 100
"""Puts after which small pieces are merged."""

_MANY_NEW = 0.25
"""New rows against indexed ones, from which on the coarse index is built again."""

_MOST_COMPACTIONS = 5
"""It takes two or three until nothing is left to merge."""

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
        limits: Limits | None = None,
    ) -> None:
        self.path = Path(path)
        self._puts = 0
        self._session = Session(
            self.path, write=mode == "w", encoder=encoder, limits=limits or Limits()
        )

    # Reading

    def info(self) -> StoreInfo:
        """Counts, format and encoder."""
        state, card = self._session.state(), self._session.card
        return StoreInfo(
            card.format,
            card.created_by,
            card.encoder,
            len(state.files),
            len(state.contents),
            state.frames,
            state.texts,
            state.pictures,
            state.number,
        )

    @property
    def commit(self) -> int:
        """Number of the latest commit; the same number means that nothing has changed."""
        return self._session.state().number

    def videos(self) -> tuple[VideoRow, ...]:
        """Every file the library knows. Does not touch the vector store."""
        return tuple(self._session.state().files.values())

    def video(self, path: str) -> VideoRow | None:
        """The file at one path."""
        return self._session.state().files.get(path)

    def near(
        self, vectors: NDArray[np.float32], limit: int, videos: Collection[str] | None = None
    ) -> list[list[FrameHit]]:
        """The `limit` frames nearest to each of `vectors` [Q,D], best first, by dot product.

        `videos` keeps to those ids. Small libraries are compared exactly in memory, larger ones
        through the coarse index; rows that the index does not know yet are found too.
        """
        queries = np.ascontiguousarray(vectors, np.float32)
        width = self._session.card.encoder.width
        if queries.ndim != 2 or queries.shape[1] != width:
            raise InputError(f"the library holds vectors of {width}, got {vectors.shape}")
        _check_limit(limit)
        found = self._session.ask(lambda reading: reading.near(queries, limit, videos))
        return found or [[] for _ in queries]

    def frames(self, videos: Collection[str]) -> dict[str, FrameRows]:
        """The frames of some videos by id, in order of time, float32; absent when none stored."""
        return self._session.ask(lambda reading: reading.frames(videos)) or {}

    def match(
        self,
        text: str,
        limit: int,
        channels: Collection[str] | None = None,
        videos: Collection[str] | None = None,
    ) -> list[TextHit]:
        """Stored texts that share words with `text`, best first by BM25; any text is safe."""
        _check_limit(limit)
        wanted = query_words(text)
        if len(wanted) > LONGEST_QUERY:
            raise InputError(
                f"the query has {len(wanted)} different words, the limit is {LONGEST_QUERY}; "
                "shorten it"
            )
        if not wanted:
            return []
        return self._session.ask(lambda r: r.match(wanted, limit, channels, videos)) or []

    def texts(self, video: str, channels: Collection[str] | None = None) -> list[TextRow]:
        """The texts of one video in order of time."""
        return self._session.ask(lambda reading: reading.texts(video, channels)) or []

    def pictures(
        self, video: str, start_s: float = 0.0, end_s: float | None = None
    ) -> list[PictureRow]:
        """The pictures of the shots of one video that touch `[start_s, end_s)`, by time."""
        return self._session.pictures(video, start_s, math.inf if end_s is None else end_s)

    def pictures_at(self, moments: Sequence[tuple[str, float]]) -> list[bytes]:
        """For each (video id, time in s) the JPEG of its shot, empty when there is none."""
        return self._session.pictures_at(moments)

    # Writing

    def put(self, batch: Iterable[Indexed]) -> None:
        """Insert or replace files and what was found in them, all in one commit.

        Many small videos belong into one batch. A content that no path refers to any more goes.
        Now and then it does the upkeep of `optimize`, so that long runs stay searchable.
        """
        items = list({item.video.path: item for item in batch}.values())
        if items:
            from whenabouts.store.change import write

            self._session.change(lambda state, tables, name: write(tables, name, state, items))
            self._puts += 1
            if self._puts % _UPKEEP_PUTS == 0:
                self.optimize()

    def update(self, rows: Iterable[VideoRow]) -> None:
        """Replace the rows of files (status, passes, ...); cheap when their ids stay."""
        files = {row.path: row for row in rows}
        known = self._session.state().files
        if any(path not in known or known[path].id != row.id for path, row in files.items()):
            self.put(Indexed(row) for row in files.values())
        elif files:
            self._session.change_files(tuple(files.values()), ())

    def move(self, paths: Mapping[str, str]) -> None:
        """Files were renamed or moved: old path -> new path. Costs no decoding."""
        known = self._session.state().files
        moved = [replace(known[old], path=new) for old, new in paths.items() if old in known]
        self._session.change_files(moved, paths.keys())

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files; contents without any file left go with them."""
        gone = set(paths)
        if gone:
            from whenabouts.store.change import forget

            self._session.change(lambda state, tables, name: forget(tables, name, state, gone))

    def change_encoder(self, encoder: EncoderMark) -> None:
        """Drop all vectors, for the library moves to another encoder; texts and pictures stay.

        The new encoder stands in `library.json` from here on, so that indexing again resumes a
        move that was cut off.
        """
        self._session.change_encoder(encoder)

    def optimize(self, keep_s: float = 3600.0) -> None:
        """Upkeep: merge small pieces, build and refresh indexes, drop versions older than `keep_s`.

        Readers that still look at a dropped version move on to the latest by themselves.
        """
        self._session.require_writer()
        if self._session.state().versions:
            keep = timedelta(seconds=max(keep_s, 0.001))
            self._session.change(self._indexed)
            for _ in range(_MOST_COMPACTIONS):
                before = self._session.state().versions
                self._session.change(lambda _, tables, __: Change(tables.compact()))
                if self._session.state().versions == before:
                    self._session.use_tables(lambda tables: tables.forget(keep))
                    break

    def close(self) -> None:
        """Let go of files and of the writer's lock."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _indexed(self, state: Snapshot, tables: Tables, frames_name: str) -> Change:
        """Build the coarse index of a large library, again when many rows are new.

        The driver would put them into a second index beside the first, and ask both.
        """
        if not self._session.memory().holds_frames(state):
            indexed = tables.vector_index(frames_name)
            if indexed is None or indexed[1] > _MANY_NEW * indexed[0]:
                tables.index_vectors(frames_name, _partitions(state.frames))
        return Change(tables.versions())


def _partitions(rows: int) -> int:
    return max(1, int(rows**0.5 / 2))


def _check_limit(limit: int) -> None:
    if limit < 1:
        raise InputError(f"limit must be at least 1, got {limit}")
