"""Seconds as the six time tokens of VTG-LLM, and back.

A time is a group `dddd.d`: four digits, a dot and one digit, each a token of its own, so that a
language model reads and writes times digit by digit (VTG-LLM, arXiv 2405.13382, section 3).
Everything here is text; which row of the vocabulary a token has is the tokenizer's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from whenabouts.errors import InputError

DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
TIME_TOKENS = tuple(f"<TIME_{name}>" for name in (*DIGITS, "DOT"))
"""The eleven added tokens in the order of their rows: the digits 0 to 9, then the dot."""
GROUP_LENGTH = 6
LONGEST_S = 9999.9
"""The last time that six tokens can say."""

_TOKEN_OF: Mapping[str, str] = dict(zip("0123456789.", TIME_TOKENS, strict=True))
_TOKEN = re.compile("|".join(TIME_TOKENS))
_CHARACTER_OF: Mapping[str, str] = {token: character for character, token in _TOKEN_OF.items()}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SPACED_NUMBER = re.compile(r"\d[\d\s]*(?:\.\s*\d+)*")


def spell_time(time_s: float) -> str:
    """The group of a time in s: rounded to one decimal, then six tokens.

    >>> spell_time(12.34) == spell_number("0012.3")
    True
    """
    if not 0.0 <= time_s <= LONGEST_S:
        raise InputError(
            f"time tokens reach from 0 to {LONGEST_S} s, got {time_s}; cut the video into parts"
        )
    return spell_number(printed_time(time_s))


def spell_number(number: str, padded: bool = True) -> str:
    """The time tokens of a decimal string, character by character, at most six.

    Further decimals are cut off, not rounded. `padded=False` is how the published training and
    single chat wrote an integer: without zeros in front ("12" as `12.0`, four tokens).
    """
    tokens: list[str] = []
    for place, character in enumerate(number):
        if character not in _TOKEN_OF:
            raise InputError(f"{number!r} is not a plain decimal number; write it like 12.5")
        if character == ".":
            tokens = [TIME_TOKENS[0]] * max(0, 4 - place) + tokens
        tokens.append(_TOKEN_OF[character])
    if "." not in number:
        tokens += [_TOKEN_OF["."], _TOKEN_OF["0"]]
    if padded:
        tokens = [TIME_TOKENS[0]] * max(0, GROUP_LENGTH - len(tokens)) + tokens
    return "".join(tokens[:GROUP_LENGTH])


def spell_numbers(text: str, padded: bool = True) -> str:
    """`text` with every number in it as time tokens."""
    return _NUMBER.sub(lambda found: spell_number(found.group(), padded), text)


def spell_frame_message(message: str, padded: bool = True) -> str:
    """The sentence that lists a video's frame times, with the times as time tokens.

    Only what follows the first "at" is rewritten, so that the count of frames stays in digits.
    """
    head, at, times = message.partition("at")
    return head + at + spell_numbers(times, padded)


def printed_time(time_s: float) -> str:
    """A time as the published prompts print it: one decimal, by Python's `round`."""
    return str(round(float(time_s), 1))


def second_row(time_s: float, rows: int) -> int:
    """The row of a table with a row a second, in [0, rows - 1].

    The time is rounded twice, to the printed decimal and then half to even (0.5 is row 0, 1.5 is
    row 2), as the published weights were trained. Later times stay in the last row.
    """
    if time_s < 0:
        raise InputError(f"a frame cannot stand at {time_s} s; times start at 0")
    return min(round(float(printed_time(time_s))), rows - 1)


def plain_times(text: str) -> str:
    """`text` with every time token as its character and no blanks inside numbers.

    Decoding puts a blank around each added token; removing those also swallows the blank after an
    integer ("2 slices" gives "2slices") and joins two numbers with one blank between them, which
    the published parsers expect.
    """
    plain = _TOKEN.sub(lambda found: _CHARACTER_OF[found.group()], text)
    return _SPACED_NUMBER.sub(lambda found: found.group().replace(" ", ""), plain)


def times_of_ids(ids: Sequence[int], first_id: int) -> list[float]:
    """The times in s of all complete groups in token ids, in their order.

    `first_id` is the id of `<TIME_ZERO>`; the other ten follow it. A group is four digits, the dot
    and a digit; an unpadded one has fewer digits in front. Runs that are no group are left out.
    """
    runs = "".join(
        "0123456789."[i - first_id] if 0 <= i - first_id < len(TIME_TOKENS) else " " for i in ids
    )
    return [float(found) for found in re.findall(r"(?<![\d.])\d{1,4}\.\d", runs)]
