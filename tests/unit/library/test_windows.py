"""Scores of all candidates at once equal the plain score of each window."""

import numpy as np
import pytest

from whenabouts.library.windows import LENGTHS, best_windows, join
from whenabouts.models.scoring import score
from whenabouts.store.rows import FrameRows
from whenabouts.types import Encoding


def unit(random, count, width=12):
    vectors = random.standard_normal((count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(random, count):
    times_s = np.arange(count, dtype=float)
    logits = random.standard_normal(count).astype(np.float32)
    return FrameRows(unit(random, count), logits, times_s, times_s + 1)


@pytest.mark.parametrize("seed", range(4))
def test_the_best_window_is_the_best_of_all(seed):
    random = np.random.default_rng(seed)
    videos = [rows(random, count) for count in (1, 3, 70, 17, 2, 1, 64)]
    weights = random.random(5).astype(np.float32)
    query = Encoding(unit(random, 5), weights / weights.sum())
    joint = join(videos, step_s=1.0)
    best = best_windows(query.weights, query.vectors @ joint.vectors.T, joint)
    for number, video in enumerate(videos):
        count = len(video)
        lengths = {length for length in (1, *LENGTHS) if length <= count}
        lengths |= {count} if count <= LENGTHS[-1] else set()
        every = {
            (first, first + length): score(
                query, video.vectors[first : first + length], video.logits[first : first + length]
            )
            for length in lengths
            for first in range(count - length + 1)
        }
        start = int(joint.starts[number])
        where = (int(best.first[number]) - start, int(best.last[number]) - start)
        assert best.scores[number] == pytest.approx(max(every.values()), abs=1e-5)
        assert every[where] == pytest.approx(max(every.values()), abs=1e-5)


def test_a_row_that_stands_long_weighs_like_all_the_frames_it_stands_for():
    random = np.random.default_rng(5)
    a, b = unit(random, 2)
    every = FrameRows(
        np.stack([a, a, a, b]), np.zeros(4, np.float32), np.arange(4.0), np.arange(1, 5.0)
    )
    merged = FrameRows(
        np.stack([a, b]), np.zeros(2, np.float32), np.array([0.0, 3.0]), np.array([3.0, 4.0])
    )
    query = unit(random, 3)
    weights = np.full(3, 1 / 3, np.float32)
    scores = [
        best_windows(weights, query @ joint.vectors.T, joint).scores
        for joint in (join([every], 1.0), join([merged], 1.0))
    ]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_one_good_moment_in_a_long_video_is_not_diluted():
    random = np.random.default_rng(6)
    query = Encoding(unit(random, 1), np.ones(1, np.float32))
    long = unit(random, 5000)
    long[3000:3004] = query.vectors[0]
    times_s = np.arange(5000.0)
    joint = join([FrameRows(long, np.zeros(5000, np.float32), times_s, times_s + 1)], 1.0)
    best = best_windows(query.weights, query.vectors @ joint.vectors.T, joint)
    assert best.scores[0] == pytest.approx(1.0, abs=1e-5)
    assert 3000 <= best.first[0] < best.last[0] <= 3004
