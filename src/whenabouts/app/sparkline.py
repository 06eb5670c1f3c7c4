"""A score over time in one line of text, for tables."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.types import Curve, Span

BLOCKS = "▁▂▃▄▅▆▇█"
SIMPLE = "_.:-=+*#"


def resample(curve: Curve, span: Span, width: int) -> list[float | None]:
    """The highest score in each of `width` equal parts of `span`; None where nothing is known.

    A part without a sample of its own takes the last sample before it, as a frame stands until
    the next one.
    """
    parts: list[float | None] = [None] * width
    length_s = max(span.length_s, 1e-9)
    for time_s, score in zip(curve.times_s, curve.scores, strict=True):
        share = (time_s - span.start_s) / length_s
        place = int(min(max(share * width, 0), width - 1))
        seen = parts[place]
        parts[place] = score if seen is None else max(seen, score)
    last: float | None = None
    for place, score in enumerate(parts):
        last = last if score is None else score
        parts[place] = last
    return parts


def sparkline(scores: Sequence[float | None], marks: str = BLOCKS) -> str:
    """One mark a score, lowest to highest; a space where the score is None.

    >>> sparkline([0.0, 0.5, 1.0, None])
    '▁▅█ '
    """
    known = [score for score in scores if score is not None]
    if not known:
        return " " * len(scores)
    low, high = min(known), max(known)
    steps, spread = len(marks) - 1, (high - low) or 1.0
    return "".join(
        " " if score is None else marks[int((score - low) / spread * steps + 0.5)]
        for score in scores
    )


def marked(curve: Curve, whole: Span, moment: Span, width: int, marks: str) -> tuple[str, int, int]:
    """The line for `whole`, and from which to which character the moment lies."""
    line = sparkline(resample(curve, whole, width), marks)
    if whole.length_s <= 0:
        return line, 0, width
    first = int((moment.start_s - whole.start_s) / whole.length_s * width)
    last = int((moment.end_s - whole.start_s) / whole.length_s * width + 0.999)
    first = min(max(first, 0), width - 1)
    return line, first, max(first + 1, min(last, width))
