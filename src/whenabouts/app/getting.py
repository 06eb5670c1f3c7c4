"""Fetches a model after saying what it is: size, licence, source."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from whenabouts.app.progress import Bar
from whenabouts.app.screen import Exit, err, note

SPEECH = "speech-"
"""`speech-small` and its like are weights of the speech reader, not encoders."""
MB = 1e6


def get_model(name: str, *, sure: bool) -> Path:
    """Fetch the model `name` and return its folder; on a terminal a person may still say no.

    `sure` skips the question.
    """
    if name.startswith(SPEECH):
        return _get_speech(name.removeprefix(SPEECH), sure=sure)
    from whenabouts.weights.fetch import fetch, plan

    with err().status(f"asking the hub for {name}"):
        planned = plan(name)
    licence = planned.licence or "not stated"
    note(
        f"{name}: {planned.size_bytes / MB:,.0f} MB in {len(planned.files)} files from "
        f"{planned.source}; licence: {licence}"
    )
    _let_say_no(sure=sure)
    with Bar(f"Fetching {name}", planned.size_bytes / MB, "MB") as bar:
        return fetch(planned, lambda here, total: bar.to(here / MB, total / MB))


def _get_speech(size: str, *, sure: bool) -> Path:
    from whenabouts.systems.speech import fetch

    note(f"Whisper {size or 'small'} for faster-whisper, from the hub; licence: mit")
    _let_say_no(sure=sure)
    return fetch(size) if size else fetch()


def _let_say_no(*, sure: bool) -> None:
    """Ask on a terminal; elsewhere the command itself is the yes."""
    asked = not sure and sys.stdin is not None and sys.stdin.isatty() and err().is_terminal
    if asked and not typer.confirm("Fetch it?", default=True, err=True):
        raise typer.Exit(Exit.NO)
