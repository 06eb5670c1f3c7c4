"""Search results on the screen: a table with a curve over time, or a few lines a hit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from whenabouts.app.screen import can_show, out, plain, say
from whenabouts.app.sparkline import BLOCKS, SIMPLE, marked
from whenabouts.types import Evidence, Match, Moment, clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

CURVE_WIDTH = 24
"""Characters of a curve."""
NARROW = 88
"""Columns below which a table has no room."""
MAX_WORDS = 60
"""Characters of a piece of text shown as evidence."""
MAX_REASONS = 3


def print_hits(moments: Sequence[Moment]) -> None:
    """Print the hits of a search, best first."""
    console = out()
    if console.width < NARROW:
        _print_lines(console, moments)
    else:
        _print_table(console, moments)


def _print_table(console: Console, moments: Sequence[Moment]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("video", overflow="fold", min_width=16, ratio=2)
    table.add_column("moment", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("over time", no_wrap=True)
    table.add_column("found by", overflow="fold", min_width=20, ratio=3)
    for rank, moment in enumerate(moments, start=1):
        table.add_row(
            str(rank),
            Text(plain(moment.video.path.name)),
            str(moment.span),
            f"{moment.score:.2f}",
            curve_text(console, moment),
            Text(reasons(moment)),
        )
    console.print(table)


def _print_lines(console: Console, moments: Sequence[Moment]) -> None:
    from rich.text import Text

    for rank, moment in enumerate(moments, start=1):
        head = Text(f"{rank:>2} ", style="bold")
        head.append(plain(moment.video.path.name))
        head.append(f"  {moment.span}  {moment.score:.2f}")
        console.print(head)
        if moment.curve is not None:
            console.print(Text("   ").append_text(curve_text(console, moment)))
        for evidence in moment.evidence[:MAX_REASONS]:
            console.print(Text(f"   {reason(evidence)}", style="dim"))


def curve_text(console: Console, moment: Moment, width: int = CURVE_WIDTH) -> Text:
    """The score over the whole video with the moment in bold; empty without a curve."""
    from rich.text import Text

    if moment.curve is None or not moment.curve.times_s:
        return Text("")
    marks = BLOCKS if can_show(console, BLOCKS) else SIMPLE
    line, first, last = marked(moment.curve, moment.video.span, moment.span, width, marks)
    text = Text(line, style="dim")
    text.stylize("bold not dim cyan", first, last)
    return text


def reasons(moment: Moment) -> str:
    """The evidence of a moment in a few words."""
    return "; ".join(reason(evidence) for evidence in moment.evidence[:MAX_REASONS])


def reason(evidence: Evidence) -> str:
    """`speech 0:12.3: "the words"`."""
    when = "" if evidence.time_s is None else f" {clock(evidence.time_s)}"
    words = " ".join(plain(evidence.text).split())
    if len(words) > MAX_WORDS:
        words = words[: MAX_WORDS - 1].rstrip() + "…"
    return f"{evidence.channel}{when}: {words}" if words else f"{evidence.channel}{when}"


def say_moment(moment: Moment) -> None:
    """Print one moment with all its evidence."""
    say(f"{plain(moment.video.path)}  {moment.span}  of {clock(moment.video.duration_s)}")
    console = out()
    if moment.curve is not None:
        from rich.text import Text

        width = min(60, max(10, console.width - 4))
        console.print(Text("  ").append_text(curve_text(console, moment, width)))
    for evidence in moment.evidence:
        say(f"  {reason(evidence)}")
        for match in evidence.matches:
            say(f"    {matched(match)}", style="dim")


def matched(match: Match) -> str:
    """`matched 'red' at 0:12.3: word 31 %, frame 5 %, fit 0.27`."""
    return (
        f"matched '{plain(match.word)}' at {clock(match.time_s)}: word {match.weight:.0%} of the "
        f"query, frame {match.frame_weight:.0%} of the moment, fit {match.score:.2f}"
    )
