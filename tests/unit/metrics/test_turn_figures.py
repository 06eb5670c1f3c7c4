from pathlib import Path

import pytest

from whenabouts import catalog
from whenabouts.errors import InputError
from whenabouts.types import Example, Moment, Span, Turn, Video

VIDEOS = [Video(str(i), Path(f"{i}.mp4"), 10.0, 25.0, 4, 4) for i in range(4)]


def moment(video, start=0.0, end=10.0):
    return Moment(VIDEOS[video], Span(start, end), 1.0)


def example(name, *moments):
    asked = Turn("user", "a red star", "ask")
    return Example(name, None, (asked,), Turn("assistant", "", "moment", moments))


def turn(*moments):
    return Turn("assistant", "", "moment", moments)


def test_videos_rank_once_however_many_moments_they_have():
    metric = catalog.part("metric", "video-retrieval")()
    examples = [example("a", moment(1)), example("b", moment(0)), example("c", moment(3))]
    told = {
        "a": turn(moment(0, 0, 1), moment(0, 2, 3), moment(1)),
        "b": turn(moment(0)),
        "c": turn(moment(0)),
    }
    found = metric(told, examples)
    assert found["R@1"] == pytest.approx(100 / 3)
    assert found["R@5"] == found["R@50"] == pytest.approx(200 / 3)


def test_moments_of_other_videos_do_not_count():
    metric = catalog.part("metric", "moment-retrieval")()
    examples = [example("a", moment(1, 0, 4)), example("b", moment(0, 0, 4))]
    told = {"a": turn(moment(0, 0, 4), moment(1, 0, 3)), "b": turn(moment(2, 0, 4))}
    found = metric(told, examples)
    assert found["R@1 IoU=0.7"] == 50 and found["mIoU"] == pytest.approx(37.5)


def test_a_missing_prediction_is_refused():
    with pytest.raises(InputError, match="no prediction for example 'a'"):
        catalog.part("metric", "video-retrieval")()({}, [example("a", moment(1))])
