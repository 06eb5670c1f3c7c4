"""The numpy score: many videos at once, curves, windows, words."""

import numpy as np
import pytest

from whenabouts.models import scoring
from whenabouts.types import Encoding


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def unit(rng, count, width=16):
    drawn = rng.standard_normal((count, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.fixture
def query(rng):
    weights = rng.random(5).astype(np.float32)
    return Encoding(unit(rng, 5), weights / weights.sum(), words=("", "a", "red", "square", ""))


def by_hand(query, vectors, logits):
    sims = query.vectors.astype(float) @ vectors.T.astype(float)
    weights = np.exp(logits) / np.exp(logits).sum()
    return (query.weights @ sims.max(axis=1) + weights @ sims.max(axis=0)) / 2


def test_many_are_one_by_one(rng, query):
    counts = np.array([3, 0, 1, 7, 0])
    vectors, logits = unit(rng, 11), rng.standard_normal(11).astype(np.float32)
    scores = scoring.score_many(query, vectors, logits, counts)
    ends = np.cumsum(counts)
    for score, end, count in zip(scores, ends, counts, strict=True):
        part = slice(end - count, end)
        expected = by_hand(query, vectors[part], logits[part]) if count else 0
        assert score == pytest.approx(expected, abs=1e-6)
        assert scoring.score(query, vectors[part], logits[part]) == pytest.approx(
            expected, abs=1e-6
        )


def test_huge_logits_do_not_overflow(rng, query):
    logits = np.array([1000, -1000, 999], np.float32)
    score = scoring.score_many(query, unit(rng, 3), logits, np.array([3]))
    assert np.isfinite(score).all()
    assert scoring.frame_weights(logits, np.array([3])).sum() == pytest.approx(1)


def test_half_precision_in_chunks(rng, query, monkeypatch):
    vectors, logits = unit(rng, 50), np.zeros(50, np.float32)
    exact = scoring.score_many(query, vectors, logits, np.array([20, 30]))
    monkeypatch.setattr(scoring, "_CHUNK_FRAMES", 7)
    half = scoring.score_many(query, vectors.astype(np.float16), logits, np.array([20, 30]))
    np.testing.assert_allclose(half, exact, atol=1e-3)


def test_nothing_at_all(query):
    nothing = np.zeros((0, 16), np.float32)
    assert scoring.score_many(query, nothing, np.zeros(0), np.zeros(3, int)).tolist() == [0, 0, 0]
    assert scoring.frame_scores(query, nothing).shape == (0,)
    assert scoring.softmax(np.zeros(0)).shape == (0,)


def test_curve_is_each_frame_alone(rng, query):
    vectors = unit(rng, 6)
    curve = scoring.frame_scores(query, vectors)
    for index in range(6):
        alone = scoring.score(query, vectors[index : index + 1], np.zeros(1, np.float32))
        assert curve[index] == pytest.approx(alone, abs=1e-6)


def test_windows(rng, query):
    vectors, logits = unit(rng, 9), rng.standard_normal(9).astype(np.float32)
    windows = [(0, 9), (2, 5), (8, 9), (3, 3)]
    scores = scoring.window_scores(query, vectors, logits, windows)
    for score, (first, last) in zip(scores, windows, strict=True):
        expected = scoring.score(query, vectors[first:last], logits[first:last])
        assert score == pytest.approx(expected, abs=1e-6)


def test_words_behind_a_frame():
    """The best ones in the order of the text; not start and end, nor those that say little."""
    vectors = np.eye(5, dtype=np.float32)
    words = ("", "red", "a", "square", "moves")
    query = Encoding(vectors, np.full(5, 0.2, np.float32), words=words)
    frame = np.array([0.9, 0.5, 0.01, 0.6, 0.4], np.float32)
    assert scoring.best_words(query, frame) == ("red", "square", "moves")
    assert scoring.best_words(query, frame, limit=1) == ("square",)
    assert scoring.best_words(query, frame, limit=9) == ("red", "square", "moves")
    assert scoring.best_words(Encoding(vectors, query.weights), frame) == ()
