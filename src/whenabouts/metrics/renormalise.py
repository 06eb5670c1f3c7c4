"""Scores changed by looking at all test queries together, or at a bank of other queries.

A search that answers one query at a time cannot do this, so figures with it stand beside the plain
ones under names of their own, and never in their place.
Shapes: Q queries, N items, B bank queries.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

Renormalisation = Literal["dual_softmax", "query_bank"]

Floats = NDArray[np.floating]


def dual_softmax(scores_QN: Floats, temperature: float = 100.0) -> Floats:
    """Each score times the share that its query has of the item, among all queries.

    From "Improving Video-Text Retrieval by Multi-Stream Corpus Alignment and Dual Softmax Loss".
    """
    return scores_QN * _softmax(temperature * scores_QN, axis=0)


def query_bank(scores_QN: Floats, bank_BN: Floats, temperature: float = 20.0) -> Floats:
    """Scores of hubs lowered by how much a bank of other queries likes them.

    The dynamic inverted softmax of "Cross Modal Retrieval with Querybank Normalisation": only
    queries whose best item is also the best of some bank query are changed.
    """
    if bank_BN.ndim != 2 or bank_BN.shape[1] != scores_QN.shape[1]:
        raise InputError(f"a bank of {bank_BN.shape} scores is not over {scores_QN.shape[1]} items")
    hubs = np.unique(bank_BN.argmax(axis=1))
    touched = np.isin(scores_QN.argmax(axis=1), hubs)
    # In logarithms and for each query alone, so that no exponential overflows; order is all that
    # counts within a query.
    peak = bank_BN.max(axis=0)
    liked = temperature * peak + np.log(np.exp(temperature * (bank_BN - peak)).sum(axis=0))
    changed = np.where(touched[:, None], temperature * scores_QN - liked, scores_QN)
    return changed.astype(scores_QN.dtype)


def _softmax(values: Floats, axis: int) -> Floats:
    raised = np.exp(values - values.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)
