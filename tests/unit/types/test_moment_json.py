"""The one JSON form, and the notebook card."""

import json
import os
from pathlib import Path

import numpy as np

from whenabouts.types import Curve, Evidence, Match, Moment, Span, Turn, Video


def moment() -> Moment:
    path = Path(os.fsdecode(b"/films/odd \xff <name>.mp4"))
    return Moment(
        Video("ab12", path, 61.5, 29.97, 640, 480),
        Span(1.25, 4.0),
        0.75,
        "红色 <star>",
        (
            Evidence("visual", 0.5, "red star", 2.0, (Match("red", 0.4, 2.0, 0.1, 0.3),)),
            Evidence("name", 0.1, "odd"),
        ),
        Curve((0.0, 1.0, 2.0), (0.1, 0.5, 0.25)),
        b"\xff\xd8jpeg",
    )


def test_a_moment_survives_json_text():
    back = Moment.from_json(json.loads(json.dumps(moment().to_json(picture=True))))
    assert back == moment()
    assert back.picture == moment().picture


def test_the_picture_is_left_out_unless_asked_for():
    assert "picture" not in moment().to_json()


def test_a_turn_survives_json_text():
    turn = Turn("assistant", "here", "moment", (moment(),))
    assert Turn.from_json(json.loads(json.dumps(turn.to_json()))) == turn


def test_every_key_of_the_schema_is_documented():
    text = (Path(__file__).parents[3] / "docs" / "json.md").read_text()
    values = Turn("user", "x", "ask", (moment(),)).to_json()
    values["moments"][0] = moment().to_json(picture=True)

    def keys(node: object) -> set[str]:
        if isinstance(node, dict):
            return set(node).union(*(keys(value) for value in node.values()))
        return set().union(*(keys(value) for value in node)) if isinstance(node, list) else set()

    assert {key for key in keys(values) if f"`{key}`" not in text} == set()


def test_the_card_escapes_what_it_shows_and_marks_the_span():
    card = moment()._repr_html_()
    assert "<name>" not in card and "&lt;star&gt;" in card
    assert "data:image/jpeg;base64," in card
    assert "<rect" in card and "red star at 0:02.0" in card


def test_the_curve_draws_nothing_without_time():
    assert Curve((1.0,), (0.5,)).to_svg(Span(0, 1)) == ""
    flat = Curve(tuple(np.arange(3.0)), (0.5, 0.5, 0.5)).to_svg(Span(0, 1))
    assert "nan" not in flat and "polyline" in flat
