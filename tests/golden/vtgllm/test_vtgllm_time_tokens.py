"""Times as tokens against the published rewriting."""

import pytest

from whenabouts.models import time_tokens


@pytest.mark.golden("vtgllm/time_tokens*")
def test_numbers_become_time_tokens(case):
    assert list(time_tokens.TIME_TOKENS) == case.facts["tokens"]
    for row in case.facts["number_to_tokens"]:
        plain, padded = (time_tokens.spell_number(row["number"], pad) for pad in (False, True))
        assert [plain, plain, padded] == [row["train"], row["chat_single"], row["chat_batch"]]


@pytest.mark.golden("vtgllm/time_tokens*")
def test_frame_messages(case):
    for row in case.facts["messages"]:
        for name, padded in (("train", False), ("chat_batch", True)):
            assert time_tokens.spell_frame_message(row["message"], padded) == row[name]


@pytest.mark.golden("vtgllm/time_tokens*")
def test_frames_have_a_printed_time_and_a_row(case):
    for row in case.facts["frame_seconds"]:
        times_s = [index / row["fps"] for index in row["indices"]]
        assert [time_tokens.printed_time(t) for t in times_s] == row["printed"]
        assert [time_tokens.second_row(t, 8192) for t in times_s] == row["second_ids"]


@pytest.mark.golden("vtgllm/time_tokens*")
def test_answers_are_cleaned(case):
    for row in case.facts["clean"]:
        assert time_tokens.plain_times(row["text"]) == row["clean"]
