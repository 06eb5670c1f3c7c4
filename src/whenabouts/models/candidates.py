"""Two stages: candidates by a coarse score, then the exact score of those alone.

The coarse score is the exact one on coarser sides: a text becomes one vector, and neighbouring
frames become one. A single vector for the whole video loses the frame that a word is about, which
is what token-wise interaction is for; half as many frames keep it.
Legend: A texts, K candidates of each, M vectors of one side, D width.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.models.pairs import Best, Packed, best_of, starts_of

SHARPEN = 2.0
"""Power of the token weights in the one vector of a text: more of what matters most."""
MERGED = 2
"""Neighbouring frames that become one."""


def coarse_texts(texts: Packed, sharpen: float = SHARPEN) -> Packed:
    """One vector a text."""
    sharp = Packed(texts.vectors, texts.weights**sharpen, texts.counts)
    return _singles(sharp.pooled(), texts.counts)


def coarse_videos(videos: Packed, merged: int = MERGED) -> Packed:
    """Each `merged` neighbouring frames as one: their mean, and their weights together.

    Computed once and kept, like the frame weights.
    """
    counts = -(-videos.counts // merged)
    place = np.arange(len(videos.vectors)) - np.repeat(starts_of(videos.counts), videos.counts)
    starts = np.flatnonzero(place % merged == 0)
    if not len(starts):
        return Packed(videos.vectors, videos.weights, counts)
    weights = np.add.reduceat(videos.weights, starts)
    sums = np.add.reduceat(videos.vectors.astype(np.float32, copy=False), starts, axis=0)
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return Packed(sums.astype(videos.vectors.dtype, copy=False), weights, counts)


def exact_among(texts: Packed, videos: Packed, chosen_AK: NDArray[np.intp]) -> Best:
    """The chosen videos of each text by their exact scores, best first."""
    if len(chosen_AK) != len(texts):
        raise InputError(f"{len(texts)} texts need as many lists, got {len(chosen_AK)}")
    text_ends, video_starts = np.cumsum(texts.counts), starts_of(videos.counts)
    scores = np.zeros(chosen_AK.shape, np.float32)
    for row, (end, count) in enumerate(zip(text_ends, texts.counts, strict=True)):
        at = slice(end - count, end)
        counts = videos.counts[chosen_AK[row]]
        filled = np.flatnonzero(counts)
        if not count or not len(filled):
            continue
        first = video_starts[chosen_AK[row][filled]]
        frames = _ranges(first, counts[filled])
        sims = texts.vectors[at] @ videos.vectors[frames].astype(np.float32, copy=False).T
        starts = starts_of(counts[filled])
        best_frame, best_token = np.maximum.reduceat(sims, starts, axis=1), sims.max(axis=0)
        if videos.slots:
            np.maximum(best_frame, 0, out=best_frame, where=counts[filled] < videos.slots)
        if count < texts.slots:
            np.maximum(best_token, 0, out=best_token)
        to_text = np.add.reduceat(best_token * videos.weights[frames], starts)
        scores[row, filled] = (texts.weights[at] @ best_frame + to_text) / 2
    order = np.lexsort((chosen_AK, -scores), axis=1)
    return Best(np.take_along_axis(chosen_AK, order, 1), np.take_along_axis(scores, order, 1))


def two_stages(
    texts: Packed,
    videos: Packed,
    candidates: int,
    limit: int,
    coarse: Iterable[Packed] | None = None,
) -> Best:
    """The `limit` best videos of each text among `candidates` by the coarse score.

    `coarse` holds the videos as `coarse_videos` made them, in parts one after another; None: made
    here.
    """
    parts = [coarse_videos(videos)] if coarse is None else coarse
    found = best_of(coarse_texts(texts), parts, candidates)
    exact = exact_among(texts, videos, found.videos)
    return Best(exact.videos[:, :limit], exact.scores[:, :limit])


def work_share(texts: Packed, videos: Packed, coarse: Packed, candidates: int) -> float:
    """Multiply-adds of both stages as a share of scoring every pair exactly."""
    words, frames = int(texts.counts.sum()), int(videos.counts.sum())
    first = len(texts) * int(coarse.counts.sum())
    second = words * min(candidates, len(videos)) * frames / max(len(videos), 1)
    return (first + second) / max(words * frames, 1)


def _singles(vectors: NDArray[np.float32], counts: NDArray[np.intp]) -> Packed:
    """One vector an item, none for an item that had none."""
    filled = counts > 0
    ones = np.ones(int(filled.sum()), np.float32)
    return Packed(vectors[filled], ones, filled.astype(np.intp))


def _ranges(first: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """`first[0], first[0] + 1, ...` for `counts[0]` numbers, then those of the next."""
    return np.arange(counts.sum()) + np.repeat(first - starts_of(counts), counts)
