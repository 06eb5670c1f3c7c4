"""Two stages: candidates by coarse scores, then the exact score of those alone.

A coarse score is the exact one on smaller sides. A single vector for the whole video loses the
frame that a word is about, which is what token-wise interaction is for; half as many frames keep
it. Frames of a trained encoder vary in few directions: there a text keeps its most telling words,
both sides only those directions, and what remains is ranked again by all words and frames in a few
directions more. Where frames vary in all directions, a text becomes one vector.
Legend: A texts, K candidates of each, M vectors of one side, D width, d directions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.models.pairs import Best, Packed, best_of, starts_of

SHARPEN = 2.0
"""Power of the token weights in the one vector of a text: more of what matters most."""
MERGED = 2
"""Neighbouring frames that become one."""
WORDS = 8
"""Most telling words of a text in the first of the coarse scores."""
COARSE_SHARE, FINE_SHARE = 0.93, 0.985
"""Directions are kept until they hold so much of the frames."""
FEW_DIRECTIONS = 0.3
"""Frames vary in few directions when the fine ones are less than this share of all."""
WIDER = 5
"""Times as many candidates by the first coarse score as by the second."""
SAMPLE = 20_000
"""Frames whose directions are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What is kept of videos for finding candidates; made once."""

    coarse: Packed
    """Merged frames, in the coarse directions where there are some."""
    basis: NDArray[np.float32] | None
    """[D,d]: the fine directions, those that hold most first; None: frames vary in all."""
    fine: Packed | None
    """All frames in the fine directions."""

    @classmethod
    def of(cls, videos: Packed) -> Sketch:
        """The sketch of videos, which chooses the way by how their frames vary."""
        merged = coarse_videos(videos)
        basis, coarse = _directions(videos)
        if basis.shape[1] > FEW_DIRECTIONS * basis.shape[0]:
            return cls(merged, None, None)
        return cls(_projected(merged, basis[:, :coarse]), basis, _projected(videos, basis))

    def texts(self, texts: Packed) -> Packed:
        """Texts for the first coarse score."""
        if self.basis is None:
            return coarse_texts(texts)
        return _projected(telling(texts), self.basis[:, : self.coarse.vectors.shape[1]])

    def find(self, texts: Packed, candidates: int) -> NDArray[np.intp]:
        """Candidates of each text, int [A,K]."""
        if self.basis is None or self.fine is None:
            return best_of(self.texts(texts), [self.coarse], candidates).videos
        wide = best_of(self.texts(texts), [self.coarse], WIDER * candidates).videos
        again = exact_among(_projected(texts, self.basis), self.fine, wide)
        return again.videos[:, :candidates]

    def work_share(self, texts: Packed, videos: Packed, candidates: int) -> float:
        """Multiply-adds of finding and scoring, as a share of scoring every pair exactly."""
        width = videos.vectors.shape[1]
        pairs = int(texts.counts.sum()) * int(videos.counts.sum()) * width
        first = int(self.texts(texts).counts.sum()) * self.coarse.vectors.size
        total = first + pairs * min(candidates / len(videos), 1)
        if self.basis is not None:
            again = min(WIDER * candidates / len(videos), 1) * self.basis.shape[1] / width
            # Texts are turned into the directions when they are asked, videos once for all.
            total += pairs * again + texts.vectors.size * self.basis.shape[1]
        return total / max(pairs, 1)


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
    texts: Packed, videos: Packed, candidates: int, limit: int, sketch: Sketch | None = None
) -> Best:
    """The `limit` best videos of each text among its candidates; a sketch of None is made here."""
    chosen = (sketch or Sketch.of(videos)).find(texts, candidates)
    exact = exact_among(texts, videos, chosen)
    return Best(exact.videos[:, :limit], exact.scores[:, :limit])


def telling(texts: Packed, words: int = WORDS) -> Packed:
    """The vectors of each text that weigh most, with weights that sum to 1 again."""
    owner = np.repeat(np.arange(len(texts)), texts.counts)
    order = np.lexsort((-texts.weights, owner))
    place = np.arange(len(order)) - np.repeat(starts_of(texts.counts), texts.counts)
    kept = np.sort(order[place < words])
    counts = np.minimum(texts.counts, words)
    totals = np.bincount(owner[kept], texts.weights[kept], len(texts))
    weights = texts.weights[kept] / np.maximum(totals[owner[kept]], 1e-12)
    return Packed(texts.vectors[kept], weights.astype(np.float32), counts)


def _directions(videos: Packed) -> tuple[NDArray[np.float32], int]:
    """The fine directions [D,d] of the frames, and how many of them are the coarse ones."""
    step = max(1, len(videos.vectors) // SAMPLE)
    some = videos.vectors[::step].astype(np.float32, copy=False)
    held, vectors = np.linalg.eigh(some.T @ some)
    share = np.cumsum(held[::-1]) / max(float(held.sum()), 1e-12)
    coarse, fine = (int(np.searchsorted(share, s)) + 1 for s in (COARSE_SHARE, FINE_SHARE))
    return np.ascontiguousarray(vectors[:, ::-1][:, :fine], np.float32), coarse


def _projected(side: Packed, basis: NDArray[np.float32]) -> Packed:
    """The same items in fewer directions; their products come near the cosines."""
    return Packed(side.vectors.astype(np.float32, copy=False) @ basis, side.weights, side.counts)


def _singles(vectors: NDArray[np.float32], counts: NDArray[np.intp]) -> Packed:
    """One vector an item, none for an item that had none."""
    filled = counts > 0
    ones = np.ones(int(filled.sum()), np.float32)
    return Packed(vectors[filled], ones, filled.astype(np.intp))


def _ranges(first: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """`first[0], first[0] + 1, ...` for `counts[0]` numbers, then those of the next."""
    return np.arange(counts.sum()) + np.repeat(first - starts_of(counts), counts)
