"""Which encoder a library gets: as said, as it has, or, for a new one, after asking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.app.preferences import preferences

if TYPE_CHECKING:
    from whenabouts.library.library import Library


def open_for_index(path: Path, encoder: str | None) -> Library:
    """The library at `path`, made when there is none; `encoder` as the option says."""
    from whenabouts.library.library import open_library

    return open_library(path, encoder or preferences().encoder)
