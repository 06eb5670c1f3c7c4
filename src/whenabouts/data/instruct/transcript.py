"""What is said in a video, as the published systems put it before a question."""

from __future__ import annotations

from pathlib import Path

from whenabouts.data.tables import read_tabs
from whenabouts.errors import DataError
from whenabouts.models.instructions import PHRASES, Event, Lang
from whenabouts.models.phrases import Phrases

LINES = 15
"""How many lines the published systems aim at: n // 15 is the step, so up to 29 can stay."""


def read_transcript(folder: Path, video: str) -> list[Event]:
    """Lines of start, end and text, parted by tabs, from `NAME.tsv` or `NAME.txt`; none without."""
    for ending in (".tsv", ".txt"):
        path = folder / f"{Path(video).stem}{ending}"
        if path.is_file():
            return _read(path)
    return []


def _read(path: Path) -> list[Event]:
    found: list[Event] = []
    for number, (start, end, text) in enumerate(read_tabs(path, 3), 1):
        try:
            found.append(Event(float(start), float(end), text))
        except ValueError:
            if number > 1:  # the first may be a header
                raise DataError(
                    f"line {number} of {path} has the times {start!r} and {end!r}; write seconds"
                ) from None
    return found


def cleaned(lines: list[Event]) -> list[Event]:
    """Without lines of fewer than three words, and without a line said again at once."""
    found: list[Event] = []
    for line in lines:
        short = len(line.text.split()) < 3
        if not short and not (found and found[-1].text == line.text):
            found.append(line)
    return found


def told_lines(lines: list[Event], lang: Lang = "en") -> str:
    """A sample of the lines as they stand in a question, each with a full stop (and a blank).

    Every n-th line from the second: the published systems leave out the first. Empty when none
    is left.
    """
    step = max(1, len(lines) // LINES)
    phrases = PHRASES[lang]
    return "".join(_told(line, phrases) + phrases.between for line in lines[1::step])


def _told(line: Event, phrases: Phrases) -> str:
    head = phrases.line.partition("{text}")[0].format(
        start=f"{line.start_s:.1f}", end=f"{line.end_s or line.start_s:.1f}"
    )
    return head + line.text + ("" if line.text.endswith(phrases.stop) else phrases.stop)
