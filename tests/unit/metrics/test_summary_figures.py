"""Summaries against raters: correlations, shots and F-scores."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.metrics.summaries import (
    f_score,
    kendall,
    key_shots,
    rank_correlations,
    spearman,
    stretched,
)


def slow_kendall(left, right):
    pairs = list(itertools.combinations(range(len(left)), 2))
    signs = [(np.sign(left[i] - left[j]), np.sign(right[i] - right[j])) for i, j in pairs]
    untied = [sum(sign[side] != 0 for sign in signs) for side in (0, 1)]
    size = np.sqrt(untied[0] * untied[1])
    return sum(a * b for a, b in signs) / size if size else 0.0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=40))
def test_kendall_is_what_counting_all_pairs_gives(values):
    left, right = np.array(values, float).T
    assert kendall(left, right) == pytest.approx(slow_kendall(left, right), abs=1e-12)


def test_known_correlations():
    left, right = np.array([12.0, 2, 1, 12, 2]), np.array([1.0, 4, 7, 1, 0])
    assert kendall(left, right) == pytest.approx(-0.47140452079103173, abs=1e-15)
    rising, other = np.arange(1.0, 6), np.array([5.0, 6, 7, 8, 7])
    assert spearman(rising, other) == pytest.approx(0.8207826816681233, abs=1e-15)
    raters = np.stack([rising, -rising, np.ones(5)])
    assert rank_correlations(rising, raters) == (0.0, 0.0)


def test_the_best_shots_that_fit_are_taken():
    scores = np.repeat([3.0, 5, 4, 1], [10, 20, 10, 60])
    shots = [(0, 9), (10, 29), (30, 39), (40, 99)]
    chosen = key_shots(scores, shots, budget=0.2)
    # One shot of 20 with 5, or two of 10 with 3 + 4.
    assert np.flatnonzero(chosen).tolist() == [*range(10), *range(30, 40)]
    with pytest.raises(InputError, match="4 shots for 99"):
        key_shots(scores[:99], shots)


def test_f_scores_over_raters():
    selected = np.array([1, 1, 0, 0], bool)
    raters = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], bool)
    assert f_score(selected, raters, "mean") == pytest.approx(0.5)
    assert f_score(selected, raters, "max") == 1.0
    assert f_score(np.zeros(4, bool), raters, "max") == 0.0


def test_scores_of_clips_stand_for_their_frames():
    assert stretched([1, 2], 5).tolist() == [1, 1, 1, 2, 2]
    with pytest.raises(InputError, match="finite"):
        stretched([1.0, float("nan")], 5)
