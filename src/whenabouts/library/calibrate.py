"""How sure a visual hit is: its score against what other queries score on the very same frames.

Cosines of one query cannot be compared with those of another, and some frames are close to every
query (hubs). So a hit counts by how far it stands above a bank of null queries on its own frames,
in spreads of the bank. What it is compared with is not their mean but nearly their best: in a
picture of a red star the query "a blue star" beats most of the bank, but not "a red star".
Legend: T tokens of all bank queries, B bank queries, C clips, N frames of all clips, D width.
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
SOFTNESS = 0.3
"""Temperature of the soft maximum, in spreads of the bank."""
MOST_VIDEOS = 200
"""The more videos, the more fit by chance; fitted up to 80 videos, not trusted far beyond."""
LEAST_SPREAD = 0.01
"""Cosine; a smaller spread is one of too few samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Stands:
    """How far some clips stand above a bank, in its spreads; all float32 [C]."""

    both: Floats
    """With the whole score."""
    seen: Floats
    """With its half that goes from frames to words."""
    spread_both: Floats
    spread_seen: Floats


class Calibration(Settings):
    """Confidence = logistic(bias + both * stand + seen * stand_seen + size * log(videos)).

    `stand` is of the whole score, `stand_seen` of its half that goes from frames to words. The
    values are fitted by `benchmarks/quality.py fit` on queries with and without an answer.
    """

    bias: float = -3.41
    both: float = 4.09
    seen: float = 0.5
    size: float = -0.469
    example_bias: float = -6.0
    """For queries by example: `stand` is the share of the way from what is usual between frames
    of the library to the same picture."""
    example: float = 10.0

    def logits(
        self, stands: Stands, videos: int, by_example: bool
    ) -> tuple[list[float], list[float]]:
        """For each clip the logit of its confidence, and how it grows with the score."""
        if by_example:
            values = self.example_bias + self.example * stands.both
            return values.tolist(), (self.example / stands.spread_both).tolist()
        constant = self.bias + self.size * math.log(min(max(videos, 1), MOST_VIDEOS))
        values = constant + self.both * stands.both + self.seen * stands.seen
        slopes = self.both / stands.spread_both + self.seen / stands.spread_seen
        return values.tolist(), slopes.tolist()


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Some frames, `vectors` [N,D], with `weights` [N] that sum to 1."""

    vectors: Floats
    weights: Floats


class Bank:
    """Encodings laid end to end, so that all of them are scored on some frames at once."""

    def __init__(self, encodings: Sequence[Encoding]) -> None:
        counts = np.array([len(encoding) for encoding in encodings])
        self._vectors_TD = np.concatenate([encoding.vectors for encoding in encodings])
        self._weights_T = np.concatenate([encoding.weights for encoding in encodings])
        self._starts_B = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)

    def __len__(self) -> int:
        return len(self._starts_B)

    def scores(self, clips: Sequence[Clip]) -> tuple[Floats, Floats]:
        """WTI score of each clip with each bank entry, and its half from frames to words, [C,B].

        All clips are scored in one product.
        """
        counts = [len(clip.weights) for clip in clips]
        starts_C = np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)
        similarity_TN = self._vectors_TD @ np.concatenate([clip.vectors for clip in clips]).T
        best_TC = np.maximum.reduceat(similarity_TN, starts_C, axis=1)
        text_BC = np.add.reduceat(self._weights_T[:, None] * best_TC, self._starts_B, axis=0)
        best_BN = np.maximum.reduceat(similarity_TN, self._starts_B, axis=0)
        best_BN *= np.concatenate([clip.weights for clip in clips])[None]
        seen_BC = np.add.reduceat(best_BN, starts_C, axis=1)
        return (0.5 * (text_BC + seen_BC).T).astype(np.float32), seen_BC.T.astype(np.float32)

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


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What the bank scores on each clip: nearly its best, and its spread; float32 [C]."""

    near_best: Floats
    spread: Floats

    @classmethod
    def of(cls, scores_CB: Floats) -> Level:
        """A soft maximum: many that nearly fit say more than one that fits by chance."""
        spread = np.maximum(scores_CB.std(axis=1), LEAST_SPREAD)
        best = scores_CB.max(axis=1)
        soft = (SOFTNESS * spread)[:, None]
        near = best + soft[:, 0] * np.log(np.exp((scores_CB - best[:, None]) / soft).mean(axis=1))
        return cls(near.astype(np.float32), spread.astype(np.float32))

    @classmethod
    def to_identical(cls, scores_CB: Floats) -> Level:
        """For examples: the median, and what is left from there to the same picture (cosine 1)."""
        middle = np.median(scores_CB, axis=1).astype(np.float32)
        return cls(middle, np.maximum(1 - middle, LEAST_SPREAD))

    def above(self, fit: Floats) -> Floats:
        """Spreads by which the scores `fit` [C] stand above it."""
        return (fit - self.near_best) / self.spread


def logistic(value: float) -> float:
    """Between 0 and 1."""
    return 1 / (1 + math.exp(-min(max(value, -60.0), 60.0)))
