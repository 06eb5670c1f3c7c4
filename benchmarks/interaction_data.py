"""Made-up captions and clips for `interaction.py`: a world of concepts, or plain noise.

Each video shows six concepts, one or two a frame; each text names three of its video's among
fillers that all texts share, with higher weights for what it names. The sizes are those of MSR-VTT:
32 words with 11.6 valid on average, 12 frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.models.pairs import Packed

WORDS, FRAMES = 32, 12
FILLERS, SHOWN, NAMED = 60, 6, 3
CONCEPTS = 600
SPECTRUM = -0.25
"""Directions of a trained space carry unequal variance: the n-th carries n to this power."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Side:
    """Padded features `vectors` [N,S,D], `mask` [N,S] and weight `logits` [N,S]."""

    vectors: Floats
    mask: NDArray[np.bool_]
    logits: Floats


def world(texts: int, videos: int, width: int, noise: float, seed: int = 0) -> tuple[Side, Side]:
    """Texts and videos; text n belongs to video n. `noise` is the length of what is random."""
    random = np.random.default_rng(seed)
    scale = ((np.arange(width) + 1.0) ** SPECTRUM).astype(np.float32)

    def directions(count: int) -> Floats:
        drawn = random.standard_normal((count, width), dtype=np.float32) * scale
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    concepts, fillers, common = directions(CONCEPTS), directions(FILLERS), directions(2)
    has = np.stack([random.choice(CONCEPTS, SHOWN, replace=False) for _ in range(videos)])
    clips = noise * directions(videos * FRAMES).reshape(videos, FRAMES, width)
    for video in range(videos):
        order = np.sort(random.integers(0, SHOWN, FRAMES))
        second = random.random((FRAMES, 1)) < 0.3
        clips[video] += concepts[has[video][order]] + 0.4 * common[0]
        clips[video] += 0.5 * second * concepts[has[video][np.roll(order, 1)]]
    lengths = np.clip(random.poisson(9.6, texts) + 2, 4, WORDS)
    said = noise * directions(texts * WORDS).reshape(texts, WORDS, width)
    logits = np.zeros((texts, WORDS), np.float32)
    for text, length in enumerate(lengths):
        named = random.choice(has[text % videos], NAMED, replace=False)
        telling = random.random(length) < 0.4
        telling[-1] = False
        picked = concepts[random.choice(named, length)]
        said[text, :length] += np.where(
            telling[:, None], picked, fillers[random.integers(0, FILLERS, length)]
        )
        said[text, length - 1] += 1.5 * concepts[named].mean(axis=0)
        said[text, :length] += 0.4 * common[1]
        logits[text, :length] = telling
        logits[text, length - 1] = 1.0
    spoken = np.arange(WORDS) < lengths[:, None]
    weights = 0.5 * random.standard_normal((videos, FRAMES), dtype=np.float32)
    return Side(said, spoken, logits), Side(clips, np.ones((videos, FRAMES), bool), weights)


def noise_texts(count: int, width: int, seed: int = 0) -> Packed:
    """Texts without any meaning, for timing alone."""
    random = np.random.default_rng(seed)
    counts = np.clip(random.poisson(9.6, count) + 2, 4, WORDS)
    return _noise(random, counts, width)


def noise_videos(count: int, width: int, part: int, seed: int = 1) -> Iterator[Packed]:
    """Videos without any meaning, `part` at a time, so that there are never all of them."""
    random = np.random.default_rng(seed)
    for first in range(0, count, part):
        counts = np.full(min(part, count - first), FRAMES)
        yield _noise(random, counts, width)


def _noise(random: np.random.Generator, counts: NDArray[np.integer], width: int) -> Packed:
    total = int(counts.sum())
    vectors = random.standard_normal((total, width), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = np.repeat(1 / counts, counts).astype(np.float32)
    return Packed(vectors, weights, counts.astype(np.intp))
