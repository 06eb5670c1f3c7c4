from hypothesis import given
from hypothesis import strategies as st

from whenabouts.app.sparkline import BLOCKS, SIMPLE, marked, resample, sparkline
from whenabouts.types import Curve, Span


def test_the_peak_is_drawn_where_it_is():
    curve = Curve(tuple(float(t) for t in range(10)), (0, 0, 0, 0, 0, 0, 1, 0, 0, 0))
    line, first, last = marked(curve, Span(0, 10), Span(6, 7), 10, BLOCKS)
    assert line == "▁▁▁▁▁▁█▁▁▁"
    assert (first, last) == (6, 7)


def test_a_long_curve_keeps_its_highest_point():
    times = tuple(t / 10 for t in range(1000))
    scores = tuple(1.0 if t == 437 else 0.0 for t in range(1000))
    line = sparkline(resample(Curve(times, scores), Span(0, 100), 20), SIMPLE)
    assert line.index("#") == 8
    assert line.count("#") == 1


def test_a_frame_stands_until_the_next():
    assert resample(Curve((0.0, 8.0), (0.2, 0.9)), Span(0, 10), 5) == [0.2, 0.2, 0.2, 0.2, 0.9]


def test_before_the_first_score_nothing_is_drawn():
    assert sparkline(resample(Curve((6.0,), (0.4,)), Span(0, 10), 5)) == "   ▁▁"


def test_scores_that_hardly_differ_are_drawn():
    assert sparkline([0.0, 5e-324]) == "▁█"
    assert sparkline([0.0, -2.3e-309]) == "█▁"


@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(-1, 1)), max_size=30),
    st.floats(0, 1e5),
    st.integers(1, 80),
)
def test_any_curve_fits_the_width(points, length_s, width):
    curve = Curve(tuple(sorted(t for t, _ in points)), tuple(s for _, s in points))
    whole = Span(0, length_s)
    line, first, last = marked(curve, whole, Span(length_s / 3, length_s / 2), width, BLOCKS)
    assert len(line) == width
    assert 0 <= first < last <= width
