"""Figures from turns: what a system answered, against what the examples hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from whenabouts.errors import InputError
from whenabouts.metrics.grounding import grounding
from whenabouts.metrics.retrieval import figures
from whenabouts.protocols import Metric
from whenabouts.types import Example, Turn


def video_retrieval() -> Metric:
    """R@K, MdR and MnR of the right video among the moments of each predicted turn.

    A video that is not among them ranks behind all that are; MdR and MnR are lower bounds then.
    """
    return _video_retrieval


def moment_retrieval() -> Metric:
    """`R@n IoU=t` and mIoU of the predicted moments of the right video."""
    return _moment_retrieval


def _video_retrieval(
    predictions: Mapping[str, Turn], examples: Sequence[Example]
) -> dict[str, float]:
    ranks: list[float] = []
    for example in examples:
        right = {moment.video.id for moment in example.target.moments}
        told = dict.fromkeys(m.video.id for m in turn_of(predictions, example).moments)
        hits = [place for place, video in enumerate(told) if video in right]
        ranks.append(float(hits[0] if hits else len(told)))
        if not hits:
            # Nothing found is never a hit, however short the list was.
            ranks[-1] = max(ranks[-1], 50.0)
    return figures(np.array(ranks))


def _moment_retrieval(
    predictions: Mapping[str, Turn], examples: Sequence[Example]
) -> dict[str, float]:
    found = [
        [
            moment.span
            for moment in turn_of(predictions, example).moments
            if moment.video.id in {truth.video.id for truth in example.target.moments}
        ]
        for example in examples
    ]
    truths = [[moment.span for moment in example.target.moments] for example in examples]
    return grounding(found, truths)


def turn_of(predictions: Mapping[str, Turn], example: Example) -> Turn:
    """The turn predicted for an example; an error tells of a missing one."""
    try:
        return predictions[example.id]
    except KeyError:
        raise InputError(
            f"no prediction for example {example.id!r} ({len(predictions)} given); predict every "
            "example of the split, with an empty turn where nothing was found"
        ) from None
