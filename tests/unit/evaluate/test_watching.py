"""A watcher that knows the truth has all figures at 100, one that knows nothing at 0."""

from pathlib import Path

import pytest

from whenabouts.errors import MissingPartError
from whenabouts.evaluate.watching import WatchingSettings, evaluate, judge
from whenabouts.protocols import Told
from whenabouts.shapeworld.ask import put
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.instruct import lessons
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.types import Curve, Moment, Span, Turn, Video

PLAN = {"duration_s": (8.0, 9.0), "scenes": (1, 2)}


class Knowing:
    """Answers from the truth of the one video there is."""

    name = "knowing"

    def __init__(self, script, talks=True):
        self.talks = talks
        self.taught = [
            lesson
            for lang in ("en", "zh")
            for lesson in lessons(script, lang, Dice(93, script.seed))
        ]

    def find(self, task, **wanted):
        return next(
            one
            for one in self.taught
            if one.task == task and all(getattr(one, k) == v for k, v in wanted.items())
        )

    def ground(self, video, query, within=None):
        event = self.find("moment retrieval", query=query).events[0]
        return said(Moment(video, Span(event.start_s, event.end_s), 1.0))

    def highlights(self, video, query=""):
        marks = dict(self.find("highlights", query=query).marks)
        scores = [float(sum(marks.get(clip, (0,)))) for clip in range(int(video.duration_s / 2))]
        return Told(Turn("assistant", ""), Curve(tuple(2.0 * n for n in range(4)), tuple(scores)))

    def captions(self, video, lang="en"):
        lesson = [one for one in self.taught if one.task == "dense captioning"][lang == "zh"]
        return said(*(Moment(video, Span(e.start_s, e.end_s), 1.0, e.text) for e in lesson.events))

    def tell(self, video, question, history=(), on_text=None):
        if not self.talks:
            raise MissingPartError("no words")
        return said(text=self.find("question", text=question).answer.upper())


class Silent(Knowing):
    """Knows nothing."""

    def ground(self, video, query, within=None):
        return said()

    def highlights(self, video, query=""):
        return said()

    def captions(self, video, lang="en"):
        return said()

    def tell(self, video, question, history=(), on_text=None):
        return said(text="")


def said(*moments, text=""):
    return Told(Turn("assistant", text, "answer", moments))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    small = {"videos": 1, "first_seed": 5, "events": (1, 9), "resamples": 10}
    return WatchingSettings(folder=folder, **small, **PLAN)


@pytest.fixture(scope="module")
def script():
    return draw_script(5, "test", Plan(**PLAN))


def test_the_truth_has_everything_right(settings, script):
    report = evaluate(Knowing(script), settings)
    for lang in ("en", "zh"):
        for name in ("moment.R@1 IoU=0.7", "moment.mIoU", "captions.F1", "answers.right"):
            assert report.figures[f"{name}.{lang}"] == pytest.approx(100), name
        assert report.intervals[f"captions.F1.{lang}"] == pytest.approx((100, 100))
    assert report.figures["highlights.HIT@1.en"] in (0.0, 50.0, 100.0)
    assert all(row["figures"] for row in report.predictions)
    assert {row["task"] for row in report.predictions} >= {"moment retrieval", "dense captioning"}


def test_an_empty_answer_has_nothing_right(settings, script):
    report = evaluate(Silent(script), settings)
    assert not any(report.figures.values())


def test_telling_no_moment_is_right_for_what_never_happens(settings, script):
    asked = settings.model_copy(update={"absent": 2, "tasks": ("moment retrieval",)})
    assert evaluate(Silent(script), asked).figures["moment.absent.zh"] == 100

    class Eager(Silent):
        def ground(self, video, query, within=None):
            return said(Moment(video, Span(0, 1), 1.0))

    assert evaluate(Eager(script), asked).figures["moment.absent.en"] == 0


def test_what_a_watcher_refuses_is_left_out_and_nothing_is_drawn_twice(settings, script):
    before = {path: path.stat().st_mtime_ns for path in settings.folder.iterdir()}
    report = evaluate(Knowing(script, talks=False), settings)
    assert not any("answers" in name for name in report.figures)
    assert {path: path.stat().st_mtime_ns for path in settings.folder.iterdir()} == before


def test_an_open_answer_is_right_in_other_words_and_wrong_ones_are_wrong():
    dice = Dice(3, 1)
    judged = 0
    for seed in range(6):
        told = draw_script(seed, "test", Plan())
        video = Video("v", Path("v.mp4"), told.duration_s, 10, 64, 64)
        for lang in ("en", "zh"):
            for lesson in lessons(told, lang, dice):
                if lesson.task != "question":
                    continue
                other = put(lesson.about, lang, dice)
                wrong = [o for place, o in enumerate(other.options) if place != other.answer]
                right = judge(lesson, said(text=other.short), video, lang)
                assert right == {"answers.right": 1.0}, (lesson.text, other.short)
                assert judge(lesson, said(text=wrong[0]), video, lang) == {"answers.right": 0.0}
                judged += 1
    assert judged > 20
