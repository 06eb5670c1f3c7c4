"""The token-wise score of one text on stored vectors; `pairs.py` has it for many at once.

Score of text q against video v: (sum_i w_i max_j q_i.v_j + sum_j u_j max_i q_i.v_j) / 2, which is
weighted token interaction without padding, and the cosine when both have one vector.
Shapes: T text vectors, M frames, D width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.types import Encoding, Match

Vectors = NDArray[np.float32] | NDArray[np.float16]
Floats = NDArray[np.float32]

_CHUNK_FRAMES = 65536
"""Frames cast and multiplied at once: bounds memory, far above where the product is fast."""


def softmax(logits: NDArray[np.floating]) -> Floats:
    """Weights that sum to 1; empty for no logits."""
    if not len(logits):
        return np.zeros(0, np.float32)
    plain: Floats = logits.astype(np.float32)
    raised: Floats = np.exp(plain - plain.max())
    return (raised / raised.sum()).astype(np.float32, copy=False)


def similarities(text: Encoding, vectors: Vectors) -> Floats:
    """Cosine of each text vector with each frame, [T,M]."""
    if vectors.dtype == np.float32:
        return text.vectors @ vectors.T
    out = np.empty((len(text), len(vectors)), np.float32)
    for start in range(0, len(vectors), _CHUNK_FRAMES):
        part = vectors[start : start + _CHUNK_FRAMES].astype(np.float32)
        out[:, start : start + len(part)] = text.vectors @ part.T
    return out


def score(text: Encoding, vectors: Vectors, logits: NDArray[np.floating]) -> float:
    """Score of one video's frames [N,D] with their weight logits [N]; 0 without frames."""
    if not len(text) or not len(vectors):
        return 0.0
    sims = similarities(text, vectors)
    to_video, to_text = text.weights @ sims.max(axis=1), softmax(logits) @ sims.max(axis=0)
    return float(to_video + to_text) / 2


def best_words(text: Encoding, vector: NDArray[np.floating], limit: int = 3) -> tuple[str, ...]:
    """The words that fit one frame [D] best, in the order of the text; empty when unknown.

    A word that adds less than a third of what the best one adds is no reason and is left out.
    """
    if not any(text.words):
        return ()
    gains = text.weights * (text.vectors @ vector.astype(np.float32))
    order = sorted(range(len(gains)), key=lambda index: -float(gains[index]))
    named = [index for index in order if text.words[index]]
    enough = max(float(gains[named[0]]), 1e-6) / 3
    chosen = sorted(index for index in named[:limit] if gains[index] >= enough)
    return tuple(dict.fromkeys(text.words[index] for index in chosen))


def word_matches(
    text: Encoding, seen: Encoding, sims_TN: Floats, limit: int = 6
) -> tuple[Match, ...]:
    """The words that add most, in the order of the text, each with the frame that fits it best.

    `sims_TN` are the cosines of the text's vectors with the frames `seen`, whose weights are made
    to sum to 1. Pieces of one word count together. Empty where vectors stand for no single words.
    """
    if seen.times_s is None or not len(seen) or sum(map(bool, text.words)) < 2:
        return ()
    total = max(float(seen.weights.sum()), 1e-12)
    found: list[tuple[float, int, Match]] = []
    for first, last in _runs(text.words):
        weight = float(text.weights[first:last].sum())
        fit_N = text.weights[first:last] @ sims_TN[first:last] / max(weight, 1e-12)
        best = int(fit_N.argmax())
        share, score = float(seen.weights[best]) / total, float(fit_N[best])
        match = Match(
            text.words[first],
            round(weight, 4),
            round(float(seen.times_s[best]), 3),
            round(share, 4),
            round(score, 4),
        )
        found.append((weight * score, first, match))
    chosen = sorted(found, key=lambda one: -one[0])[:limit]
    return tuple(match for _, _, match in sorted(chosen, key=lambda one: one[1]))


def _runs(words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Stretches of equal words that are not empty: the pieces of one word."""
    starts = [i for i, word in enumerate(words) if word and (not i or words[i - 1] != word)]
    ends = [
        next((j for j in range(i, len(words)) if words[j] != words[i]), len(words)) for i in starts
    ]
    return list(zip(starts, ends, strict=True))
