"""A made-up library to search: clustered vectors in videos, lines of text, and their queries.

Themes are points in a few dimensions (64) that many videos share; a shot is a theme with its own
twist, a frame a shot with a little movement; all of it is spread over D dimensions with noise, unit
length. Words follow Zipf's law. The same seed gives the same library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.protocols import FrameVectors, Sampling
from whenabouts.store.rows import EncoderMark, FrameRows, Indexed, PictureRow, TextRow, VideoRow
from whenabouts.types import Encoding

FRAMES = 100
"""Frames of a video, one a second."""
SHOT = 10
"""Frames of a shot."""
LINE_S = 4
"""Seconds of a spoken line."""
LINE_WORDS = 12
TOKENS = 6
"""Vectors of a query."""
_THEMES, _VOCABULARY = 2000, 20_000
_BLOCK = 500
"""Videos drawn at once."""


@dataclass(frozen=True)
class Sizes:
    """How much: `moments` frames in all, vectors of `dims` that vary in `latent` directions."""

    moments: int
    dims: int
    latent: int = 64

    @property
    def videos(self) -> int:
        """Videos of `FRAMES` frames each."""
        return self.moments // FRAMES


class World:
    """Where vectors and words come from."""

    def __init__(self, sizes: Sizes) -> None:
        rng = np.random.default_rng(1)
        self.sizes = sizes
        self._themes = rng.standard_normal((_THEMES, sizes.latent), dtype=np.float32)
        spread = rng.standard_normal((sizes.latent, sizes.dims), dtype=np.float32)
        self._spread = spread / math.sqrt(sizes.latent)
        chances = 1 / np.arange(1, _VOCABULARY + 1)
        self._chances = chances / chances.sum()

    def blocks(self) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.int64]]]:
        """(number of the first video, vectors [V,FRAMES,D], word numbers [V,lines,LINE_WORDS])."""
        for first in range(0, self.sizes.videos, _BLOCK):
            videos = min(_BLOCK, self.sizes.videos - first)
            rng = np.random.default_rng([2, first])
            shots = self._near_themes(rng, videos * FRAMES // SHOT)
            frames = np.repeat(shots, SHOT, axis=0)
            frames += 0.3 * rng.standard_normal(frames.shape, dtype=np.float32)
            vectors = self._shown(rng, frames).reshape(videos, FRAMES, -1)
            shape = (videos, FRAMES // LINE_S, LINE_WORDS)
            yield first, vectors, rng.choice(_VOCABULARY, shape, p=self._chances)

    def queries(self, count: int) -> tuple[NDArray[np.float32], list[str]]:
        """Vectors [count,D] that fit some shots well, and three words that some line says."""
        rng = np.random.default_rng(3)
        vectors = self._shown(rng, self._near_themes(rng, count))
        _, _, words = next(self.blocks())
        lines = words.reshape(-1, LINE_WORDS)
        picked = lines[rng.integers(0, len(lines), count)]
        return vectors, [
            " ".join(word(number) for number in rng.choice(np.unique(line), 3, replace=False))
            for line in picked
        ]

    def _near_themes(self, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
        themes = self._themes[rng.integers(0, _THEMES, count)]
        return themes + 0.6 * rng.standard_normal(themes.shape, dtype=np.float32)

    def _shown(self, rng: np.random.Generator, latent: NDArray[np.float32]) -> NDArray[np.float32]:
        vectors = latent @ self._spread
        vectors += 0.15 * rng.standard_normal(vectors.shape, dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def word(number: int) -> str:
    """A made-up word, different for each number."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 20)
        letters += "bcdfghjklmnprstvwxyz"[rest] + "aeiou"[rest % 5]
    return letters


def mark(sizes: Sizes) -> EncoderMark:
    """The encoder that the library says made it."""
    return EncoderMark("made-up", "made-up", sizes.dims)


def video_id(number: int) -> str:
    """Content id of a video."""
    return f"{number:016x}"


def indexed(number: int, vectors: NDArray[np.float32], words: NDArray[np.int64]) -> Indexed:
    """One video as the indexer would hand it over."""
    times_s = np.arange(FRAMES, dtype=np.float64)
    lines = tuple(
        TextRow(at * LINE_S, (at + 1) * LINE_S, "speech", "en", " ".join(map(word, line)))
        for at, line in enumerate(words.tolist())
    )
    shots = tuple(
        PictureRow(start_s, start_s + SHOT, start_s + SHOT / 2, number.to_bytes(4, "big") * 500)
        for start_s in range(0, FRAMES, SHOT)
    )
    row = VideoRow(
        video_id(number), f"/videos/{number}.mp4", 1, 1, duration_s=FRAMES, fps=25.0,
        passes=("keyframes", "frames", "speech"), has_speech=True,
    )  # fmt: skip
    logits = np.zeros(FRAMES, np.float32)
    return Indexed(row, FrameRows(vectors, logits, times_s, times_s + 1), lines, shots)


class MadeUpEncoder:
    """Knows the vectors of the queries; costs nothing, for the network is not what is measured."""

    name = "made-up"
    fingerprint = "made-up"
    sampling = Sampling(1.0)
    input_px = 224

    def __init__(self, sizes: Sizes, known: dict[str, NDArray[np.float32]]) -> None:
        self.width = sizes.dims
        self._known = known

    def encode_frames(self, pixels: NDArray[np.uint8]) -> FrameVectors:
        """Not part of a search."""
        raise NotImplementedError

    def encode_text(self, text: str) -> Encoding:
        """A few vectors around the known one; a random one for the bank of null queries."""
        rng = np.random.default_rng(list(text.encode()))
        centre = self._known.get(text)
        if centre is None:
            centre = rng.standard_normal(self.width, dtype=np.float32)
            centre /= np.linalg.norm(centre)
        vectors = centre + 0.02 * rng.standard_normal((TOKENS, self.width), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        weights = np.full(TOKENS, 1 / TOKENS, np.float32)
        return Encoding(vectors.astype(np.float32), weights)
