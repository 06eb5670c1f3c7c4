"""What models see of videos, on disk: written whole or not at all, looked at again when torn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from whenabouts.errors import InputError

T = TypeVar("T")


def read_kept(place: Path | None, parse: Callable[[bytes], T]) -> T | None:
    """What a file holds; None where there is none, or one that cannot be used."""
    if place is None or not place.is_file():
        return None
    try:
        return parse(place.read_bytes())
    except (InputError, OSError):
        return None


def write_kept(place: Path | None, data: Callable[[], bytes]) -> tuple[str, ...]:
    """Keep what was seen; a full disk costs the next look, not this answer, and is told."""
    if place is None:
        return ()
    part = place.with_suffix(".part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data())
        part.replace(place)
    except OSError as error:
        return (f"what was seen could not be kept in {place.parent}: {error.strerror or error}",)
    return ()
