"""How sure a visual hit is: its score against what other queries score on the very same frames.

Cosines of one query cannot be compared with those of another, and some frames are close to every
query (hubs). So a hit counts by how far it stands above (a) a bank of null queries on its own
frames and (b) its own query on other frames of the library, both in standard deviations.
Legend: T tokens of all bank queries, B bank queries, N frames of the hit, D width.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.nulls import null_queries
from whenabouts.protocols import Encoder
from whenabouts.settings import Settings
from whenabouts.types import Encoding

Floats = NDArray[np.float32]
BACKGROUND = 512
"""Frames of the library that stand for all of it."""
LEAST_SPREAD = 0.01
"""Cosine; a smaller spread is one of too few samples."""


class Calibration(Settings):
    """Confidence = logistic(bias + null * z_null + rest * z_rest).

    The values are fitted by `benchmarks/not_there.py` on queries with and without an answer.
    """

    bias: float = -4.5
    null: float = 1.2
    rest: float = 0.6
    few: float = 24.0
    """With n background frames, z_rest counts n / (n + few): small libraries say little."""


class Bank:
    """Encodings laid end to end, so that all of them are scored on some frames at once."""

    def __init__(self, encodings: Sequence[Encoding]) -> None:
        counts = np.array([len(encoding) for encoding in encodings])
        self._vectors_TD = np.concatenate([encoding.vectors for encoding in encodings])
        self._weights_T = np.concatenate([encoding.weights for encoding in encodings])
        self._starts_B = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)

    def __len__(self) -> int:
        return len(self._starts_B)

    def scores(self, clips: Sequence[tuple[Floats, Floats]]) -> Floats:
        """WTI score of each clip with each bank entry, float32 [C,B].

        A clip is its vectors [N,D] and their weights [N]; all clips are scored in one product.
        """
        counts = [len(weights) for _, weights in clips]
        starts_C = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)
        similarity_TN = self._vectors_TD @ np.concatenate([vectors for vectors, _ in clips]).T
        best_TC = np.maximum.reduceat(similarity_TN, starts_C, axis=1)
        text_half = np.add.reduceat(self._weights_T[:, None] * best_TC, self._starts_B, axis=0)
        best_BN = np.maximum.reduceat(similarity_TN, self._starts_B, axis=0)
        best_BN *= np.concatenate([weights for _, weights in clips])
        video_half = np.add.reduceat(best_BN, starts_C, axis=1)
        return (0.5 * (text_half + video_half).T).astype(np.float32)

    @classmethod
    def of_texts(cls, encoder: Encoder, library: Path) -> Bank:
        """The bank of null queries, kept beside the library: encoding it may take seconds."""
        queries = null_queries()
        told = hashlib.sha256("\n".join((encoder.fingerprint, *queries)).encode()).hexdigest()
        file = library / f"nulls-{told[:16]}.npz"
        try:
            with np.load(file) as kept:
                bank = cls.__new__(cls)
                bank._vectors_TD = kept["vectors"].astype(np.float32)
                bank._weights_T, bank._starts_B = kept["weights"], kept["starts"]
                return bank
        except (OSError, ValueError, KeyError):
            bank = cls([encoder.encode_text(query) for query in queries])
            bank._keep(file)
            return bank

    def _keep(self, file: Path) -> None:
        """Write it down where one may; a library that is only read computes it every time."""
        fresh = file.with_suffix(".new.npz")
        try:
            np.savez(
                fresh,
                vectors=self._vectors_TD.astype(np.float16),
                weights=self._weights_T,
                starts=self._starts_B,
            )
            fresh.replace(file)
        except OSError:
            fresh.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual among some scores: their median and their robust spread."""

    middle: float
    spread: float

    @classmethod
    def of(cls, scores: Floats) -> Usual:
        """Median and quartiles instead of mean and deviation: some may fit in earnest."""
        ordered = np.sort(scores)
        last = len(ordered) - 1
        low, middle, high = (float(ordered[round(share * last)]) for share in (0.25, 0.5, 0.75))
        return cls(middle, max((high - low) / 1.349, LEAST_SPREAD))

    def above(self, fit: float) -> float:
        """Standard deviations by which `fit` stands above the middle."""
        return (fit - self.middle) / self.spread


def confidence(null: float, rest: float, frames: int, values: Calibration) -> float:
    """Between 0 and 1, from both standard scores and the number of background frames."""
    rest *= frames / (frames + values.few)
    return 1 / (1 + math.exp(-(values.bias + values.null * null + values.rest * rest)))
