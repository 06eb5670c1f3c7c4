"""What a way to count a place in a list refers to, in any language."""

from __future__ import annotations

import re
from collections.abc import Callable

from whenabouts.dialogue.plan import Ref

Told = Callable[[re.Match[str]], tuple[Ref, ...]]
"""The results that a match means; none if it cannot be a place."""
Number = Callable[[str], int]
"""What a numeral stands for."""
_LONGEST = 7
"""Places of a range."""


def fixed(*refs: Ref) -> Told:
    """Always the same."""
    return lambda _: refs


def ranged(number: Number) -> Told:
    """From `low` to `high`."""

    def told(match: re.Match[str]) -> tuple[Ref, ...]:
        low, high = number(match["low"]), number(match["high"])
        if not 0 < low < high < low + _LONGEST:
            return ()
        return tuple(Ref("rank", value) for value in range(low, high + 1))

    return told


def between(number: Number) -> Told:
    """The one that stands between `low` and `high`, in either order."""

    def told(match: re.Match[str]) -> tuple[Ref, ...]:
        low, high = sorted((number(match["low"]), number(match["high"])))
        return (Ref("rank", low + 1),) if 0 < low == high - 2 else ()

    return told


def few(number: Number, least: str) -> Told:
    """So many of those in view; `least` where no number is said."""
    return lambda match: (Ref("all", number(match["n"] or least), "few"),)


def letter(match: re.Match[str]) -> tuple[Ref, ...]:
    """A letter as a number: A is the first."""
    return (Ref("rank", ord(match["n"].upper()) - ord("A") + 1),)
