"""SODA: does a list of captioned windows tell the story of a video, in its order.

Source: Fujita et al., "SODA: Story Oriented Dense Video Captioning Evaluation Framework" (ECCV
2020). Shapes: G true events, P predicted ones; `likeness_GP` says how alike two captions are, in
SODA by METEOR, and `ious_GP` how much two windows overlap.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from whenabouts.metrics.windows import Floats

Variant = Literal["a", "b", "c", "d"]
"""What is matched and what is scored: b matches by overlap and scores captions; a does so for each
threshold, with smaller overlaps as 0, and averages; c, the one that is reported, matches and scores
overlap times likeness; d matches and scores overlap alone."""

THRESHOLDS = (0.3, 0.5, 0.7, 0.9)


class Story(NamedTuple):
    """Precision, recall and their harmonic mean, in [0, 1]."""

    precision: float
    recall: float
    f1: float


def soda(ious_GP: Floats, likeness_GP: Floats, variant: Variant = "c") -> Story:
    """SODA of one video, in [0, 1]; the events are in the order in which they must be matched."""
    if variant in "cd":
        gain = ious_GP * likeness_GP if variant == "c" else ious_GP
        return _story(best_order(gain)[0] if gain.size else 0.0, *gain.shape)
    matches = [ious_GP]
    if variant == "a":
        matches = [np.where(ious_GP >= threshold, ious_GP, 0.0) for threshold in THRESHOLDS]
    stories = [_story(_paired(match, likeness_GP), *match.shape) for match in matches]
    return Story(*(float(value) for value in np.mean(stories, axis=0)))


def best_order(gain_GP: Floats) -> tuple[float, list[tuple[int, int]]]:
    """The highest sum of a one-to-one matching that keeps both orders, and its pairs.

    The pairs are read off as in the published code: from the last truth up, the last prediction
    left over at which a match beat both other ways. The first truth is always paired. Where
    matches have no gain, these pairs are not always those of the sum; only variants a and b look.
    """
    truths, predictions = gain_GP.shape
    best = np.zeros((truths + 1, predictions + 1))
    for row in range(truths):
        # Along a row, taking one more prediction can only raise the best: a running maximum.
        taken = np.maximum(best[row, 1:], best[row, :-1] + gain_GP[row])
        best[row + 1, 1:] = np.maximum.accumulate(taken)
    other = np.maximum(best[:-1, 1:], best[1:, :-1])
    matched = best[:-1, :-1] + gain_GP > other
    matched[0, 0] = True
    pairs: list[tuple[int, int]] = []
    left = predictions
    for row in range(truths - 1, -1, -1):
        places = np.flatnonzero(matched[row, :left])
        if len(places):
            left = int(places[-1])
            pairs.append((row, left))
        if not left:
            break
    return float(best[-1, -1]), pairs[::-1]


def _paired(match_GP: Floats, score_GP: Floats) -> float:
    """Scores of the pairs that fit best by `match_GP`."""
    if not match_GP.size:
        return 0.0
    return float(sum(score_GP[pair] for pair in best_order(match_GP)[1]))


def _story(total: float, truths: int, predictions: int) -> Story:
    precision = total / predictions if predictions else 0.0
    recall = total / truths if truths else 0.0
    both = precision + recall
    return Story(precision, recall, 2 * precision * recall / both if both else 0.0)
