"""Retrieval figures: how far up the right item stands in each ranked list.

Shapes: Q queries, N items. Ranks are 0-based; percent for R@K, 1-based for MdR and MnR.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

Ties = Literal["expected", "optimistic", "pessimistic", "reference"]
"""Where the right item stands among items with exactly its score: in the middle on average, first,
last, or, as in the published CLIP4Clip and DRL scorers, at every one of their places at once."""

_SHARE: dict[Ties, float] = {"optimistic": 0.0, "expected": 0.5, "pessimistic": 1.0}
_CUTS = (1, 5, 10, 50)


def ranks(
    scores_QN: NDArray[np.floating],
    target_Q: NDArray[np.integer] | None = None,
    ties: Ties = "expected",
) -> NDArray[np.float64]:
    """0-based rank of each query's target, float64 [Q] (longer under `reference` ties).

    `target_Q` is the column of each query's item; None: the diagonal. Half ranks come from
    `expected` ties. A score that is not a number ranks its query last.
    """
    scores = np.asarray(scores_QN, np.float64)
    if scores.ndim != 2 or not scores.size:
        raise InputError(f"scores must be [queries, items] and not empty, got {scores.shape}")
    target = np.arange(len(scores)) if target_Q is None else np.asarray(target_Q)
    if target.shape != (len(scores),) or target.min() < 0 or target.max() >= scores.shape[1]:
        raise InputError(
            f"{len(scores)} queries need as many targets below {scores.shape[1]}, got "
            f"{target.shape}, highest {target.max(initial=-1)}"
        )
    own = scores[np.arange(len(scores)), target][:, None]
    better = (scores > own).sum(axis=1)
    equal = (scores == own).sum(axis=1) - 1
    broken = np.isnan(own[:, 0])
    if ties == "reference":
        places = [np.arange(a, a + e + 1) for a, e in zip(better, equal, strict=True) if e >= 0]
        return np.concatenate([*places, np.empty(0)]).astype(np.float64)
    return np.where(broken, scores.shape[1] - 1, better + _SHARE[ties] * equal)


def recall(ranks_Q: NDArray[np.float64], cut: int) -> float:
    """R@cut in percent: the share of ranks below `cut`."""
    return 100.0 * float(np.mean(ranks_Q < cut))


def figures(ranks_Q: NDArray[np.float64]) -> dict[str, float]:
    """R@1, R@5, R@10, R@50 in percent, MdR and MnR (median and mean rank, 1 is best)."""
    found = {f"R@{cut}": recall(ranks_Q, cut) for cut in _CUTS}
    return found | {"MdR": float(np.median(ranks_Q)) + 1, "MnR": float(np.mean(ranks_Q)) + 1}


def retrieval(scores_QN: NDArray[np.floating], ties: Ties = "expected") -> dict[str, float]:
    """Figures of a square score matrix whose i-th query belongs to the i-th item.

    >>> retrieval(np.eye(4))["R@1"]
    100.0
    """
    return figures(ranks(scores_QN, ties=ties))


def caption_retrieval(
    scores_CN: NDArray[np.floating], owner_C: NDArray[np.integer], ties: Ties = "expected"
) -> dict[str, dict[str, float]]:
    """Both directions when items have several captions (the MSVD protocol).

    `scores_CN` [captions, videos], `owner_C` the video of each caption. Text to video: one rank a
    caption. Video to text: the other videos' best captions compete with this video's best one.
    The median of text to video is the lower one, as published.
    """
    scores = np.asarray(scores_CN, np.float64)
    owner = np.asarray(owner_C)
    to_video = ranks(scores, owner, "expected" if ties == "reference" else ties)
    forward = figures(to_video)
    forward["MdR"] = float(np.sort(to_video)[(len(to_video) - 1) // 2]) + 1
    groups = np.full((scores.shape[1], scores.shape[1]), -np.inf)
    for video in range(scores.shape[1]):
        mine = owner == video
        if not mine.any():
            raise InputError(f"video {video} has no caption; every video needs at least one")
        groups[:, video] = scores[mine].max(axis=0)
    return {"text_to_video": forward, "video_to_text": retrieval(groups, ties)}
