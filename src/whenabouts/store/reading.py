"""One commit, opened for searching: what `Store` looks at until the next commit comes."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.store import columns
from whenabouts.store.facts import COLUMNS, FrameFacts
from whenabouts.store.ledger import Snapshot
from whenabouts.store.memory import Memory
from whenabouts.store.rows import FrameHit, FrameRows, TextHit, TextRow
from whenabouts.store.scan import best
from whenabouts.store.tables import TEXTS, Tables, one_of

_PROBES = 50
"""Partitions of the coarse index that a query looks at (benchmarks/search.py)."""

_LEAST_REFINED = 150
"""So many are compared exactly after the coarse index, even for a small limit."""

_WIDE = 0.2
"""A filter that leaves this share of the frames is applied to the hits."""

_FEW_FRAMES = 20_000
"""Up to this many frames a filtered search of a large library is exact."""


class Reading:
    """All searches at one commit. Shared by threads; nothing here changes what is stored."""

    def __init__(self, state: Snapshot, tables: Tables, frames_name: str, memory: Memory) -> None:
        self.state = state
        self._tables = tables
        self._frames_name = frames_name
        self._memory = memory
        self._asking = threading.Lock()
        self._facts: FrameFacts | None = None
        self._asked = 0

    def moved_to(self, state: Snapshot) -> Reading:
        """The same for a later commit that left all tables as they were."""
        later = Reading(state, self._tables, self._frames_name, self._memory)
        later._facts, later._asked = self._facts, self._asked
        return later

    def near(
        self, queries: NDArray[np.float32], limit: int, videos: Collection[str] | None
    ) -> list[list[FrameHit]]:
        """See `Store.near`."""
        if self._frames_name not in self._tables:
            return [[] for _ in queries]
        if scan := self._memory.frames(self.state, self._fetch_frames):
            return scan.near(queries, limit, videos)
        if videos is None:
            return [self._coarse(query, limit, _PROBES, None) for query in queries]
        contents = self.state.contents
        kept = {key for key in videos if key in contents and contents[key].frames}
        frames = sum(contents[key].frames for key in kept)
        if frames <= _FEW_FRAMES:
            return _exact(self.frames(kept), queries, limit)
        share = frames / self.state.frames
        return [self._filtered(query, limit, kept, share) for query in queries]

    def _filtered(
        self, query: NDArray[np.float32], limit: int, videos: Collection[str], share: float
    ) -> list[FrameHit]:
        """Hits in some videos, which hold a `share` of all frames."""
        if share >= _WIDE:
            # A filter of many ids costs the driver more than bringing hits that are not wanted.
            brought = self._coarse(query, int(2 * limit / share), _PROBES, None)
            hits = [hit for hit in brought if hit.video in videos]
            if len(hits) >= limit:
                return hits[:limit]
        # The fewer rows a filter leaves, the more partitions it takes to find enough of them.
        return self._coarse(query, limit, int(_PROBES / share), one_of("video", videos))

    def _coarse(
        self, query: NDArray[np.float32], limit: int, probes: int, where: str | None
    ) -> list[FrameHit]:
        effort = (probes, -(-_LEAST_REFINED // limit))
        if facts := self._facts_now():
            columns_ = ("_rowid",)
            return facts.hits(
                self._tables.near(self._frames_name, query, limit, effort, columns_, where)
            )
        found = self._tables.near(
            self._frames_name, query, limit, effort, ("video", "time_s", "end_s"), where
        )
        return columns.frame_hits(found)

    def _facts_now(self) -> FrameFacts | None:
        """What is known of all frames, once several queries have come at this commit."""
        with self._asking:
            self._asked += 1
            if self._facts is None and self._asked > self._memory.limits.patience:
                every = self._tables.rows(self._frames_name, COLUMNS)
                self._facts = FrameFacts.of(every)
                self._tables.warm_up(self._frames_name)
            return self._facts

    def frames(self, videos: Collection[str]) -> dict[str, FrameRows]:
        """See `Store.frames`."""
        contents = self.state.contents
        wanted = [key for key in videos if key in contents and contents[key].frames]
        if not wanted or self._frames_name not in self._tables:
            return {}
        if scan := self._memory.frames(self.state, self._fetch_frames):
            return scan.frames(wanted)
        if facts := self._facts_now():
            return facts.frames(self._tables, self._frames_name, wanted)
        found = self._tables.rows(self._frames_name, columns.FRAMES, one_of("video", wanted))
        return columns.frames_by_video(found)

    def match(
        self,
        words: Sequence[str],
        limit: int,
        channels: Collection[str] | None,
        videos: Collection[str] | None,
    ) -> list[TextHit]:
        """See `Store.match`; takes search words."""
        if scan := self._memory.texts(self.state, self._fetch_texts):
            return scan.match(words, limit, channels, videos)
        filters = [("channel", channels), ("video", videos)]
        where = " AND ".join(one_of(name, kept) for name, kept in filters if kept is not None)
        return columns.text_hits(self._tables.match(" ".join(words), limit, where or None))

    def texts(self, video: str, channels: Collection[str] | None) -> list[TextRow]:
        """See `Store.texts`."""
        where = one_of("video", [video])
        if channels is not None:
            where += f" AND {one_of('channel', channels)}"
        return columns.text_rows(self._tables.rows(TEXTS, columns.TEXTS, where)).get(video, [])

    def _fetch_frames(self, videos: Collection[str] | None) -> columns.Batches:
        where = None if videos is None else one_of("video", videos)
        return self._tables.batches(self._frames_name, columns.FRAMES, where)

    def _fetch_texts(self, videos: Collection[str] | None) -> Any:
        where = None if videos is None else one_of("video", videos)
        return self._tables.rows(TEXTS, (*columns.TEXTS, "words"), where)


def _exact(
    frames: dict[str, FrameRows], queries: NDArray[np.float32], limit: int
) -> list[list[FrameHit]]:
    """The best of some frames, compared one by one."""
    if not frames:
        return [[] for _ in queries]
    rows = list(frames.values())
    scores = queries @ np.concatenate([part.vectors for part in rows]).T
    keys = list(frames)
    owners = np.repeat(np.arange(len(keys)), [len(part) for part in rows])
    times_s = np.concatenate([part.times_s for part in rows])
    ends_s = np.concatenate([part.ends_s for part in rows])
    hits: list[list[FrameHit]] = []
    for row in scores:
        top = best(row, limit)
        hits.append(
            [
                FrameHit(keys[owners[at]], float(times_s[at]), float(ends_s[at]), float(row[at]))
                for at in top
            ]
        )
    return hits
