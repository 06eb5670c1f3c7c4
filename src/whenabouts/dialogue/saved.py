"""Conversations on disk: one file each in the library's folder, a line a turn, safe at any moment.

A line is written and flushed to the disk before the next turn; a line that was cut off by a crash
is passed over when the file is read, and overwritten when the conversation goes on.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from whenabouts.errors import InputError
from whenabouts.types import Turn

FOLDER = "conversations"
FORMAT = 1
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A saved conversation in a list of them."""

    id: str
    changed_s: float
    """When it last changed, seconds since 1970."""
    turns: int
    title: str
    """The first thing the user said."""


class Saved:
    """The file of one conversation."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begun = False

    @property
    def id(self) -> str:
        """Its name without folder and ending."""
        return self.path.stem

    def add(self, turn: Turn) -> None:
        """Write a turn down; it is on the disk when this returns."""
        if not self._begun:
            self._begin()
        self._append(turn.to_json())

    def _begin(self) -> None:
        """Cut off a half-written last line; write the head of a new file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            raw = self.path.read_bytes()
            whole = raw.rfind(b"\n") + 1
            if whole < len(raw):
                with self.path.open("r+b") as file:
                    file.truncate(whole)
        else:
            self._append({"format": FORMAT, "begun_s": round(time.time(), 3)})
        self._begun = True

    def _append(self, values: dict[str, Any]) -> None:
        line = json.dumps(values, ensure_ascii=True, allow_nan=False) + "\n"
        with self.path.open("ab") as file:
            file.write(line.encode("ascii"))
            file.flush()
            os.fsync(file.fileno())


def new(library: Path) -> Saved:
    """A new conversation in a library's folder; its name sorts by time."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid4().hex[:6]}"
    return Saved(library / FOLDER / f"{name}.jsonl")


def read(file: Path) -> tuple[tuple[Turn, ...], str]:
    """The whole turns of a file, and what the user said last where it was never answered.

    Raises:
        InputError: it is no conversation, or a newer program wrote it.
    """
    turns: list[Turn] = []
    lines = file.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1]):  # what follows the last newline was cut off
        try:
            values = json.loads(line)
            if number == 0:
                _check(values, file)
                continue
            turn = Turn.from_json(values)
            if turns and turn.role == turns[-1].role == "user":
                turns.pop()  # never answered: the program ended, and was asked something else later
            turns.append(turn)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{file}, line {number + 1}, is no turn ({error}); delete it"
            ) from error
    open_text = turns.pop().text if turns and turns[-1].role == "user" else ""
    return tuple(turns), open_text


def _check(head: dict[str, Any], file: Path) -> None:
    if head["format"] != FORMAT:
        raise InputError(f"{file} has format {head['format']}, this program reads {FORMAT}")


def find(library: Path, name: str) -> Saved:
    """A saved conversation by its name, by the beginning of it, or `last`."""
    known = every(library)
    if name == "last" and known:
        return Saved(library / FOLDER / f"{known[0].id}.jsonl")
    fits = [entry.id for entry in known if entry.id == name]
    fits = fits or [
        entry.id for entry in known if _ID.fullmatch(name) and entry.id.startswith(name)
    ]
    if len(fits) != 1:
        which = "several conversations begin" if fits else "no conversation is called or begins"
        raise InputError(f"{which} so: {name!r}; see `whenabouts chat --list`")
    return Saved(library / FOLDER / f"{fits[0]}.jsonl")


def every(library: Path) -> list[Entry]:
    """The saved conversations of a library, the latest first; files that are none are left out."""
    found: list[Entry] = []
    for file in (library / FOLDER).glob("*.jsonl"):
        try:
            turns, waiting = read(file)
        except (InputError, OSError):
            continue
        title = next((turn.text for turn in turns if turn.role == "user"), waiting)
        found.append(
            Entry(file.stem, file.stat().st_mtime, len(turns), " ".join(title.split())[:80])
        )
    return sorted(found, key=lambda entry: (-entry.changed_s, entry.id))


def as_markdown(turns: Sequence[Turn]) -> str:
    """A conversation to read."""
    lines: list[str] = []
    for turn in turns:
        lines.append(f"**{'You' if turn.role == 'user' else 'whenabouts'}:** {turn.text}\n")
        lines += [f"{rank}. {moment}" for rank, moment in enumerate(turn.moments, start=1)]
        lines += [""] if turn.moments else []
    return "\n".join(lines)
