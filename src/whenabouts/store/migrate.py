"""The card of a library, `library.json`, and the steps from older formats to today's.

The card is what tells a folder from a library. It is small, readable and replaced atomically.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whenabouts.errors import StoreError, VersionError
from whenabouts.store.rows import EncoderMark

FORMAT = 1
"""Grows by one whenever the files of a library change their meaning."""

STEPS: dict[int, Callable[[Path, dict[str, Any]], dict[str, Any]]] = {}
"""Format n -> what turns a library of format n into n+1 and gives back its new card."""

CARD = "library.json"


@dataclass(frozen=True, slots=True)
class Card:
    """What `library.json` says."""

    format: int
    created_by: str
    """Program version that made it."""
    encoder: EncoderMark


def new_card(encoder: EncoderMark) -> Card:
    """The card of a library made now."""
    return Card(FORMAT, f"whenabouts {version('whenabouts')}", encoder)


def read_card(library: Path) -> Card:
    """The card of an existing library of today's format; an older one asks for `upgrade`."""
    values = _read(library)
    if values["format"] < FORMAT:
        raise VersionError(
            f"{library} has the older format {values['format']}, this program reads {FORMAT}; "
            "open it once for writing (for example `whenabouts index`) to bring it up"
        )
    return _card(library, values)


def upgrade(library: Path) -> Card:
    """The card of a library held for writing, after all steps to today's format were taken."""
    values = _read(library)
    while values["format"] < FORMAT:
        step = STEPS.get(values["format"])
        if step is None:
            raise VersionError(f"no way from format {values['format']} to {FORMAT}; index it anew")
        values = step(library, values)
        _write(library, values)
    return _card(library, values)


def write_card(library: Path, card: Card) -> None:
    """Replace the card in one step; a reader sees the old one or the new one."""
    encoder = card.encoder
    _write(
        library,
        {
            "format": card.format,
            "created_by": card.created_by,
            "encoder": encoder.name,
            "fingerprint": encoder.fingerprint,
            "width": encoder.width,
        },
    )


def _read(library: Path) -> dict[str, Any]:
    path = library / CARD
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(
            f"there is no library at {library}; make one with `whenabouts index FOLDER`"
        ) from error
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise StoreError(f"{path} is damaged ({error}); index the videos anew") from error
    found = values.get("format") if isinstance(values, dict) else None
    if not isinstance(found, int) or found < 1:
        raise StoreError(f"{path} names no format, got {found!r}; is this folder a library?")
    if found > FORMAT:
        raise VersionError(
            f"{library} has format {found} (made by {values.get('created_by')}), this program "
            f"reads up to {FORMAT}; update whenabouts"
        )
    return values


def _card(library: Path, values: dict[str, Any]) -> Card:
    try:
        mark = EncoderMark(str(values["encoder"]), str(values["fingerprint"]), int(values["width"]))
        return Card(values["format"], str(values["created_by"]), mark)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{library / CARD} lacks or garbles {error}; index anew") from error


def _write(library: Path, values: dict[str, Any]) -> None:
    path, fresh = library / CARD, library / f"{CARD}.new"
    try:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(values, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
