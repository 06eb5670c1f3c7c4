"""Queries that come while a scan runs share the next one.

A scan is bound by memory: at 100,000 x 512 one query costs 19 ms of a core, eight in one product
26, sixteen 26. So nobody starts a second scan beside a running one; who waits is served together.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_SMALL = 1_000_000
"""Multiplications of a product that OpenBLAS does at once; for larger ones it copies the matrix."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A query, and its scores once they are there."""

    vectors: Floats
    query: Floats
    scores: Floats | None = None


class SharedScan:
    """Products of a matrix with queries of many threads, one product at a time."""

    def __init__(self) -> None:
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._waiting: list[_Asked] = []

    def scores(self, vectors: Floats, query: Floats) -> Floats:
        """`vectors` [N,D] times `query` [D], float32 [N]; a lone query waits for nobody."""
        mine = _Asked(vectors, query)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:
            if mine.scores is None:
                self._serve(mine)
        assert mine.scores is not None
        return mine.scores

    def _serve(self, mine: _Asked) -> None:
        """All who wait for the same matrix; after a failure each tries for itself."""
        with self._lock:
            same = [one for one in self._waiting if one.vectors is mine.vectors]
            self._waiting = [one for one in self._waiting if one.vectors is not mine.vectors]
        if mine not in same:
            same.append(mine)
        together = product(mine.vectors, np.stack([one.query for one in same], axis=1))
        for one, scores in zip(same, together.T, strict=True):
            one.scores = np.ascontiguousarray(scores)


def product(vectors: Floats, queries_DQ: Floats) -> Floats:
    """`vectors` [N,D] times some queries [D,Q], float32 [N,Q], in one pass through memory.

    In blocks of rows that are small enough for BLAS to read them where they lie: half the time.
    """
    (count, width), queries = vectors.shape, queries_DQ.shape[1]
    rows = max(1, _SMALL // (width * queries))
    blocks = count // rows
    whole = blocks * rows
    scores = np.empty((count, queries), np.float32)
    np.matmul(
        vectors[:whole].reshape(blocks, rows, width),
        queries_DQ,
        out=scores[:whole].reshape(blocks, rows, queries),
    )
    np.matmul(vectors[whole:], queries_DQ, out=scores[whole:])
    return scores
