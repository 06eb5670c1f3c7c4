"""What IVCR-200K's code reads out of answers."""

import pytest

from whenabouts.metrics.answers import ivcr
from whenabouts.models.dialogue_text import video_number

pytestmark = pytest.mark.golden("ivcr/parsers*")


def rows(case, name):
    found = [(row["text"], row[name]) for row in case.facts["rows"]]
    assert len(found) > 1
    return found


def test_numbers_of_videos(case):
    for text, number in rows(case, "video_number_0_to_10"):
        assert video_number(text) == number, text
    for text, number in rows(case, "video_number_1_to_10"):
        assert video_number(text, 1) == number, text
    for text, number in rows(case, "first_number"):
        assert ivcr.first_number(text) == number, text


def test_windows(case):
    for text, found in rows(case, "time_official"):
        assert [ivcr.window(text)] == found, text
    for text, found in rows(case, "time_grounding"):
        assert ivcr.training_window(text) == found, text
    for text, found in rows(case, "time_ranges"):
        assert ivcr.gold_times(text) == found, text


def test_sentences_of_2024(case):
    for text, found in rows(case, "intent_split"):
        assert list(ivcr.two_sentences(text) or (-1, -1)) == found, text
    for text, found in rows(case, "intent_and_video_name"):
        mine = ivcr.intent_and_name(text)
        assert (mine and list(mine)) == found, text


def test_overlap(case):
    for found, gold, overlap in case.facts["iou"]:
        mine = ivcr.overlap(found, gold)
        if isinstance(overlap, dict):
            assert mine == 0.0
        else:
            assert mine == pytest.approx(overlap), (found, gold)
