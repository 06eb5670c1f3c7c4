"""Our own reading of free-text answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.metrics.answers.strict import (
    ABSENT,
    NO_TIME,
    STARTS_ALONE,
    Reading,
    clip_scores,
    read_events,
    read_highlights,
    read_span,
)
from whenabouts.models.time_tokens import spell_time


def spans(reading):
    return [(event.span.start_s, event.span.end_s) for event in reading.events]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("The given query happens in 24.3 - 30.4 seconds.", [(24.3, 30.4)]),
        ("It is from 0:12 to 0:18.", [(12, 18)]),
        ("The event starts at 00:00:18.\nIt ends at 00:01:03.", [(18, 63)]),
        ("The start time is 0 seconds, and the end time is 12 seconds.", [(0, 12)]),
        ("从 3.5 秒到 8 秒", [(3.5, 8)]),
        ("事件发生在 3 - 8 秒。", [(3, 8)]),
        (f"{spell_time(20.8)} - {spell_time(30)} seconds, door", [(20.8, 30)]),
        ("I do not know.", []),
        ("It happens at 12 seconds.", []),
    ],
)
def test_a_span_is_found(answer, found):
    reading = read_span(answer, 100.0)
    assert spans(reading) == found
    assert bool(reading.problems) is not bool(found)


def test_captions_belong_to_their_stretch():
    reading = read_events(
        "1. 10 - 20 seconds, cut.\n2. 30 - 40 seconds, stir the pot for 2 - 3 minutes.\n"
        "3. 50 - 60 seconds, serve 2 - 3 plates",
        100.0,
    )
    assert spans(reading) == [(10, 20), (30, 40), (50, 60)]
    texts = [event.text for event in reading.events]
    assert texts == ["cut", "stir the pot for 2 - 3 minutes", "serve 2 - 3 plates"]


def test_a_caption_may_stand_before_its_time():
    reading = read_events("Cooking dishes in a wok (from 1:09 to 1:20).", 100.0)
    assert [(event.text, str(event.span)) for event in reading.events] == [
        ("Cooking dishes in a wok", "1:09.0-1:20.0")
    ]


@pytest.mark.parametrize(
    ("answer", "found", "word"),
    [
        ("30 - 12 seconds, a", [(12, 30)], "reversed"),
        ("30 - 120 seconds, a", [(30, 100)], "cut"),
        ("130 - 140 seconds, a", [], "behind the end"),
        ("-5 - 10 seconds, a", [], "below 0"),
        ("-5 - -1 seconds, a", [], "below 0"),
        ("7.0 - 7.0 seconds, a", [], "no length"),
        ("nothing", [], NO_TIME),
        ("", [], NO_TIME),
    ],
)
def test_what_is_wrong_is_said(answer, found, word):
    reading = read_events(answer, 100.0)
    assert spans(reading) == found
    assert any(word in problem for problem in reading.problems)


@pytest.mark.parametrize(
    "answer",
    [
        "The given query does not happen in the video.",
        "A red circle never appears.",
        "It isn't shown.",
        "该内容没有在视频中出现。",
        "视频中没有出现红色圆形。",
    ],
)
def test_an_answer_may_say_that_it_does_not_happen(answer):
    assert read_span(answer, 100.0) == Reading((), (ABSENT,))


def test_events_may_be_told_by_their_starts_alone():
    said = "5.0 seconds, cut. 20.0 seconds, stir. 99.0 seconds, late. 200.0 seconds, never."
    assert read_events(said, 100.0) == Reading((), (NO_TIME,))
    reading = read_events(said, 100.0, starts=True)
    assert [(event.text, *spans(Reading((event,), ()))) for event in reading.events] == [
        ("cut", (5, 20)),
        ("stir", (20, 99)),
        ("late", (99, 100)),
    ]
    assert reading.problems == (STARTS_ALONE,)
    assert read_events("5.0 - 9.0 seconds, cut.", 100.0, starts=True).problems == ()
    assert read_events("I see.", 100.0, starts=True) == Reading((), (NO_TIME,))


def test_highlights_of_every_form():
    listed = "There are 3 highlight moments in the 10, 12.0, 14 second. Their saliency scores are "
    assert read_highlights(f"{listed}1, 2.5, 4.", 30.0).points == ((10, 1), (12, 2.5), (14, 4))
    told = f"{spell_time(12)} seconds, significance score: 3.7, a. 14 seconds, score: 4, b."
    assert read_highlights(told, 30.0).points == ((12, 3.7), (14, 4))
    assert read_highlights("精彩时刻在 10、12 秒，得分为 3、4。", 30.0).points == ((10, 3), (12, 4))
    short = read_highlights(f"{listed}1, 2.", 30.0)
    assert short.points == ((10, 1), (12, 2))
    assert "3 times for 2 scores" in short.problems[0]
    assert read_highlights("No idea.", 30.0).problems
    late = read_highlights("20 seconds: score 3\n40 seconds: score 2", 30.0)
    assert late.points == ((20, 3),)
    assert "outside" in late.problems[0]


def test_a_clip_holds_the_times_inside_it():
    # The published mapping puts 12.0, the start of clip 6, into clip 5.
    curve = clip_scores(read_highlights("12 seconds: score 3\n13 seconds: score 2", 15.0), 15.0)
    assert curve == [0, 0, 0, 0, 0, 0, 2.5]


@given(st.text(alphabet="0123456789.:-, seconds秒从到score\n<TIME_ONE>", max_size=60))
def test_no_answer_breaks_it(answer):
    for reading in (read_events(answer, 50.0), read_span(answer, 50.0)):
        assert all(0 <= e.span.start_s <= e.span.end_s <= 50 for e in reading.events)
        assert reading.events or reading.problems
    assert all(0 <= time_s <= 50 for time_s, _ in read_highlights(answer, 50.0).points)
