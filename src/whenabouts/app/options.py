"""Options that several commands share, and how their texts become values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.errors import InputError
from whenabouts.types import Span

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library",
        "-l",
        metavar="LIB",
        help="Folder of the library. Default: WHENABOUTS_LIBRARY, else one in your user data "
        "folder.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON to stdout (docs/json.md) instead of text.")
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Encoder: a name from `whenabouts models list`, a hub name or a folder.",
    ),
]


def spread(words: Sequence[str], command: str, option: str) -> list[str]:
    """A command line on which `option` takes all words behind it, up to the next option.

    The parser knows options of one word each, so each word gets the option in front.

    >>> spread(["ask", "a.mp4", "what?", "--options", "red", "blue", "--json"], "ask", "--options")
    ['ask', 'a.mp4', 'what?', '--options', 'red', '--options', 'blue', '--json']
    """
    if not words or words[0] != command:
        return list(words)
    found: list[str] = []
    taking, taken = False, 0
    for word in (*words, "-"):
        if word.startswith("-"):
            if taking and not taken:
                raise InputError(f"{option} has no words behind it; name at least two")
            taking, taken = word == option, 0
            found += [] if taking else [word]
        else:
            found += [option, word] if taking else [word]
            taken += taking
    return found[:-1]


_SECONDS = re.compile(r"(\d+(?:\.\d*)?)s?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d*)?)")


def seconds(text: str) -> float:
    """Seconds from `75.5`, `1:15.5` or `0:01:15.5`.

    >>> seconds("1:15.5")
    75.5
    """
    plain = _SECONDS.fullmatch(text.strip())
    if plain is not None:
        return float(plain[1])
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text!r} is no time; write seconds (75.5) or a clock (1:15.5)")
    hours, minutes, rest = match.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def span(text: str, separator: str = "-") -> Span:
    """A span from `START-END`, in the forms of `seconds`."""
    start, found, end = text.partition(separator)
    if not found:
        raise InputError(f"{text!r} is no span; write START{separator}END, for example 12-15.5")
    start_s, end_s = seconds(start), seconds(end)
    if end_s <= start_s:
        raise InputError(f"the span {text!r} ends before it starts; write START{separator}END")
    return Span(start_s, end_s)


def clip(text: str) -> tuple[Path, Span | None]:
    """File and span from `FILE#t=START,END` (a media fragment); the whole file without `#t=`."""
    path, found, times = text.rpartition("#t=")
    if not found:
        return Path(text).expanduser(), None
    return Path(path).expanduser(), span(times, ",")


def day(text: str, *, end: bool = False) -> float:
    """Unix time of a day or moment in ISO form; `end` takes the end of a day given alone."""
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            f"{text!r} is no date; write 2026-05-31 or 2026-05-31T18:00, local time"
        ) from None
    if end and len(text.strip()) <= len("2026-05-31"):
        when = when.replace(hour=23, minute=59, second=59, microsecond=999999)
    return (when if when.tzinfo else when.astimezone()).astimezone(UTC).timestamp()
