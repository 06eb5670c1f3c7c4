"""Pieces that several published question files share."""

from __future__ import annotations

import math

from whenabouts.errors import DataError
from whenabouts.types import Span


def clip_of(start: float | str, end: float | str, where: str) -> Span | None:
    """The part of a video that is shown; None where the file says NaN, which is all of it.

    A part that begins before the video begins with it; edges in the wrong order change places.

    Raises:
        DataError: an edge is no number.
    """
    try:
        edges = sorted((float(start), float(end)))
    except ValueError:
        raise DataError(
            f"{where} shows the part {start!r} to {end!r}, which are no seconds; fetch the file "
            "again"
        ) from None
    if not all(map(math.isfinite, edges)):
        return None
    return Span(max(0.0, edges[0]), max(0.0, edges[1]))


def parted(text: str, where: str) -> Span | None:
    """`12.5-30` as a span."""
    start, dash, end = text.partition("-")
    if not dash:
        raise DataError(f"{where} has the times {text!r}, not start-end; fetch the file again")
    return clip_of(start, end, where)


def place_of(answer: int | str | None, options: int, where: str) -> int | None:
    """A right option's place, from 0.

    Raises:
        DataError: there is no such option.
    """
    if answer is None:
        return None
    try:
        place = int(answer)
    except ValueError:
        place = -1
    if not 0 <= place < options:
        raise DataError(f"{where} has the answer {answer!r} of {options} options; mend the row")
    return place
