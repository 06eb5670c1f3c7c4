"""Exact token-wise scores of many texts against many videos: numpy and one matrix product a block.

Weights are softmaxed once, padding is dropped, and both sides are laid out slot by slot in groups
of nearly equal length, so that both maxima run over whole rows of memory. One block of
similarities exists at a time; the matrix of scores exists only for those who ask for it.
Legend: A texts, V videos, M vectors of one side end to end, D width, N items of one side,
L slots of a group, S slots of a padded row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.models.sizes import MaskMode
from whenabouts.types import Encoding

Floats = NDArray[np.float32]
Vectors = NDArray[np.float32] | NDArray[np.float16]

TEXT_ROWS, VIDEO_ROWS = 384, 1536
"""Vectors of each side in a block: 2.4 MB of similarities, near the processor in most machines."""
UNEVEN = 0.75
"""A group ends where an item has fewer vectors than this share of the group's longest."""
FEW = 8
"""Smaller groups would cost more than the padding they spare."""


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Items of one side without padding.

    `vectors` [M,D] of unit length lie end to end, `weights` [M] sum to 1 within each item, `counts`
    [N] says how many vectors each has. An item without vectors scores 0.
    """

    vectors: Vectors
    weights: Floats
    counts: NDArray[np.intp]
    slots: int = 0
    """Length S of the padded rows they come from, where padding counts as similarity 0 (the
    published rule, mask mode `zero`): what matches an item shorter than S scores 0 at least.
    0 where padding never counts (`exclude`)."""

    def __len__(self) -> int:
        return len(self.counts)

    def __post_init__(self) -> None:
        total = int(self.counts.sum())
        if len(self.vectors) != total or len(self.weights) != total:
            raise InputError(
                f"{total} vectors are announced, got {len(self.vectors)} with "
                f"{len(self.weights)} weights"
            )

    def part(self, first: int, last: int) -> Packed:
        """Items `first` to `last`, the last not included; nothing is copied."""
        ends = np.concatenate([[0], np.cumsum(self.counts)])
        rows = slice(int(ends[first]), int(ends[min(last, len(self))]))
        return Packed(self.vectors[rows], self.weights[rows], self.counts[first:last], self.slots)

    def pooled(self) -> Floats:
        """The weighted mean of each item, unit length, [N,D]; zero for an item without vectors."""
        means = np.zeros((len(self), self.vectors.shape[1]), np.float32)
        filled = self.counts > 0
        if filled.any():
            weighted = self.vectors * self.weights[:, None]
            means[filled] = np.add.reduceat(weighted, starts_of(self.counts[filled]), axis=0)
        return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True, slots=True, eq=False)
class Slab:
    """Scores of all texts with some videos: `scores` [A,n] of `videos` int [n]."""

    videos: NDArray[np.intp]
    scores: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The best videos of each text, best first: `videos` int [A,k] with `scores` [A,k]."""

    videos: NDArray[np.intp]
    scores: Floats


def pack(
    vectors_NSD: NDArray[np.floating],
    mask_NS: NDArray[np.generic],
    logits_NS: NDArray[np.floating] | None = None,
    mask_mode: MaskMode = "exclude",
) -> Packed:
    """Padded rows, of any length per vector, without their padding; no logits: equal weights."""
    valid = np.asarray(mask_NS).astype(bool)
    counts = valid.sum(axis=1)
    vectors: Floats = vectors_NSD[valid].astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-20)
    logits = np.zeros(len(vectors), np.float32) if logits_NS is None else logits_NS[valid]
    slots = valid.shape[1] if mask_mode == "zero" else 0
    return Packed(vectors, weights_of(logits, counts), counts, slots)


def pack_encodings(encodings: Sequence[Encoding], slots: int = 0) -> Packed:
    """Encoded texts or videos end to end."""
    counts = np.array([len(encoding) for encoding in encodings], np.intp)
    return Packed(
        np.concatenate([encoding.vectors for encoding in encodings]),
        np.concatenate([encoding.weights for encoding in encodings]),
        counts,
        slots,
    )


def weights_of(logits: NDArray[np.floating], counts: NDArray[np.integer]) -> Floats:
    """Softmax within each item: `logits` [M] of items with `counts` [N] vectors each."""
    filled = counts > 0
    if not filled.any():
        return np.zeros(0, np.float32)
    starts = starts_of(counts[filled])
    plain: Floats = logits.astype(np.float32)
    peaks = np.maximum.reduceat(plain, starts)
    raised: Floats = np.exp(plain - np.repeat(peaks, counts[filled]))
    totals = np.repeat(np.add.reduceat(raised, starts), counts[filled])
    return (raised / totals).astype(np.float32, copy=False)


def score_all(texts: Packed, videos: Packed) -> Floats:
    """Scores of every text with every video, [A,V]."""
    scores = np.zeros((len(texts), len(videos)), np.float32)
    for slab in slabs(texts, videos):
        scores[:, slab.videos] = slab.scores
    return scores


