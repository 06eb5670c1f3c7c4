"""Search words: Chinese without a dictionary, Latin words however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.store.segment import query_words, segment


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", "hello world"),
        ("don't l’été Ångström", "dont lete angstrom"),
        ("ＷＩＦＩ　５Ｇ", "wifi 5g"),
        ("snake_case and file-name.mp4", "snake case and file name mp4"),
        ("我爱北京", "我 我爱 爱 爱北 北 北京 京"),
        ("看CLIP论文", "看 clip 论 论文 文"),
        ("カメラで撮る", "カ カメ メ メラ ラ ラで で で撮 撮 撮る る"),
        ("한국어", "한 한국 국 국어 어"),
        ("привет МИР", "привет мир"),
        ("🐕 … \x00\n\t", ""),
        ("", ""),
    ],
)
def test_stored_text(text, words):
    assert segment(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("北京大学", ["北京", "京大", "大学"]),
        ("猫 和 狗", ["猫", "和", "狗"]),
        ("red RED red", ["red"]),
        ("", []),
    ],
)
def test_query(text, words):
    assert query_words(text) == words


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_what_was_stored_is_found_by_its_own_words(text, before, after):
    stored = set(segment(f"{before} {text} {after}").split())
    assert set(query_words(text)) <= stored
    assert all(word == word.strip() and word for word in query_words(text))


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=60))
def test_plain_text_is_read_as_any_other(text):
    """The short way for ASCII gives what the long way gives."""
    assert segment(text + " é").split() == [*segment(text).split(), "e"]


def test_endless_words_are_cut():
    assert segment("a" * 1000) == "a" * 40
    assert query_words("é" * 1000) == ["e" * 40]
