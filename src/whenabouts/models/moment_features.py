"""What Moment-DETR reads of a video and a text: rows of numbers, one a step or word. No torch.

Shapes: N steps, T tokens, D columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.models.scoring import similarities
from whenabouts.types import Encoding

Floats = NDArray[np.float32]
_EPS = 1e-5
MATCH_COLUMNS = 3


def unit_rows(features_ND: NDArray[np.floating]) -> Floats:
    """Each row over its length plus 1e-5, as published."""
    plain = features_ND.astype(np.float32)
    return plain / (np.linalg.norm(plain, axis=-1, keepdims=True) + np.float32(_EPS))


def beside(kinds: Sequence[NDArray[np.floating]], most: int) -> Floats:
    """Several kinds of features of one video beside each other, each of unit length.

    Cut to the shortest kind and to `most` steps.
    """
    length = min(most, *(len(kind) for kind in kinds))
    return np.concatenate([unit_rows(kind[:length]) for kind in kinds], axis=1)


def with_places(video_ND: Floats) -> Floats:
    """Two columns more: where each step begins and ends, in shares of all."""
    count = len(video_ND)
    edges = np.arange(count + 1, dtype=np.float32) / np.float32(max(count, 1))
    return np.concatenate([video_ND, edges[:-1, None], edges[1:, None]], axis=1)


def with_match(vectors_ND: Floats, query: Encoding) -> Floats:
    """Frames with how well each fits a query: `MATCH_COLUMNS` columns more.

    Both halves of the token-wise score of a clip of this one frame, over what is usual in the
    video, and the score itself.
    """
    similarity_TN = similarities(query, vectors_ND)
    halves = np.stack([query.weights @ similarity_TN, similarity_TN.max(axis=0)], axis=1)
    usual = (halves - halves.mean(axis=0)) / (halves.std(axis=0) + np.float32(0.02))
    score = halves.mean(axis=1, keepdims=True)
    return np.concatenate([vectors_ND, usual, score], axis=1, dtype=np.float32)


def even_rows(times_s: NDArray[np.float64], duration_s: float, step_s: float) -> NDArray[np.intp]:
    """Which frame is shown in each step of an even grid from 0 on; a frame stands until the next.

    A library leaves out frames that are like the one before; here they are again.
    """
    count = max(1, int(duration_s / step_s + 0.5))
    # A frame that comes a little late, as its file has it, still belongs to its own step.
    at = np.arange(count) * step_s + step_s * 0.25
    return (np.searchsorted(times_s, at, side="right") - 1).clip(0)
