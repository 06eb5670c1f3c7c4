"""Several wishes become one list: each part counts by what it says, none can rule a video out."""

from pathlib import Path

import pytest

from whenabouts.dialogue.joining import FAINT, parts, product, promising, shares
from whenabouts.library.results import Moments
from whenabouts.types import Moment, Span, Video


def found(query, **scores):
    videos = {name: Video(name, Path(f"{name}.mp4"), 60.0, 25.0, 64, 48) for name in scores}
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    return Moments([Moment(videos[name], Span(0, 5), score) for name, score in ranked], query)


def test_a_description_is_parted_where_it_names_things_side_by_side():
    assert parts("a red ring, and a blue star") == ("a red ring", "a blue star")
    assert parts("a man and a woman") == ("a man and a woman", "a man", "a woman")
    assert parts("a star appears, then a ring and a heart") == (
        "a star appears, then a ring and a heart",
    )


def test_what_says_more_counts_more():
    weights = shares(["a ring", "a small purple ring shrinks on white stripes"])
    assert weights["a small purple ring shrinks on white stripes"] > 4 * weights["a ring"]
    assert shares(["一个紫色的圆环"])["一个紫色的圆环"] == pytest.approx(3.5)


def test_a_description_told_twice_over_counts_once():
    whole = sum(shares(["a man and a woman"]).values())
    assert whole == pytest.approx(2.0)


def test_a_full_description_outweighs_a_vague_one():
    vague = found("a ring", right=0.5, wrong=0.9)
    told = found("a small purple ring shrinks on white stripes", right=0.9, wrong=0.5)
    weights = shares([vague.query, told.query])
    scores = product([vague, told], frozenset(("right", "wrong")), weights)
    assert scores["right"] > scores["wrong"]


def test_what_no_part_scored_is_faint_and_not_gone():
    scores = product([found("a ring", seen=0.9)], frozenset(("seen", "unseen")), {})
    assert scores["seen"] == pytest.approx(0.9)
    assert scores["unseen"] == pytest.approx(FAINT)


def test_the_promising_are_those_that_the_parts_speak_for():
    one, other = found("a ring", a=0.9, b=0.8), found("a star", b=0.7, c=0.1)
    moments = {moment.video.id: moment for moment in (*one, *other)}
    assert promising([one, other], moments)[0] == "b"
