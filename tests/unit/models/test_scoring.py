"""The numpy score: one video, words."""

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


def test_one_by_hand(rng, query):
    vectors, logits = unit(rng, 7), rng.standard_normal(7).astype(np.float32)
    expected = by_hand(query, vectors, logits)
    assert scoring.score(query, vectors, logits) == pytest.approx(expected, abs=1e-6)


def test_huge_logits_do_not_overflow(rng, query):
    logits = np.array([1000, -1000, 999], np.float32)
    assert np.isfinite(scoring.score(query, unit(rng, 3), logits))


def test_half_precision_in_chunks(rng, query, monkeypatch):
    vectors, logits = unit(rng, 50), np.zeros(50, np.float32)
    exact = scoring.score(query, vectors, logits)
    monkeypatch.setattr(scoring, "_CHUNK_FRAMES", 7)
    half = scoring.score(query, vectors.astype(np.float16), logits)
    assert half == pytest.approx(exact, abs=1e-3)


def test_nothing_at_all(query):
    assert scoring.score(query, np.zeros((0, 16), np.float32), np.zeros(0)) == 0
    assert scoring.softmax(np.zeros(0)).shape == (0,)


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


def test_each_word_has_its_frame_and_both_weights():
    """Pieces of one word count together; start and end are no words."""
    words = ("", "red", "square", "square", "moves", "")
    weights = np.array([0.1, 0.3, 0.1, 0.2, 0.2, 0.1], np.float32)
    query = Encoding(np.eye(6, dtype=np.float32), weights, words=words)
    sims = np.zeros((6, 3), np.float32)
    sims[1], sims[2], sims[3], sims[4] = (0.5, 0.1, 0), (0, 0.9, 0), (0, 0, 0.6), (0.1, 0, 0.2)
    frames = Encoding(
        np.eye(6, dtype=np.float32)[:3], np.array([2, 1, 1], np.float32), np.array([4.0, 5.0, 6.0])
    )
    red, square, moves = scoring.word_matches(query, frames, sims)
    assert (red.word, red.time_s, red.frame_weight) == ("red", 4.0, 0.5)
    assert (red.weight, red.score) == (pytest.approx(0.3), 0.5)
    assert (square.word, square.time_s) == ("square", 6.0)
    assert square.weight == pytest.approx(0.3)
    assert square.score == pytest.approx(0.4)
    assert moves.time_s == 6.0
    assert [m.word for m in scoring.word_matches(query, frames, sims, 1)] == ["red"]
    whole = Encoding(query.vectors[:1], np.ones(1, np.float32), words=("a red square",))
    assert scoring.word_matches(whole, frames, sims[:1]) == ()
