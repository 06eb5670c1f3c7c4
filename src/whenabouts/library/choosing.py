"""Questions with options for watchers that answer in words: the letter they name is the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_uppercase

from whenabouts.errors import InputError
from whenabouts.library.query import checked
from whenabouts.metrics.answers.choices import letter
from whenabouts.protocols import Asker, Chosen, Told, Watcher
from whenabouts.types import Turn, Video

MOST = 10
"""Letters that are found in answers."""


def choose(
    watcher: Watcher,
    video: Video,
    question: str,
    options: Sequence[str],
    key_frames: int | None = None,
) -> Chosen:
    """The option that a watcher chooses; the frames behind it where it has them."""
    if isinstance(watcher, Asker):
        return watcher.ask(video, question, options, key_frames)
    if not 2 <= len(options) <= MOST:
        raise InputError(
            f"{len(options)} options; {watcher.name} chooses among 2 to {MOST}, a SeViLA among more"
        )
    if key_frames is not None:
        raise InputError(f"{watcher.name} reads all its frames alike; leave --key-frames out")
    texts = [checked(option) for option in options]
    listed = "\n".join(
        f"({name}) {text}" for name, text in zip(ascii_uppercase, texts, strict=False)
    )
    asked = f"{checked(question)}\nOptions:\n{listed}\nOnly give the best option."
    return _read(watcher.tell(video, asked), texts)


def tell(
    watcher: Watcher,
    video: Video,
    question: str,
    history: Sequence[Turn] = (),
    on_text: Callable[[str], None] | None = None,
    key_frames: int | None = None,
) -> Told:
    """An answer in words; with the frames behind it where the watcher has them."""
    if isinstance(watcher, Asker):
        if key_frames is None:
            return watcher.tell(video, question, history, on_text)
        return watcher.ask(video, question, (), key_frames)
    if key_frames is not None:
        raise InputError(f"{watcher.name} reads all its frames alike; leave --key-frames out")
    return watcher.tell(video, question, history, on_text)


def _read(told: Told, options: Sequence[str]) -> Chosen:
    named = letter(told.turn.text, len(options))
    same = [n for n, text in enumerate(options) if text.casefold() == told.turn.text.casefold()]
    option = ascii_uppercase.index(named) if named else (same[0] if same else None)
    notes = told.notes
    if option is None:
        notes = (*notes, f"the answer names no option: {told.turn.text!r}")
    text = "" if option is None else options[option]
    turn = Turn("assistant", text or told.turn.text, "answer", told.turn.moments)
    return Chosen(turn, told.curve, notes, option, None, sure=option is not None)
