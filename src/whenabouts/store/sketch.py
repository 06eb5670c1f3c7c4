"""A short form of all vectors that rules most of them out, so that a scan reads less memory.

A scan is bound by memory: 200 MB a query at 100,000 x 512. Here each vector x is split by an
orthonormal basis into a head (its part along the few directions that the library varies in most)
and a tail, of which only the length is kept. For a query q the score is at most
head(q)·head(x) + |tail(q)| |tail(x)|, so what stays below the best scores found need not be
looked at, and the result is exact. How much that saves depends on the vectors; `best` says when
it saves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_ENERGY = 0.98
"""A head is long enough to hold this share of the squared length of the vectors..."""
_LONGEST = 0.25
"""...but not longer than this fraction of a vector."""
_SAMPLE = 4096
"""Vectors that the basis is taken from."""
_FIRST = 256
"""Vectors, at least, that are compared before the others are ruled out."""
_ROUNDING = 1e-5
"""Scores in float32 are this uncertain."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """Heads and tails of N vectors of D: `basis` [D,H], `heads` [N,H], `tails` [N]."""

    basis: Floats
    heads: Floats
    tails: Floats

    @classmethod
    def of(cls, vectors: Floats) -> Sketch:
        """The sketch of `vectors` [N,D]."""
        sample = vectors[:: max(1, len(vectors) // _SAMPLE)]
        energies, directions = np.linalg.eigh(sample.T @ sample)
        shares = np.cumsum(energies[::-1]) / energies.sum()
        length = int(np.searchsorted(shares, _ENERGY)) + 1
        length = max(1, min(length, int(len(shares) * _LONGEST)))
        basis = np.ascontiguousarray(directions[:, : -1 - length : -1])
        return cls(basis, *_split(vectors, basis))

    def grown(self, vectors: Floats) -> Sketch:
        """With more vectors behind; the basis stays."""
        heads, tails = _split(vectors, self.basis)
        return replace(
            self,
            heads=np.concatenate([self.heads, heads]),
            tails=np.concatenate([self.tails, tails]),
        )

    def picked(self, rows: NDArray[np.bool_]) -> Sketch:
        """Of some vectors only."""
        return replace(self, heads=self.heads[rows], tails=self.tails[rows])

    def candidates(
        self, vectors: Floats, query: Floats, limit: int, out: NDArray[np.bool_] | None
    ) -> NDArray[np.intp] | None:
        """Rows among which the `limit` best surely are; None when too few can be ruled out.

        `out` marks rows that do not count.
        """
        head = query @ self.basis
        scores = self.heads @ head
        if out is not None:
            scores[out] = -np.inf
        first = max(limit + limit // 2, _FIRST)
        if 8 * first > len(scores):
            return None
        top = np.argpartition(scores, len(scores) - first)[len(scores) - first :]
        # Rows that do not count have no score, and so they never are among the best.
        exact = np.where(np.isfinite(scores[top]), vectors[top] @ query, -np.inf)
        least = np.partition(exact, first - limit)[first - limit]
        if not np.isfinite(least):
            return None
        tail = np.sqrt(max(0.0, float(query @ query - head @ head)))
        scores += np.float32(tail) * self.tails
        rows = np.flatnonzero(scores >= least - _ROUNDING)
        return rows if 8 * len(rows) <= len(scores) else None


def _split(vectors: Floats, basis: Floats) -> tuple[Floats, Floats]:
    heads = vectors @ basis
    squares = np.einsum("nd,nd->n", vectors, vectors) - np.einsum("nh,nh->n", heads, heads)
    return heads, np.sqrt(np.maximum(squares, 0.0))
