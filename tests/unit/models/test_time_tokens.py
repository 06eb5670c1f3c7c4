"""Seconds as tokens and back, without a tokenizer."""

import pytest

from whenabouts.errors import InputError
from whenabouts.models.time_tokens import (
    TIME_TOKENS,
    plain_times,
    second_row,
    spell_number,
    spell_numbers,
    spell_time,
    times_of_ids,
)


@pytest.mark.parametrize("time_s", [0.0, 0.1, 9.96, 99.9, 1234.5, 9999.9])
def test_a_time_comes_back_from_its_group(time_s):
    group = spell_time(time_s)
    assert group.count("<") == 6
    assert float(plain_times(group)) == round(time_s, 1)
    assert float(plain_times(group.replace("><", "> <"))) == round(time_s, 1)


@pytest.mark.parametrize("time_s", [-0.1, 9999.96, float("nan"), float("inf")])
def test_times_beyond_the_six_digits_are_refused(time_s):
    with pytest.raises(InputError, match="time tokens reach"):
        spell_time(time_s)


@pytest.mark.parametrize("number", ["-1", "1e3", "twelve"])
def test_what_is_no_plain_number_is_refused(number):
    with pytest.raises(InputError, match="plain decimal"):
        spell_number(number)


def test_every_number_of_a_text_is_spelt():
    assert plain_times(spell_numbers("24.3 - 30 seconds, door")) == "0024.3 - 0030.0 seconds, door"


def test_ids_are_read_without_a_detour_through_text():
    first = 32001
    ids = [first + TIME_TOKENS.index(t + ">") for t in spell_time(12.5).split(">")[:-1]]
    assert times_of_ids([1, *ids, 29899, *ids[1:], 29899, *ids[:3], 2], first) == [12.5, 12.5]


def test_rows_of_seconds_round_half_to_even_and_stay_in_the_table():
    assert [second_row(t, 8) for t in (0.5, 1.5, 2.5, 2.44, 2.46, 99.0)] == [0, 2, 2, 2, 2, 7]
    with pytest.raises(InputError, match="start at 0"):
        second_row(-1.0, 8)
