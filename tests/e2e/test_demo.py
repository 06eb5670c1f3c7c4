"""The demo must show right answers, and must know a wrong one when it sees it."""

from pathlib import Path

import pytest

from whenabouts.app import demo_world
from whenabouts.app.demo import Answer
from whenabouts.app.demo_world import Question
from whenabouts.types import Moment, Span, Video


def test_demo_ends_with_five_right_answers(run, tmp_path):
    ended = run("demo", "--keep", "kept")
    assert ended.code == 0, ended.out
    assert "5 of 5 right" in ended.out
    assert "whenabouts index ~/Videos" in ended.out
    again = run("search", "a red star", "-l", "kept/demo.lib", "--unsure")
    assert again.code == 0
    refused = run("demo", "--keep", "kept")
    assert refused.code == 2
    assert "give a new folder" in refused.err


@pytest.mark.parametrize("seed", range(4))
def test_questions_have_one_truth_in_two_languages(seed):
    drawings = demo_world.scripts(seed)
    asked = demo_world.questions(drawings, seed)
    assert len(asked) == 5
    assert any("\u4e00" <= letter <= "\u9fff" for q in asked for letter in q.text)
    for question in asked:
        assert bool(question.video) == bool(question.spans)
        places = [(text, d.name) for d in drawings for _, text, _ in (*d.lines, *d.signs)]
        if question.topic in ("subtitle", "on-screen text"):
            assert {name for text, name in places if text == question.text} == {question.video}


def test_a_question_about_nothing_is_about_nothing():
    drawings = demo_world.scripts(0)
    asked = demo_world.questions(drawings, 0)[-1]
    assert (asked.topic, asked.video) == ("nothing", "")


def _found(name, start_s, end_s):
    return Moment(Video("x", Path(name), 20, 25, 9, 9), Span(start_s, end_s), 1)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (_found("a.mp4", 2, 6), True),
        (_found("a.mp4", 13, 16), True),
        (_found("a.mp4", 0, 20), False),
        (_found("a.mp4", 7, 9), False),
        (_found("b.mp4", 2, 6), False),
        (None, False),
    ],
)
def test_right_means_the_video_and_the_time(found, right):
    question = Question("pictures", "x", "a.mp4", (Span(2, 6), Span(12, 16)))
    assert Answer(question, found).right is right


def test_nothing_is_right_only_where_nothing_is_asked_for():
    assert Answer(Question("nothing", "x"), None).right
    assert not Answer(Question("nothing", "x"), _found("a.mp4", 2, 6)).right
