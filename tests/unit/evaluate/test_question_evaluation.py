"""Questions asked once for each way to choose frames, and what is made of the answers."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="a SeViLA needs the extra torch")

import tiny_sevila as tiny

from whenabouts.data.instruct.video_clip import FrameSettings
from whenabouts.data.qa.rows import QaRow
from whenabouts.data.qa.samples import FileQa, QaData
from whenabouts.errors import InputError, MediaError
from whenabouts.evaluate import questions as asking
from whenabouts.evaluate.questions import QuestionSettings, evaluate
from whenabouts.systems.sevila import FrameAnswerer
from whenabouts.types import Span
from whenabouts.weights.sevila_folder import OpenSevila

DRAWN = {
    "videos": 4,
    "duration_s": (8.0, 12.0),
    "scenes": (2, 3),
    "kinds": ("descriptive",),
    "options": 3,
}


@pytest.fixture(scope="module")
def answerer():
    return FrameAnswerer(OpenSevila(tiny.network(2), tiny.settings(), tiny.tokens()))


def settings(**changes):
    drawn = {**DRAWN, **changes.pop("drawn", {})}
    given = {"data": {"drawn": drawn}, "frames": 6, "key_frames": 2, "resamples": 20} | changes
    return QuestionSettings.model_validate(given)


def test_ways_are_compared_on_the_same_questions(answerer):
    ways = ("located", "uniform", "true")
    told = []
    asked = settings(ways=ways)
    report = evaluate(answerer, asked, lambda done, all_of: told.append((done, all_of)))
    assert told[-1] == (4, 4)
    for way in ways:
        assert 0 <= report.figures[f"{way}.accuracy"] <= 100
    gap = report.figures["located.accuracy"] - report.figures["uniform.accuracy"]
    assert report.figures["located over uniform"] == pytest.approx(gap)
    low, high = report.intervals["located over uniform"]
    assert low <= gap <= high
    assert 0 <= report.figures["best frame shows it"] <= 100
    again = evaluate(answerer, asked)
    assert again.figures == report.figures
    right = [row["located"]["option"] == row["right"] for row in report.predictions]
    assert 100 * np.mean(right) == report.figures["located.accuracy"]
    for row in report.predictions:
        for way in ways:
            assert len(row[way]["frames_s"]) == 2


def test_queries_are_scored_as_moments(answerer):
    report = evaluate(answerer, settings(drawn={"queries": 1.0}, questions=2))
    assert len(report.predictions) == 2
    assert {"moment.R@1 IoU=0.5", "moment.R@1 IoU=0.7", "frames"} <= set(report.figures)
    assert "located.accuracy" not in report.figures


class Lost(FileQa):
    """A question and a query about files that are gone."""

    def __init__(self):
        self.name, self.notes = "nextqa", ()
        self.rows = (
            QaRow("nextqa", "CW_1_1", "1", "why?", ("a.", "b."), 1),
            QaRow("qvhighlights", "QVHighlight_1", "2", "a circle", spans=(Span(0, 2),)),
        )
        self.videos = (Path("1.mp4"), Path("2.mp4"))

    def sample(self, place, random):
        raise MediaError(f"{self.videos[place]} is not there")


def test_a_video_that_cannot_be_read_counts_as_wrong(answerer, monkeypatch):
    monkeypatch.setattr(QaData, "open", lambda self, frames: ([Lost()], [1.0], []))
    report = evaluate(answerer, settings())
    assert report.figures["located.accuracy"] == 0
    assert report.figures["uniform.accuracy"] == 0
    assert report.figures["moment.R@1 IoU=0.5"] == 0
    assert all("is not there" in row["error"] for row in report.predictions)


def test_nothing_to_ask_is_an_error(answerer, monkeypatch):
    monkeypatch.setattr(QaData, "open", lambda self, frames: ([], [], []))
    with pytest.raises(InputError, match="no question"):
        evaluate(answerer, settings())


@pytest.mark.parametrize(
    ("way", "shows", "wanted"),
    [
        ("uniform", None, (1, 4)),
        ("located", None, (3, 5)),
        ("true", None, None),
        ("true", [0, 0, 1, 1, 1, 1], (2, 4)),
        ("true", [0, 0, 0, 0, 1, 0], (0, 4)),
        ("true", [0] * 6, (0, 1)),
    ],
)
def test_frames_of_each_way(way, shows, wanted):
    class Sample:
        pass

    sample = Sample()
    sample.shows = None if shows is None else np.array(shows, bool)
    scores = np.array([0.1, 0.2, 0.0, 0.9, 0.3, 0.8])
    assert asking._frames(way, settings(), sample, scores) == wanted


def test_drawn_sets_open_with_the_frames_of_the_settings():
    sets, weights, notes = settings().data.open(FrameSettings(frames=6, way="middle"))
    assert [len(one) for one in sets] == [4]
    assert (weights, notes) == ([1.0], [])
