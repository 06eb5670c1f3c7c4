from pathlib import Path

import pytest

from whenabouts import catalog
from whenabouts.metrics.watching import caption_tokens
from whenabouts.types import Example, Moment, Span, Turn, Video

VIDEO = Video("v", Path("v.mp4"), 20.0, 25.0, 4, 4)


def moment(start, end, text="", score=1.0):
    return Moment(VIDEO, Span(start, end), score, text)


def said(*moments, text=""):
    return Turn("assistant", text, "answer", moments)


def example(name, target):
    return Example(name, VIDEO, (Turn("user", "What happens?", "ask"),), target)


def test_captions_are_scored_in_both_languages():
    metric = catalog.part("metric", "dense-captioning")()
    target = said(moment(0, 5, "a red circle grows"), moment(5, 20, "蓝色的圆变大"))
    examples = [example("a", target), example("b", target)]
    found = metric({"a": target, "b": said()}, examples)
    assert found["F1"] == pytest.approx(50.0)
    assert found["CIDEr"] == pytest.approx(500.0)
    assert found["predictions"] == 1.0
    assert caption_tokens(["蓝色 star."]) == [["蓝", "色", "star"]]


def test_highlights_hit_where_the_saliency_is_high():
    metric = catalog.part("metric", "highlights")()
    target = said(moment(4, 8, score=4.0), moment(8, 10, score=2.0))
    examples = [example("a", target), example("b", target)]
    found = metric({"a": said(moment(4, 6)), "b": said(moment(8, 10))}, examples)
    assert found["HL-min-VeryGood-Hit1"] == 50.0
    assert found["HL-min-Fair-Hit1"] == 100.0
    assert found["HL-min-VeryGood-mAP"] < 100.0


def test_answers_are_compared_by_what_they_say():
    metric = catalog.part("metric", "answers")()
    examples = [example(name, said(text="a red circle")) for name in "abc"]
    told = {"a": said(text="A red circle."), "b": said(text="red Circle"), "c": said(text="a red")}
    assert metric(told, examples)["accuracy"] == pytest.approx(200 / 3)
