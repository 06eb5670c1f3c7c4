"""Lists become one: votes add up, overlaps merge, evidence is kept."""

import pytest

from whenabouts.library.fuse import Hit, at_most, fuse, same_moment
from whenabouts.types import Evidence, Span


def hit(video, start, end, sure, channel="visual", text=""):
    return Hit(video, Span(start, end), sure, (Evidence(channel, sure, text),), text, worth=sure)


def test_two_channels_at_one_moment_are_surer_than_each():
    seen, said = [hit("a", 4, 8, 0.6)], [hit("a", 5, 7, 0.5, "speech", "red star")]
    (one,) = fuse([seen, said])
    assert one.confidence == pytest.approx(1 - 0.4 * 0.5)
    assert {evidence.channel for evidence in one.evidence} == {"visual", "speech"}
    assert one.text == "red star"


def test_one_channel_seen_twice_is_not_counted_twice():
    (one,) = fuse([[hit("a", 4, 8, 0.6), hit("a", 5, 8, 0.5)]])
    assert one.confidence == 0.6


def test_a_list_alone_keeps_its_scores():
    votes = [one.vote for one in fuse([[hit(name, 4, 8, 0.6) for name in "abc"], []])]
    assert votes == [0.6, 0.6, 0.6]


def test_a_name_speaks_for_each_moment_and_marks_none():
    seen = [hit("a", 4, 8, 0.6), hit("a", 20, 25, 0.5)]
    name = [hit("a", 0, 60, 0.5, "name", "stars")]
    found = fuse([seen, name])
    assert [one.span for one in found] == [Span(4, 8), Span(20, 25)]
    assert all(one.confidence > 0.7 for one in found)


def test_an_unsure_moment_does_not_narrow_down_a_sure_name():
    found = fuse([[hit("a", 4, 8, 0.1)], [hit("a", 0, 60, 0.9, "name", "stars")]])
    assert found[0].span == Span(0, 60)
    assert [evidence.channel for evidence in found[0].evidence] == ["name"]


def test_a_sure_channel_beats_two_weak_ones():
    sure = [hit("a", 0, 2, 0.95)]
    weak = [hit("b", 0, 2, 0.3)]
    also = [hit("b", 0, 2, 0.3, "name")]
    assert fuse([sure + weak, also])[0].video == "a"


def test_rank_decides_between_equally_sure_hits():
    first, second = hit("a", 0, 2, 0.9), hit("b", 0, 2, 0.9)
    assert [one.video for one in fuse([[first, second]])] == ["a", "b"]


def test_merging_again_changes_nothing():
    hits = [hit("a", s, s + 4, 0.1 * s + 0.1) for s in range(8)]
    once = fuse([hits])
    again = fuse([once])
    assert [one.span for one in again] == [one.span for one in once]


def test_stills_and_instants_can_be_the_same_moment():
    assert same_moment(Span(0, 0), Span(0, 0))
    assert same_moment(Span(3, 3), Span(2, 4))
    assert not same_moment(Span(5, 5), Span(2, 4))
    assert not same_moment(Span(0, 4), Span(3, 8))


def test_at_most_counts_videos_and_hits():
    hits = [hit("a", 0, 1, 0.9), hit("a", 2, 3, 0.8), hit("a", 4, 5, 0.7), hit("b", 0, 1, 0.6)]
    assert [one.video for one in at_most(hits, 10, 2)] == ["a", "a", "b"]
    assert [one.video for one in at_most(hits, 1, None)] == ["a"]
