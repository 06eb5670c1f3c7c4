"""Many texts against many videos: the same scores as the networks give, however it is blocked."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.models import pairs
from whenabouts.models.interaction import Tokens, ti, wti
from whenabouts.models.pairs import Packed, best_of, pack, pack_encodings, score_all
from whenabouts.types import Encoding


def draw(seed, lengths, longest, width=8):
    """Padded features; the padding holds values, which must not matter."""
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(len(lengths), longest, width, generator=generator)
    mask = (torch.arange(longest) < torch.tensor(lengths)[:, None]).long()
    return Tokens(vectors, mask, torch.randn(len(lengths), longest, generator=generator))


def packed(tokens, mode="exclude"):
    logits = None if tokens.logits is None else tokens.logits.numpy()
    return pack(tokens.vectors.numpy(), tokens.mask.numpy(), logits, mode)


lengths = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@given(lengths, lengths, st.integers(0, 99), st.sampled_from(["zero", "exclude"]))
def test_scores_are_those_of_the_network(words, frames, seed, mode):
    """Also with rows that are full, without any token, and with cosines below 0 throughout."""
    text, video = draw(seed, words, 6, 2), draw(seed + 1, frames, 6, 2)
    found = score_all(packed(text, mode), packed(video, mode))
    np.testing.assert_allclose(found, wti(text, video, mode).mean.numpy(), atol=1e-5)
    even = Tokens(text.vectors, text.mask), Tokens(video.vectors, video.mask)
    found = score_all(packed(even[0], mode), packed(even[1], mode))
    np.testing.assert_allclose(found, ti(*even, mode).mean.numpy(), atol=1e-5)


def test_blocks_do_not_matter(monkeypatch):
    random = np.random.default_rng(1)
    text = draw(1, random.integers(0, 9, 70).tolist(), 9)
    video = draw(2, random.integers(0, 13, 90).tolist(), 13)
    whole = score_all(packed(text, "zero"), packed(video, "zero"))
    monkeypatch.setattr(pairs, "TEXT_ROWS", 20)
    monkeypatch.setattr(pairs, "VIDEO_ROWS", 30)
    np.testing.assert_allclose(
        score_all(packed(text, "zero"), packed(video, "zero")), whole, atol=1e-6
    )


def test_the_best_are_kept_without_the_matrix():
    random = np.random.default_rng(3)
    text, video = draw(3, [4] * 9, 4), draw(4, random.integers(0, 8, 60).tolist(), 8)
    whole = packed(video)
    found = best_of(packed(text), (whole.part(at, at + 25) for at in (0, 25, 50)), 7)
    scores = score_all(packed(text), whole)
    np.testing.assert_allclose(found.scores, np.sort(scores, axis=1)[:, ::-1][:, :7], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(scores, found.videos, 1), found.scores, atol=1e-6)


def test_videos_without_frames_score_nothing_and_are_kept():
    text, video = draw(5, [2], 3), draw(6, [0, 3, 0], 3)
    found = best_of(packed(text), [packed(video)], 3)
    assert sorted(found.videos[0].tolist()) == [0, 1, 2]
    assert np.count_nonzero(found.scores == 0) == 2


def test_half_precision_is_scored_in_single():
    text, video = packed(draw(7, [3, 5], 5)), packed(draw(8, [2, 6, 4], 6))
    half = Packed(video.vectors.astype(np.float16), video.weights, video.counts)
    assert score_all(text, half).dtype == np.float32
    np.testing.assert_allclose(score_all(text, half), score_all(text, video), atol=2e-3)


def test_encodings_are_taken_as_they_are():
    vectors = np.eye(3, dtype=np.float32)
    one = Encoding(vectors[:2], np.array([0.75, 0.25], np.float32))
    two = Encoding(vectors[1:2], np.ones(1, np.float32))
    texts, videos = pack_encodings([one]), pack_encodings([one, two])
    assert score_all(texts, videos).tolist() == [[1.0, 0.625]]
    np.testing.assert_allclose(videos.pooled()[1], vectors[1])


def test_huge_logits_do_not_overflow():
    weights = pairs.weights_of(np.array([1000, -1000, 999, 5], np.float32), np.array([3, 0, 1]))
    assert weights[:3].sum() == pytest.approx(1)
    assert weights[3] == 1


def test_vectors_that_belong_to_nothing_are_refused():
    with pytest.raises(InputError, match="announced"):
        Packed(np.zeros((3, 2), np.float32), np.ones(3, np.float32), np.array([1, 1]))
