"""What a person or a script sees: the two consoles, safe text, JSON, exit codes.

Results go to stdout, everything else (progress, notices, errors) to stderr. Colour, width and
motion follow the terminal: `NO_COLOR`, `TERM=dumb`, `COLUMNS` and pipes are respected.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from whenabouts.errors import WhenaboutsError

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = 1
"""Version of the JSON that every command prints; docs/json.md describes it."""

PIPE_WIDTH = 160
"""Columns of a table that is not printed on a terminal."""


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    DONE = 0
    """All went well."""
    NO = 1
    """The command worked and its answer is no: nothing found, a check failed."""
    REFUSED = 2
    """It could not be done: wrong input, missing part, unusable library. stderr says why."""
    PARTLY = 3
    """Indexing ended, and some files failed; `whenabouts status` lists them."""
    BROKEN = 70
    """A fault of the program itself."""
    INTERRUPTED = 130
    """Control-C."""


def prepare_streams() -> None:
    """Make stdout and stderr unable to fail on any text, whatever the locale."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller: `whenabouts ... >&-`
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - lives as long as we
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@cache
def out() -> Console:
    """The console for results."""
    return _console(error=False)


@cache
def err() -> Console:
    """The console for notices, progress and errors."""
    return _console(error=True)


def _console(*, error: bool) -> Console:
    from rich.console import Console

    class Pipe(Console):
        def on_broken_pipe(self) -> None:
            leave_quietly()

    console = Pipe(stderr=error, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def leave_quietly() -> NoReturn:
    """End because the reader of our output (`head`, a closed pager) has had enough."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)  # or the interpreter complains when it flushes at exit
    raise SystemExit(Exit.DONE)


_UNSAFE = re.compile(
    # control characters, line separators, direction overrides, and bytes that are no UTF-8
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: object) -> str:
    r"""Text that cannot steer the terminal: control characters are shown as escapes.

    >>> plain("a\nb\x1b[31m")
    'a\\nb\\x1b[31m'
    """
    return _UNSAFE.sub(_escape, str(text))


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    if 0xDC80 <= point <= 0xDCFF:  # how Python carries a byte of a file name that is no UTF-8
        return f"\\x{point - 0xDC00:02x}"
    return repr(match.group())[1:-1]


def can_show(console: Console, text: str) -> bool:
    """Whether the encoding of the console knows every character of `text`."""
    try:
        text.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def print_json(command: str, body: dict[str, Any]) -> None:
    """Print one JSON object to stdout: schema, command, then `body`."""
    value = {"schema": SCHEMA, "command": command, **body}
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        text.encode("ascii" if "utf" not in out().encoding.lower() else "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2, allow_nan=False)
    print_text(text + "\n")


def print_text(text: str) -> None:
    """Print text to stdout as it is."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        leave_quietly()


def say(text: str = "", style: str | None = None) -> None:
    """Print a line to stdout, never cut or wrapped."""
    out().print(text, style=style, soft_wrap=True)


def note(text: str, style: str | None = None) -> None:
    """Print a notice to stderr, wrapped between words on a terminal."""
    err().print(text, style=style, soft_wrap=not err().is_terminal)


def complain(error: WhenaboutsError | OSError, *, as_json: bool) -> None:
    """Tell an error: what is wrong and the next step."""
    if isinstance(error, OSError):
        where = f": {plain(error.filename)}" if error.filename else ""
        text = f"{error.strerror or error}{where}"
    else:
        text = "\n".join(plain(line) for line in str(error).split("\n"))
    if as_json:
        print_json("error", {"error": {"kind": type(error).__name__, "message": text}})
    note(f"whenabouts: {text}", style="red")
