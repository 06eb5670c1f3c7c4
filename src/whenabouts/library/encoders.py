"""Encoders by name, and the mark that a library keeps of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.catalog import PARTS, part
from whenabouts.protocols import Encoder
from whenabouts.store.rows import EncoderMark

DEFAULT = "tiny-clip"
"""The encoder of a new library when none is named: built in, works offline."""


def mark_of(encoder: Encoder) -> EncoderMark:
    """What the store compares to refuse a mix of vectors."""
    return EncoderMark(encoder.name, encoder.fingerprint, encoder.width)


def open_encoder(wished: Encoder | str | Path | None) -> Encoder:
    """An encoder that is open already, a name of the catalog, or a folder or hub name."""
    if wished is None:
        wished = DEFAULT
    if not isinstance(wished, str | Path):
        return wished
    if str(wished) in PARTS["encoder"]:
        encoder: Encoder = part("encoder", str(wished))()
        return encoder
    from whenabouts.systems import clip_tokens

    opened: Any = clip_tokens.open_encoder(wished)
    return opened


def source_of(wished: Encoder | str | Path | None, opened: Encoder) -> str:
    """What a library writes down to open its encoder again, wherever it is called from."""
    if not isinstance(wished, str | Path):
        return opened.name
    place = Path(wished).expanduser()
    return str(place.absolute()) if place.is_dir() else str(wished)
