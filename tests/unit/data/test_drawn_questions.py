"""Questions about drawn videos: only those that were asked for, the same each time."""

from random import Random

import pytest

from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.data.qa.samples import DrawnQa, DrawnQaSettings
from whenabouts.errors import DataError

FRAMES = FrameSettings(frames=2, size_px=28, way="middle", crop="whole")


def drawn(**given) -> DrawnQa:
    told = {"videos": 12, "duration_s": (4.0, 8.0), "scenes": (1, 2), "options": 3} | given
    return DrawnQa(DrawnQaSettings.model_validate(told), FRAMES)


def test_a_video_that_offers_no_such_question_gives_way_to_the_next():
    some = drawn(kinds=("descriptive",), asks=("what colour",))
    for place in range(12):
        sample = some.sample(place, Random(place))
        assert sample.row.dataset == "nextqa"
        assert len(sample.row.options) == 3
        assert sample.row.spans


def test_queries_come_as_often_as_asked():
    kinds = [drawn(queries=1.0).sample(place, Random(place)).row.dataset for place in range(4)]
    assert kinds == ["qvhighlights"] * 4


def test_what_no_video_offers_is_an_error():
    one = drawn(videos=2, kinds=("descriptive",), asks=("what after",))
    with pytest.raises(DataError, match="none of 2 videos"):
        one.sample(0, Random(0))


def test_a_sample_is_the_same_for_the_same_dice():
    some = drawn(kinds=("descriptive",))
    one, other = some.sample(3, Random(5)), some.sample(3, Random(5))
    assert one.row == other.row
    assert (one.clip.pixels == other.clip.pixels).all()
