"""Lyric files (.lrc): `[01:02.50]words`, one or more times a line."""

from __future__ import annotations

import re

STANDS_S = 15.0
"""Longest time for which a line is taken to be sung when no other follows."""

_TIME = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_OFFSET = re.compile(r"\[offset:\s*([+-]?\d{1,7})\s*\]", re.IGNORECASE)


def lyric_lines(text: str) -> list[tuple[float, float, str]]:
    """Start and end in seconds and the words of each line, in order; a line ends with the next."""
    shift = _OFFSET.search(text)
    # A positive offset shows the words earlier.
    shift_s = int(shift[1]) / 1000 if shift else 0.0
    found: list[tuple[float, str]] = []
    for line in text.splitlines():
        place = 0
        starts: list[float] = []
        while stamp := _TIME.match(line, place):
            starts.append(_seconds(stamp) - shift_s)
            place = stamp.end()
        words = _WORD_TIME.sub("", line[place:]).strip()
        found += [(max(0.0, start_s), words) for start_s in starts]
    found.sort(key=lambda entry: entry[0])
    ends = [start_s for start_s, _ in found[1:]] + [float("inf")]
    return [
        (start_s, min(end_s, start_s + STANDS_S), words)
        for (start_s, words), end_s in zip(found, ends, strict=True)
        if words
    ]


def _seconds(stamp: re.Match[str]) -> float:
    fraction = stamp[3] or "0"
    return int(stamp[1]) * 60 + int(stamp[2]) + int(fraction) / 10 ** len(fraction)
