import numpy as np
import pytest

from whenabouts.evaluate.interval import clustered_interval, interval, rank_intervals
from whenabouts.metrics.retrieval import figures


def test_intervals_hold_the_figures_and_agree_with_plain_resampling():
    ranks = np.random.default_rng(0).geometric(0.2, 400).astype(float) - 1
    found = rank_intervals(ranks, resamples=2000)
    for name, value in figures(ranks).items():
        low, high = found[name]
        assert low <= value <= high, name
    plain = interval(100.0 * (ranks < 5), 2000)
    assert found["R@5"] == pytest.approx(plain, abs=0.6)
    assert interval(ranks + 1, 2000) == pytest.approx(found["MnR"], abs=0.1)


def test_captions_of_one_video_are_drawn_together():
    """Ten equal captions a video say no more than one: the interval is as wide as of the videos."""
    ranks = np.random.default_rng(1).integers(0, 30, 60).astype(float)
    owner = np.repeat(np.arange(60) * 7, 10)
    alone = rank_intervals(ranks, resamples=2000)["R@10"]
    together = rank_intervals(np.repeat(ranks, 10), owner, resamples=2000)["R@10"]
    apart = rank_intervals(np.repeat(ranks, 10), resamples=2000)["R@10"]
    assert together == pytest.approx(alone, abs=1.5)
    assert apart[1] - apart[0] < 0.5 * (together[1] - together[0])


def test_the_same_seed_gives_the_same_interval():
    ranks = np.arange(20.0)
    assert rank_intervals(ranks, seed=3) == rank_intervals(ranks, seed=3)
    assert rank_intervals(np.zeros(5))["R@1"] == (100.0, 100.0)


def test_values_of_one_group_are_drawn_together():
    groups = [[1.0] * 8, [0.0] * 2]
    low, high = clustered_interval(groups)
    assert (low, high) == (0.0, 1.0)
    assert clustered_interval([[0.0, 1.0]] * 50) == (0.5, 0.5)
