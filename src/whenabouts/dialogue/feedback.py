"""Relevance feedback: results that were liked and disliked move the query (Rocchio).

J. J. Rocchio, Relevance feedback in information retrieval, 1971: the new query is the old one plus
a share of the mean of what was judged relevant, less a share of the mean of what was not. Scores
are dot products, so moving the query by these vectors adds their dot products to the scores, which
is how it is done here: the scores of the words stay exact. Legend: N frames, D width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.store.rows import FrameRows
from whenabouts.systems.peaks import within
from whenabouts.types import Moment

Floats = NDArray[np.float32]
LIKED, DISLIKED = 0.75, 0.25
"""Rocchio's beta and gamma; alpha is 1."""
SHARPNESS = 8.0
"""How strongly a difference of cosines counts against a difference of scores."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Mean vectors [D] of what was liked and disliked; None for none."""

    liked: Floats | None
    disliked: Floats | None

    @property
    def any(self) -> bool:
        """Whether anything was judged."""
        return self.liked is not None or self.disliked is not None

    def moved(self, query: Floats) -> Floats:
        """The query [D] after the judgements, unit length."""
        moved = query.astype(np.float32)
        if self.liked is not None:
            moved = moved + LIKED * self.liked
        if self.disliked is not None:
            moved = moved - DISLIKED * self.disliked
        return moved / max(float(np.linalg.norm(moved)), 1e-9)

    def gain(self, frames: FrameRows) -> float:
        """What the judgements add to the score of a video: its best frame for either side."""
        total = 0.0
        if self.liked is not None:
            total += LIKED * float((frames.vectors @ self.liked).max())
        if self.disliked is not None:
            total -= DISLIKED * float((frames.vectors @ self.disliked).max())
        return total


def judged(
    liked: Sequence[Moment], disliked: Sequence[Moment], stored: Mapping[str, FrameRows]
) -> Judged:
    """The judgements as vectors, from the stored frames of the moments."""
    return Judged(_mean(liked, stored), _mean(disliked, stored))


def _mean(moments: Sequence[Moment], stored: Mapping[str, FrameRows]) -> Floats | None:
    vectors: list[Floats] = []
    for moment in moments:
        frames = stored.get(moment.video.id)
        if frames is None or not len(frames):
            continue
        first, last = within(frames.times_s, moment.span)
        mean = np.asarray(frames.vectors[first:last], np.float32).mean(axis=0)
        vectors.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    if not vectors:
        return None
    mean = np.mean(vectors, axis=0)
    return (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)


def shared(scores: Mapping[str, float], gains: Mapping[str, float]) -> dict[str, float]:
    """Scores of videos times what feedback says of them, against the mean of all of them."""
    if not gains:
        return dict(scores)
    middle = float(np.mean(list(gains.values())))
    return {
        video: score * float(np.exp(SHARPNESS * (gains.get(video, middle) - middle)))
        for video, score in scores.items()
    }