def best_of(texts: Packed, parts: Iterable[Packed], limit: int) -> Best:
    """The `limit` best videos of each text; the matrix is never held.

    Videos come in `parts`, one after another, and are numbered through.
    """
    kept = Best(np.zeros((len(texts), 0), np.intp), np.zeros((len(texts), 0), np.float32))
    first = 0
    for part in parts:
        for slab in slabs(texts, part):
            kept = _merged(kept, slab, first, limit)
        kept = _merged(kept, _of_empty(part, len(texts)), first, limit)
        first += len(part)
    order = np.lexsort((kept.videos, -kept.scores), axis=1)
    return Best(
        np.take_along_axis(kept.videos, order, 1), np.take_along_axis(kept.scores, order, 1)
    )


def slabs(texts: Packed, videos: Packed) -> Iterator[Slab]:
    """Scores of all texts with a group of videos at a time; videos without frames are left out."""
    text_groups = [_Group.of(texts, items, slots) for items, slots in _grouped(texts, TEXT_ROWS)]
    rows = max((len(group.vectors) for group in text_groups), default=0)
    buffer = np.empty(0, np.float32)
    for items, slots in _grouped(videos, VIDEO_ROWS):
        group = _Group.of(videos, items, slots)
        needed = rows * len(group.vectors)
        if len(buffer) < needed:
            buffer = np.empty(needed, np.float32)
        scores = np.zeros((len(texts), len(items)), np.float32)
        for text in text_groups:
            scores[text.items] = _block(text, group, buffer)
        yield Slab(items, scores)


def starts_of(counts: NDArray[np.integer]) -> NDArray[np.intp]:
    """Where each item begins."""
    return np.concatenate([[0], np.cumsum(counts[:-1])]).astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Items n of nearly equal length, slot after slot: `vectors` [L*n,D], `weights` [L,n].

    A shorter item is filled up with its own last vector, without weight: that changes no maximum.
    """

    items: NDArray[np.intp]
    vectors: Floats
    weights: Floats
    floor: Floats | None
    """[n]: the least a match with each item scores; None where there is no such least."""

    @classmethod
    def of(cls, side: Packed, items: NDArray[np.intp], slots: int) -> _Group:
        counts = side.counts[items]
        slot_L1 = np.arange(slots)[:, None]
        rows_Ln = starts_of(side.counts)[items] + np.minimum(slot_L1, counts - 1)
        weights = np.where(slot_L1 < counts, side.weights[rows_Ln], np.float32(0))
        vectors = side.vectors[rows_Ln.ravel()].astype(np.float32, copy=False)
        short = counts < side.slots
        floor = np.where(short, np.float32(0), np.float32(-np.inf)) if short.any() else None
        return cls(items, vectors, weights, floor)


def _grouped(side: Packed, most_rows: int) -> Iterator[tuple[NDArray[np.intp], int]]:
    """Items of nearly equal length with the length of the longest, longest first; none is empty."""
    order = np.argsort(-side.counts, kind="stable")
    counts = side.counts[order]
    first, end = 0, int((counts > 0).sum())
    while first < end:
        longest = int(counts[first])
        alike = int(np.searchsorted(-counts, -UNEVEN * longest, side="right"))
        last = min(max(alike, first + FEW), first + max(1, most_rows // longest), end)
        yield order[first:last], longest
        first = last


def _block(text: _Group, video: _Group, buffer: Floats) -> Floats:
    """Scores [a,v] of a group of texts with a group of videos."""
    (T, a), (F, v) = text.weights.shape, video.weights.shape
    sims = buffer[: T * a * F * v].reshape(T * a, F * v)
    np.matmul(text.vectors, video.vectors.T, out=sims)
    best_frame_Tav = sims.reshape(T, a, F, v).max(axis=2)
    best_token_aFv = sims.reshape(T, a * F * v).max(axis=0).reshape(a, F, v)
    if video.floor is not None:
        np.maximum(best_frame_Tav, video.floor, out=best_frame_Tav)
    if text.floor is not None:
        np.maximum(best_token_aFv, text.floor[:, None, None], out=best_token_aFv)
    to_video = np.einsum("tav,ta->av", best_frame_Tav, text.weights)
    to_text = np.einsum("afv,fv->av", best_token_aFv, video.weights)
    return (to_video + to_text) / 2


def _merged(kept: Best, slab: Slab, first: int, limit: int) -> Best:
    """What stays of both; videos of the slab are numbered from `first`."""
    numbers = np.broadcast_to(slab.videos + first, slab.scores.shape)
    videos = np.concatenate([kept.videos, numbers], axis=1)
    scores = np.concatenate([kept.scores, slab.scores], axis=1)
    if scores.shape[1] <= limit:
        return Best(videos, scores)
    chosen = np.argpartition(-scores, limit - 1, axis=1)[:, :limit]
    return Best(np.take_along_axis(videos, chosen, 1), np.take_along_axis(scores, chosen, 1))


def _of_empty(part: Packed, texts: int) -> Slab:
    """Videos without frames: they score 0."""
    empty = np.flatnonzero(part.counts == 0)
    return Slab(empty, np.zeros((texts, len(empty)), np.float32))
