"""Candidates, then exact scores: the same scores, and on structured data the same winners."""

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.models.candidates import (
    Sketch,
    coarse_texts,
    coarse_videos,
    exact_among,
    telling,
    two_stages,
)
from whenabouts.models.pairs import Packed, best_of, pack, score_all


def world(texts=60, videos=200, words=6, frames=8, width=64, noise=0.6, seed=0):
    """Each video shows three of fifty things, one a frame; a text names two of its video's."""
    random = np.random.default_rng(seed)
    things = random.standard_normal((50, width)) / np.sqrt(width)
    shown = random.integers(0, 50, (videos, 3))
    seen = things[shown[:, np.arange(frames) % 3]]
    seen += noise * random.standard_normal(seen.shape) / np.sqrt(width)
    told = things[shown[:texts][:, np.arange(words) % 2]]
    told += noise * random.standard_normal(told.shape) / np.sqrt(width)
    some = np.arange(frames) < random.integers(frames // 2, frames + 1, videos)[:, None]
    return told, seen, some


@pytest.mark.parametrize("mode", ["zero", "exclude"])
def test_exact_among_all_is_exact(mode):
    told, seen, some = world()
    some[3] = False
    texts, videos = pack(told, np.ones(told.shape[:2]), None, mode), pack(seen, some, None, mode)
    every = np.broadcast_to(np.arange(len(videos)), (len(texts), len(videos)))
    found = exact_among(texts, videos, every)
    scores = score_all(texts, videos)
    np.testing.assert_allclose(found.scores, np.take_along_axis(scores, found.videos, 1), atol=1e-5)
    assert (np.diff(found.scores, axis=1) <= 0).all()


def test_short_rows_lift_negative_matches_to_zero():
    """The published padding rule holds among candidates too."""
    random = np.random.default_rng(2)
    told, seen = random.standard_normal((3, 4, 2)), random.standard_normal((5, 6, 2))
    said, some = np.arange(4) < np.array([[4], [2], [1]]), np.arange(6) < np.arange(2, 7)[:, None]
    texts, videos = pack(told, said, None, "zero"), pack(seen, some, None, "zero")
    found = exact_among(texts, videos, np.tile(np.arange(5), (3, 1)))
    scores = score_all(texts, videos)
    np.testing.assert_allclose(found.scores, np.take_along_axis(scores, found.videos, 1), atol=1e-5)


@pytest.mark.parametrize("directions", [64, 12])
def test_few_candidates_find_what_all_pairs_find(directions):
    """Whether frames vary in all directions or in a few of them."""
    told, seen, some = world()
    told[..., directions:] *= 0.02
    seen[..., directions:] *= 0.02
    texts, videos = pack(told, np.ones(told.shape[:2])), pack(seen, some)
    exact = best_of(texts, [videos], 10)
    sketch = Sketch.of(videos)
    assert (sketch.basis is None) == (directions == 64)
    found = two_stages(texts, videos, candidates=40, limit=10, sketch=sketch)
    kept = [len(set(a) & set(b)) for a, b in zip(exact.videos, found.videos, strict=True)]
    assert np.mean(kept) / 10 > 0.95
    assert sketch.work_share(texts, videos, 40) < 0.5


def test_telling_words_weigh_most():
    texts = Packed(
        np.arange(12, dtype=np.float32).reshape(6, 2),
        np.array([0.2, 0.5, 0.3, 1, 0.5, 0.5], np.float32),
        np.array([3, 0, 1, 2]),
    )
    found = telling(texts, 2)
    assert found.counts.tolist() == [2, 0, 1, 2]
    assert found.vectors[:, 0].tolist() == [2, 4, 6, 8, 10]
    np.testing.assert_allclose(found.weights, [0.625, 0.375, 1, 0.5, 0.5])


def test_neighbouring_frames_become_one():
    vectors = np.eye(3, dtype=np.float32)
    videos = Packed(vectors, np.array([0.25, 0.75, 1.0], np.float32), np.array([2, 0, 1]))
    coarse = coarse_videos(videos)
    assert coarse.counts.tolist() == [1, 0, 1]
    np.testing.assert_allclose(coarse.weights, [1, 1])
    np.testing.assert_allclose(coarse.vectors[0], [2**-0.5, 2**-0.5, 0], atol=1e-6)


def test_a_text_without_tokens_stays_empty():
    texts = Packed(np.eye(2, dtype=np.float32), np.ones(2, np.float32), np.array([0, 2]))
    assert coarse_texts(texts).counts.tolist() == [0, 1]


def test_lists_for_other_texts_are_refused():
    texts = Packed(np.eye(2, dtype=np.float32), np.ones(2, np.float32), np.array([1, 1]))
    with pytest.raises(InputError, match="2 texts"):
        exact_among(texts, texts, np.zeros((3, 1), np.intp))
