"""What SeViLA's heads are asked, word for word as it was trained.

Source: the prompts of https://arxiv.org/abs/2305.06988's code. The wording of open questions is
ours, as the published system has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Literal

from whenabouts.errors import InputError

Layout = Literal["training", "demo"]
"""`demo`: as the published demo asks, which shows the localizer the lettered options too."""

FRAME = "Frame: "
"""In front of a frame that is shown alone."""
YES, NO = "yes", "no"
LETTERS = ascii_uppercase

_SELECT = (
    "Considering the information presented in the frame, select the correct answer from the "
    "options."
)
_OPEN = "Considering the information presented in the frame, answer the question."
_ENOUGH = (
    "Does the information within the frame provide the necessary details to accurately answer "
    "the given question?"
)
_EVENT = "Upon observing the provided frames, what is the most probable subsequent event?"
_EVENT_ENOUGH = (
    "Does the information within the frame provide the necessary details to predict next event?"
)


def frame_names(count: int) -> list[str]:
    """In front of key frames that are shown together: they count by rank, from 1."""
    return [f"Frame {number}: " for number in range(1, count + 1)]


def target(option: int) -> str:
    """What the answerer is to write for an option."""
    return f"Option {_letter(option)}"


def answer_prompt(question: str, options: Sequence[str] = (), layout: Layout = "training") -> str:
    """What the answerer reads behind the frames; without options it answers in words.

    An empty question asks which of the options happens next (VLEP).
    """
    if not options:
        return f"Question: {question} {_OPEN}"
    if not question:
        return f"{_EVENT} {_lettered(options)}"
    if layout == "demo":
        return _demo(question, options) + _SELECT
    return f"Question: {question} {_lettered(options)} {_SELECT}"


def locate_prompt(question: str, options: Sequence[str] = (), layout: Layout = "training") -> str:
    """What the localizer reads behind one frame."""
    if not options:
        return f"Question: {question} {_ENOUGH}"
    if not question:
        return f"{answer_prompt('', options)} {_EVENT_ENOUGH}"
    if layout == "demo":
        return _demo(question, options) + _ENOUGH
    listed = "".join(f"{option} " for option in options)
    return f"Question: {question} Options: ({listed}) {_ENOUGH}"


def query_prompt(query: str) -> str:
    """What the localizer reads to find the moments of a query (QVHighlights)."""
    return f"Question: {_stopped(query)} Option A: yes. Option B: no. {_ENOUGH}"


def _lettered(options: Sequence[str]) -> str:
    return " ".join(f"Option {_letter(n)}: {option}" for n, option in enumerate(options))


def _demo(question: str, options: Sequence[str]) -> str:
    listed = " ".join(f"Option {_letter(n)}:{_stopped(o)}" for n, o in enumerate(options))
    return f"Question: {question} {listed} "


def _stopped(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _letter(option: int) -> str:
    if not 0 <= option < len(LETTERS):
        raise InputError(f"option {option + 1} has no letter; at most {len(LETTERS)} have one")
    return LETTERS[option]
