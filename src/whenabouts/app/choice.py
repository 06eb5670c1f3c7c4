"""Which encoder a library gets: as said, as it has, or, for a new one, after asking.

Nothing is fetched without a yes. Where nobody can be asked, the built-in encoder is used, and a
notice says what it knows and what it does not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from whenabouts.app.preferences import preferences
from whenabouts.app.screen import err, note

if TYPE_CHECKING:
    from whenabouts.library.library import Library
    from whenabouts.weights.hub import Known

BUILT_IN_NOTICE = (
    "The built-in encoder tiny-clip only knows what shape world taught it: drawn shapes, their "
    "colours and motions. In natural video it finds nothing by its pictures; speech, on-screen "
    "text, subtitles, names and metadata are searched in full."
)


def open_for_index(path: Path, encoder: str | None, *, create: bool, ask: bool) -> Library:
    """The library at `path`, made when there is none and `create` is set.

    `encoder` is what the option says; `ask` allows a question on the terminal.
    """
    from whenabouts.library.library import open_library
    from whenabouts.store.migrate import CARD

    if create and encoder is None and not (path / CARD).exists():
        encoder = preferences().encoder or _for_new_library(ask=ask)
    return open_library(path, encoder, create=create)


def _for_new_library(*, ask: bool) -> str | None:
    """The recommended encoder if it is here or the user wants it; None for the built-in one."""
    from whenabouts.weights import hub

    if any(model.name == hub.RECOMMENDED for model in hub.installed()):
        note(f"encoder of the new library: {hub.RECOMMENDED}", style="dim")
        return hub.RECOMMENDED
    recommended = next(model for model in hub.known() if model.name == hub.RECOMMENDED)
    if ask and sys.stdin is not None and sys.stdin.isatty() and err().is_terminal:
        return _asked(recommended)
    note(BUILT_IN_NOTICE, style="yellow")
    note(
        f"For natural video: whenabouts models get {recommended.name}, "
        f"then: whenabouts reindex --encoder {recommended.name}",
        style="yellow",
    )
    return None


def _asked(recommended: Known) -> str | None:
    """Ask whether to fetch the recommended encoder, and do it on a yes."""
    from whenabouts.app.getting import get_model

    note("A new library needs an encoder, which puts pictures and words into one space.")
    note(f"\n  tiny-clip, built in. {BUILT_IN_NOTICE}")
    note(
        f"\n  {recommended.name}: {recommended.about}. Licence {recommended.licence}, "
        f"{recommended.parameters_m} million parameters. Fetched from the hub after a yes.\n"
    )
    if not typer.confirm(f"Fetch {recommended.name} now?", default=False, err=True):
        note(
            "The built-in encoder it is. A library can be moved later: whenabouts reindex "
            f"--encoder {recommended.name}",
            style="dim",
        )
        return None
    get_model(recommended.name, sure=False)
    return recommended.name
