"""Multiple-choice questions as the published benchmark scripts of TimeChat ask them, word for word.

Slips are kept: VideoMME's question, too, calls the video egocentric. Another wording gives other
figures. The letters in the answers are found by `metrics.answers.choices`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from whenabouts.errors import InputError

SYSTEM = (
    "Carefully watch the video and pay attention to the cause and sequence of events, the detail "
    "and movement of objects, and the action and pose of persons. Based on your observations, "
    "select the best option that accurately addresses the question.\n"
)
"""The system prompt of all four. MVBench's script also puts it in front of the question."""

TempCompass = Literal["multi-choice", "yes_no", "caption_matching", "captioning"]

_LETTERS = "ABCDEFGHIJ"
_SELECT = (
    "Select the best answer to the following multiple-choice question based on the egocentric "
    "video. Respond with only the letter ({letters}) of the correct option. "
)
_BEST = "The best answer is:"


def egoschema(question: str, options: Sequence[str]) -> str:
    """The question of EgoSchema, with its five options."""
    _check(options, 5)
    listed = "\n".join(f"({letter}) {o}" for letter, o in zip(_LETTERS, options, strict=False))
    select = _SELECT.format(letters="A, B, C, D, or E")
    return f"{select}\nQuestion: {question}\n{listed}\n{_BEST}"


def videomme(question: str, options: Sequence[str]) -> str:
    """The question of VideoMME; its four options bring their letters along."""
    _check(options, 4)
    select = _SELECT.format(letters="A, B, C, or D")
    listed = "\n".join(options)
    return f"Question: {select}\nQuestion: {question}\n Options: {listed}\n{_BEST}"


def tempcompass(question: str, kind: TempCompass) -> str:
    """The question of TempCompass, with what it asks for behind it."""
    if kind == "captioning":
        return f"Question: {question}"
    if kind == "yes_no":
        return f"Question: {question}\nPlease answer yes or no:"
    if kind == "multi-choice":
        return f"Question: {question}\nPlease directly give the best option:"
    labels = re.findall(r"^\W*((?:Option|Sentence|Caption)\s+\w+|[A-J])\s*[:.)]", question, re.M)
    if len(labels) < 2:
        raise InputError(
            f"{question[:80]!r} has no two lines that begin with the name of an option"
        )
    return f"Question: {question}\nPlease directly give the best option ({' or '.join(labels)}):"


def mvbench(question: str, candidates: Sequence[str], answer: str) -> tuple[str, str]:
    """The question of MVBench with its options, and the true one as `(X) text`.

    An answer that is not among the candidates has the letter `@`, as published.
    """
    _check(candidates, None)
    listed = "".join(f"\n({_LETTERS[n]}) {option}" for n, option in enumerate(candidates))
    letter = _LETTERS[candidates.index(answer)] if answer in candidates else "@"
    return f"Question: {question}\nOptions:{listed}", f"({letter}) {answer}"


MVBENCH_ENDING = "\nOnly give the best option."
"""Behind the question when it is asked."""


def _check(options: Sequence[str], wanted: int | None) -> None:
    if not options or len(options) > len(_LETTERS) or (wanted and len(options) != wanted):
        raise InputError(
            f"{len(options)} options, but {wanted or f'1 to {len(_LETTERS)}'} are needed"
        )
