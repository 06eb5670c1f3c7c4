"""Numbers and times out of dialogue answers the way IVCR-200K's code reads them, slips included.

Published figures rest on these rules, so they stay as they are; `dialogue` reads better, and both
languages. A number is the one that a candidate was shown under, from 1; windows are [start_s,
end_s].
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from whenabouts.metrics.answers import timechat
from whenabouts.metrics.answers.timechat import WHOLE_NUMBER, Window

NO_WINDOW: Window = [0, 0]
"""What the evaluation takes for an answer without times."""
_GOLD = re.compile(r"(\d+(?:\.\d+)?)s-(\d+(?:\.\d+)?)s")
_EXAMPLE = "a specific example is : 20.8 - 30.0 seconds"
"""The prompt of an early version gave this as an example, and answers repeat it."""
_DOTS = re.compile(r"\.{2,}")
_UNIT = re.compile(r"(?<=[\d.])s(?=\s*-)")
_PIECES = re.compile(r"[!?\n]")
_DIGITS = re.compile(r"\d+")
_TWO_SENTENCES = re.compile(r"([^.]*\.)([^.]*\.)")
_SENTENCE_AND_REST = re.compile(r"([^.]*\.)(.*?\.) ", re.DOTALL)
_NAME = re.compile(r"\bvideo (\S+) ")


def gold_times(answer: str) -> list[float]:
    """All times of `<a>s-<b>s` in the order of a gold answer; the first two are its window."""
    return [float(time) for pair in _GOLD.findall(answer) for time in pair]


def window(answer: str) -> Window:
    """The window that the evaluation reads: a range, else the first numbers of two pieces.

    Pieces end at `!`, `?` and line breaks, so two numbers of one sentence are no pair. `NO_WINDOW`
    without any.
    """
    text = _plain(answer)
    if timechat.RANGE.search(text):
        return timechat.grounding(text)[0]
    found = [number for number in map(WHOLE_NUMBER.search, _PIECES.split(text)) if number]
    times = [float(number.group()) for number in found]
    return sorted(times[:2]) if len(times) > 1 else list(NO_WINDOW)


def training_window(answer: str) -> list[Window]:
    """No or one window, as training and the older evaluation read it: pieces must tell of time."""
    return timechat.grounding(_plain(answer))


def first_number(answer: str) -> int:
    """The first run of digits; 0 without any."""
    found = _DIGITS.search(answer)
    return int(found.group()) if found else 0


def two_sentences(answer: str) -> tuple[str, str] | None:
    """The first two sentences of an answer of 2024, full stops included: intent and find."""
    found = _TWO_SENTENCES.match(answer)
    return (found[1], found[2]) if found else None


def intent_and_name(answer: str) -> tuple[str, str] | None:
    """The intent of an answer of 2024 and the video's name, or the sentence where it has none."""
    found = _SENTENCE_AND_REST.match(answer)
    if found is None:
        return None
    name = _NAME.search(found[2])
    return found[1], name[1] if name else found[2]


def overlap(found: Sequence[float], gold: Sequence[float]) -> float:
    """Overlap of two windows by the length from the first start to the last end.

    0 without a gold window. Two equal points have none either; the published code fails there.
    """
    if not gold:
        return 0.0
    length = max(found[1], gold[1]) - min(found[0], gold[0])
    return max(min(found[1], gold[1]) - max(found[0], gold[0]), 0.0) / length if length else 0.0


def _plain(answer: str) -> str:
    """The text that windows are looked for in: without the example, dots and units in numbers."""
    return _UNIT.sub("", _DOTS.sub(".", answer.lower().replace(_EXAMPLE, "")))
