"""Chains of events: in order, in one video, near each other."""

from whenabouts.library.fuse import Hit
from whenabouts.library.order import chains
from whenabouts.types import Evidence, Span


def hit(video, start, end, sure, text=""):
    why = (Evidence("visual", sure, text, start),)
    return Hit(video, Span(start, end), sure, why, text, vote=sure)


def test_the_video_with_the_right_order_comes_first_and_the_other_is_unsure():
    first = [hit("right", 0, 4, 0.9, "red"), hit("wrong", 10, 14, 0.95, "red")]
    second = [hit("right", 5, 8, 0.8, "blue"), hit("wrong", 0, 4, 0.99, "blue")]
    chain, other = chains([first, second])
    assert chain.video == "right"
    assert other.video == "wrong"
    assert other.confidence < 0.2
    assert other.vote < chain.vote / 2
    assert chain.span == Span(0, 8)
    assert chain.confidence == 0.8
    assert chain.text == "red, then blue"
    assert [evidence.text for evidence in chain.evidence] == ["red", "blue"]


def test_an_event_missing_or_in_another_video_is_no_chain():
    assert chains([[hit("a", 0, 2, 0.9)], []]) == []
    assert chains([[hit("a", 0, 2, 0.9)], [hit("b", 3, 4, 0.9)]]) == []


def test_one_hit_is_hardly_both_events():
    one = hit("a", 0, 6, 0.9)
    (chain,) = chains([[one], [one]])
    assert chain.confidence < 0.2


def test_the_nearer_pair_wins():
    first = [hit("a", 0, 4, 0.9), hit("a", 100, 104, 0.9)]
    (chain,) = chains([first, [hit("a", 105, 108, 0.9)]])
    assert chain.span == Span(100, 108)


def test_three_events():
    steps = [[hit("a", s, s + 2, 0.9)] for s in (0, 3, 6)]
    (chain,) = chains(steps)
    assert chain.span == Span(0, 8)
    (mixed,) = chains([steps[0], steps[2], steps[1]])
    assert mixed.confidence < 0.2
