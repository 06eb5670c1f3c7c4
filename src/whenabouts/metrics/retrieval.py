"""Retrieval figures: how far up the right item stands in each ranked list.

Shapes: Q queries, N items. Ranks are 0-based; percent for R@K, 1-based for MdR and MnR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

Ties = Literal["expected", "optimistic", "pessimistic", "reference"]
"""Where the right item stands among items with exactly its score: in the middle on average, first,
last, or, as in the published CLIP4Clip and DRL scorers, at every one of their places at once."""

_SHARE: dict[Ties, float] = {"optimistic": 0.0, "expected": 0.5, "pessimistic": 1.0}
CUTS = (1, 5, 10, 50)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where each query's item stands, before anything is said about ties; int [Q] each."""

    better: NDArray[np.int64]
    """Items with a higher score."""
    equal: NDArray[np.int64]
    """Other items with the same score; -1 where the score is not a number."""
    items: int
    """N."""

    def ranks(self, ties: Ties = "expected") -> NDArray[np.float64]:
        """0-based ranks [Q], longer under `reference` ties; what is not a number ranks last."""
        if ties == "reference":
            pairs = zip(self.better, self.equal, strict=True)
            places = [np.arange(a, a + e + 1) for a, e in pairs if e >= 0]
            return np.concatenate([*places, np.empty(0)]).astype(np.float64)
        placed = self.better + _SHARE[ties] * self.equal
        return np.where(self.equal < 0, self.items - 1, placed)


def standing(
    scores_QN: NDArray[np.floating], target_Q: NDArray[np.integer] | None = None
) -> Standing:
    """How many items stand above and beside each query's own.

    `target_Q` is the column of each query's item; None: the diagonal.
    """
    scores = np.asarray(scores_QN)
    if scores.ndim != 2 or not scores.size:
        raise InputError(f"scores must be [queries, items] and not empty, got {scores.shape}")
    target = np.arange(len(scores)) if target_Q is None else np.asarray(target_Q)
    if target.shape != (len(scores),) or target.min() < 0 or target.max() >= scores.shape[1]:
        raise InputError(
            f"{len(scores)} queries need as many targets below {scores.shape[1]}, got "
            f"{target.shape}, highest {target.max(initial=-1)}"
        )
    own = scores[np.arange(len(scores)), target][:, None]
    return Standing(
        (scores > own).sum(axis=1), (scores == own).sum(axis=1) - 1, int(scores.shape[1])
    )


def ranks(
    scores_QN: NDArray[np.floating],
    target_Q: NDArray[np.integer] | None = None,
    ties: Ties = "expected",
) -> NDArray[np.float64]:
    """0-based rank of each query's target, float64 [Q] (longer under `reference` ties).

    `target_Q` is the column of each query's item; None: the diagonal. Half ranks come from
    `expected` ties. A score that is not a number ranks its query last.
    """
    return standing(scores_QN, target_Q).ranks(ties)


def recall(ranks_Q: NDArray[np.float64], cut: int) -> float:
    """R@cut in percent: the share of ranks below `cut`."""
    return 100.0 * float(np.mean(ranks_Q < cut))


def figures(ranks_Q: NDArray[np.float64]) -> dict[str, float]:
    """R@1, R@5, R@10, R@50 in percent, MdR and MnR (median and mean rank, 1 is best)."""
    found = {f"R@{cut}": recall(ranks_Q, cut) for cut in CUTS}
    return found | {"MdR": float(np.median(ranks_Q)) + 1, "MnR": float(np.mean(ranks_Q)) + 1}


def retrieval(scores_QN: NDArray[np.floating], ties: Ties = "expected") -> dict[str, float]:
    """Figures of a square score matrix whose i-th query belongs to the i-th item.

    >>> retrieval(np.eye(4))["R@1"]
    100.0
    """
    return figures(ranks(scores_QN, ties=ties))


def caption_standing(
    scores_CN: NDArray[np.floating], owner_C: NDArray[np.integer]
) -> dict[str, Standing]:
    """Both directions when items have several captions (the MSVD protocol).

    `scores_CN` [captions, videos], `owner_C` the video of each caption. Text to video: each caption
    is a query. Video to text: the other videos' best captions compete with this video's best one.
    """
    scores, owner = np.asarray(scores_CN), np.asarray(owner_C)
    groups = np.full((scores.shape[1], scores.shape[1]), -np.inf, scores.dtype)
    for video in range(scores.shape[1]):
        mine = owner == video
        if not mine.any():
            raise InputError(f"video {video} has no caption; every video needs at least one")
        groups[:, video] = scores[mine].max(axis=0)
    return {"text_to_video": standing(scores, owner), "video_to_text": standing(groups)}


def caption_figures(
    standings: Mapping[str, Standing], ties: Ties = "expected"
) -> dict[str, dict[str, float]]:
    """Figures of both directions from their standings.

    The median of text to video is the lower one, as published, and its ties are never those of the
    reference, which sorts there.
    """
    places = standings["text_to_video"].ranks("expected" if ties == "reference" else ties)
    forward = figures(places)
    forward["MdR"] = float(np.sort(places)[(len(places) - 1) // 2]) + 1
    back = figures(standings["video_to_text"].ranks(ties))
    return {"text_to_video": forward, "video_to_text": back}


def caption_retrieval(
    scores_CN: NDArray[np.floating], owner_C: NDArray[np.integer], ties: Ties = "expected"
) -> dict[str, dict[str, float]]:
    """Figures of both directions when items have several captions; see `caption_standing`."""
    return caption_figures(caption_standing(scores_CN, owner_C), ties)
