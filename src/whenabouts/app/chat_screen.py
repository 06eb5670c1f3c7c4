"""A conversation on the screen: the answer as it grows, cards of results, small pictures."""

from __future__ import annotations

import json
from typing import Any

from whenabouts.app import thumbnails
from whenabouts.app.hits import curve_text, print_hits, reason
from whenabouts.app.screen import SCHEMA, out, plain, print_text, say
from whenabouts.types import Moment, Turn

CARDS = 3
"""Results with a picture; the others are lines of a table."""


def print_turn_json(number: int, text: str, turn: Turn, saved: str) -> None:
    """One line of JSON for one exchange."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "command": "chat",
        "number": number,
        "user": text,
        "turn": turn.to_json(),
        "conversation": saved,
    }
    line = json.dumps(value, ensure_ascii="utf" not in out().encoding.lower(), allow_nan=False)
    print_text(line.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")


class Stream:
    """Prints an answer while it grows: what is new of each state of it."""

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, text: str) -> None:
        """Print what was not there yet; an answer that was begun anew goes on a new line."""
        clean = "\n".join(plain(line) for line in text.split("\n"))
        if not clean.startswith(self._shown):
            print_text("\n")
            self._shown = ""
        print_text(clean[len(self._shown) :])
        self._shown = clean

    def end(self, text: str) -> None:
        """The whole answer, and a new line."""
        self(text)
        print_text("\n")


def print_moments(turn: Turn, way: thumbnails.Way, pictures: int = CARDS) -> None:
    """The results of a turn: cards for few, a table for a list."""
    moments = turn.moments
    if not moments:
        return
    if turn.act in ("videos", "ask", "say") and len(moments) > 1:
        print_hits(moments)
        for rank, moment in enumerate(moments[:pictures], start=1):
            _picture(moment, way, f"{rank}")
        return
    for moment in moments[: max(1, pictures)]:
        _card(moment, way)


def _card(moment: Moment, way: thumbnails.Way) -> None:
    """Name, time, curve, reasons and picture of one moment."""
    from rich.text import Text

    head = Text(plain(moment.video.path.name), style="bold")
    head.append(f"  {moment.span}", style="not bold")
    out().print(head, soft_wrap=True)
    if moment.curve is not None:
        out().print(Text("  ").append_text(curve_text(out(), moment, 48)))
    for evidence in moment.evidence[:CARDS]:
        say(f"  {reason(evidence)}", style="dim")
    _picture(moment, way, "")


def _picture(moment: Moment, way: thumbnails.Way, title: str) -> None:
    if not moment.picture or way == "none":
        return
    if title:
        say(f"{title}  {plain(moment.video.path.name)}", style="dim")
    if way == "blocks":
        drawn = thumbnails.blocks(moment.picture)
        if drawn is not None:
            out().print(drawn, end="")
        return
    print_text(thumbnails.escape(moment.picture, way))
