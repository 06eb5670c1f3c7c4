from pathlib import Path

import pytest

from whenabouts.app.options import clip, day, seconds, span
from whenabouts.errors import InputError
from whenabouts.types import Span


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0.0), ("75.5", 75.5), ("12s", 12.0), ("1:15.5", 75.5), ("1:02:03", 3723.0), ("0:7.", 7)],
)
def test_seconds_reads_what_people_write(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "-1", "1e3", "nan", "inf", "1:2:3:4", "a:b", "1 2", "1:234"])
def test_seconds_refuses_the_rest_and_says_what_to_write(text):
    with pytest.raises(InputError, match="write seconds"):
        seconds(text)


def test_span_takes_clocks_and_refuses_backwards():
    assert span("0:02-1:04.5") == Span(2, 64.5)
    assert span("2,4", ",") == Span(2, 4)
    for text in ("4-2", "3-3"):
        with pytest.raises(InputError, match="ends before it starts"):
            span(text)
    with pytest.raises(InputError, match="no span"):
        span("12")


def test_clip_is_a_media_fragment_and_keeps_odd_names():
    assert clip("a#b@c.mp4#t=1,2.5") == (Path("a#b@c.mp4"), Span(1, 2.5))
    assert clip("plain.mp4") == (Path("plain.mp4"), None)


def test_day_is_local_time_and_ends_with_the_day():
    assert day("2026-05-31", end=True) - day("2026-05-31") == pytest.approx(86_400, abs=3601)
    assert day("1970-01-02T00:00:00+00:00") == 86_400
    with pytest.raises(InputError, match="2026-05-31"):
        day("last week")
