"""The token-wise score on stored vectors: numpy only, one matrix product for many videos.

Score of text q against video v: (sum_i w_i max_j q_i.v_j + sum_j u_j max_i q_i.v_j) / 2, which is
weighted token interaction without padding, and the cosine when both have one vector.
Shapes: T text vectors, M frames of all videos one after another, V videos, D width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.types import Encoding

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


def frame_weights(logits: NDArray[np.floating], counts: NDArray[np.integer]) -> Floats:
    """Softmax within each video: `logits` [M] of videos with `counts` [V] frames each."""
    filled = counts > 0
    if not filled.any():
        return np.zeros(0, np.float32)
    starts = _starts(counts[filled])
    logits = logits.astype(np.float32, copy=False)
    peaks = np.maximum.reduceat(logits, starts)
    raised: Floats = np.exp(logits - np.repeat(peaks, counts[filled]))
    totals = np.repeat(np.add.reduceat(raised, starts), counts[filled])
    return (raised / totals).astype(np.float32, copy=False)


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
    return float(score_many(text, vectors, logits, np.array([len(vectors)]))[0])


def score_many(
    text: Encoding,
    vectors: Vectors,
    logits: NDArray[np.floating],
    counts: NDArray[np.integer],
) -> Floats:
    """Scores [V] of videos whose frames stand one after another in `vectors` [M,D].

    `counts` [V] says how many frames each has; a video without frames scores 0.
    """
    return _score(similarities(text, vectors), text.weights, frame_weights(logits, counts), counts)


def frame_scores(text: Encoding, vectors: Vectors) -> Floats:
    """Score of each frame as if it were a video alone, [N]: the curve over time."""
    sims = similarities(text, vectors)
    return (text.weights @ sims + sims.max(axis=0, initial=-1)) / 2


def window_scores(
    text: Encoding,
    vectors: Vectors,
    logits: NDArray[np.floating],
    windows: list[tuple[int, int]],
) -> Floats:
    """Scores of stretches `[first, last)` of one video's frames; similarities are computed once."""
    sims = similarities(text, vectors)
    scores = [
        _score(
            sims[:, first:last],
            text.weights,
            softmax(logits[first:last]),
            np.array([last - first]),
        )[0]
        for first, last in windows
    ]
    return np.asarray(scores, np.float32)


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


def _score(
    sims: Floats, text_weights: Floats, video_weights: Floats, counts: NDArray[np.integer]
) -> Floats:
    """Both directions from similarities [T,M], frame weights [M] within each video."""
    scores = np.zeros(len(counts), np.float32)
    filled = counts > 0
    if not filled.any() or not len(text_weights):
        return scores
    starts = _starts(counts[filled])
    text_to_video = text_weights @ np.maximum.reduceat(sims, starts, axis=1)
    video_to_text = np.add.reduceat(sims.max(axis=0) * video_weights, starts)
    scores[filled] = (text_to_video + video_to_text) / 2
    return scores


def _starts(counts: NDArray[np.integer]) -> NDArray[np.intp]:
    """Where each video begins."""
    return np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)
