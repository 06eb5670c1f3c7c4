"""Pairs of steps of which the first should stand higher than the second, from raters' scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def hard_pair(relevant: Sequence[int], totals: Sequence[float]) -> tuple[int, int]:
    """The relevant clip that raters like best (the last on ties), and least (the first on ties).

    >>> hard_pair([18, 25, 27], [5, 8, 8])
    (27, 18)
    """
    order = np.argsort(np.asarray(totals), kind="stable")
    return int(relevant[order[-1]]), int(relevant[order[0]])


def easy_pair(
    relevant: Sequence[int], steps: int, generator: np.random.Generator
) -> tuple[int, int] | None:
    """A relevant and an irrelevant clip at random; None when all of `steps` are relevant."""
    others = np.setdiff1d(np.arange(steps), np.asarray(relevant))
    if not len(others):
        return None
    return int(generator.choice(np.asarray(relevant))), int(generator.choice(others))
