"""Our reading of multiple-choice answers."""

import pytest

from whenabouts.metrics.answers.choices import letter


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ("(B) he runs", "B"),
        ("b", "B"),
        ("B.", "B"),
        ("The best answer is C", "C"),
        ("Option D, because (B) is wrong", "D"),
        ("The answer is a dog.", None),
        ("the answer is: d", "D"),
        ("Option A or option B", None),
        ("Because he is cooking", None),
        ("A man walks in", None),
        ("(A) or (B)", None),
        ("(E) ", None),
        ("", None),
    ],
)
def test_the_option_that_is_named(answer, named):
    assert letter(answer, 4) == named
