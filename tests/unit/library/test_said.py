"""How much of a query a text has."""

import pytest

from whenabouts.library.said import _words_in, covered, weights_of, widened
from whenabouts.store.segment import segment


def share(query, text):
    return covered(weights_of(query), _words_in(text))


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("a red star", "The red STAR appears", 1.0),
        ("a red star", "red tape", 0.5),
        ("when do they talk about the budget", "about our budget", 2 / 3),
        ("a dog on a skateboard", "skateboarding_dog", 0.95),
        ("skateboarding dogs", "dog skateboard", 0.9),
        ("red star", "blue circle", 0.0),
        ("北京大学", "我在北京大学读书", 1.0),
        ("北京大学", "北京", 1 / 3),
        ("don't panic", "DON'T PANIC", 1.0),
    ],
)
def test_the_share_of_the_words_that_a_text_has(query, text, expected):
    assert share(query, text) == pytest.approx(expected, abs=0.01)


def test_a_query_of_empty_words_asks_for_nothing():
    assert weights_of("who is it that was there") == weights_of("there")
    assert weights_of("is it the") == {}


def test_plain_text_is_cut_as_the_store_cuts_it():
    for text in ("It's 3 o'clock, Anna-Lena_X!", "a.b.c 2024-01-02", "UPPER lower"):
        assert list(_words_in(text)) == segment(text).split()


def test_a_store_of_whole_words_is_asked_for_their_forms():
    assert {"skateboard", "skateboarding", "skateboards"} <= set(widened(["skateboard"]).split())
    assert "skateboard" in widened(["skateboarding"]).split()
    assert widened(["星形"]) == "星形"
