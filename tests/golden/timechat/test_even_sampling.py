"""Which frames TimeChat looks at, and the sentence that tells their times."""

from random import Random

import numpy as np
import pytest

from whenabouts.models.frame_times import printed_times, times_in, video_sentence
from whenabouts.models.positions import even_positions

pytestmark = pytest.mark.golden("timechat/frame_sampling*")


def entries(case, way):
    found = [entry for entry in case.facts["entries"] if entry["sampling"] == way]
    assert found
    return found


def test_uniform_frames_are_those_of_the_published_code(case):
    for entry in entries(case, "uniform"):
        mine = even_positions(entry["n_frames"], entry["n_frms"])
        count = min(entry["n_frames"], entry["n_frms"])
        assert mine == entry["indices"][:count], entry["n_frames"]


def test_the_sentence_tells_the_times_of_the_frames(case):
    for entry in case.facts["entries"]:
        times = printed_times(index / entry["fps"] for index in entry["indices"])
        assert video_sentence(times) == entry["message"]
        assert times_in(entry["message"]) == times


def intervals(entry):
    borders = np.linspace(0, entry["n_frames"], entry["n_frms"] + 1).astype(int)
    return list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))


def test_random_frames_stay_in_their_intervals(case):
    for entry in entries(case, "rand"):
        mine = even_positions(entry["n_frames"], entry["n_frms"], "rand", Random(entry["seed"]))
        assert len(mine) == len(entry["indices"])
        if entry["n_frames"] > entry["n_frms"] and all(b - a > 1 for a, b in intervals(entry)):
            for index, (low, high) in zip(mine, intervals(entry), strict=True):
                assert low <= index < high - 1
            assert mine == entry["indices"], "the same seed draws the same frames"
        else:
            assert mine == sorted(set(mine))
            assert set(mine) <= set(range(entry["n_frames"]))


def test_both_halves_give_as_many_frames(case):
    for entry in entries(case, "headtail"):
        mine = even_positions(entry["n_frames"], entry["n_frms"], "headtail", Random(1))
        middle = entry["n_frames"] // 2
        assert len(mine) == len(entry["indices"])
        assert mine == sorted(mine)
        assert sum(index < middle for index in mine) == len(mine) // 2
