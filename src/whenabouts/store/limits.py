"""Up to what size a library is held in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Up to what size a library is held in memory; the defaults are benchmarks/search.py's."""

    floats: int = 200_000 * 512
    """Numbers of all vectors (400 MB); beyond, the driver's coarse index is asked."""
    texts: int = 400_000
    """Texts (some 100 MB); beyond, the driver's full-text index is asked."""
    texts_at_once: int = 30_000
    """So many texts are loaded for the very first query; more only when several queries come."""
    patience: int = 3
    """Queries that the driver answers before more texts than that are loaded."""
