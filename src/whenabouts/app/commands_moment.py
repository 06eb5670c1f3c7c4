"""`show` and `export`: commands that take a moment further."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from whenabouts.app import recall
from whenabouts.app.options import JsonOption, LibraryOption
from whenabouts.app.preferences import library_path
from whenabouts.app.screen import note, plain, print_json, say
from whenabouts.errors import InputError
from whenabouts.types import Moment

if TYPE_CHECKING:
    from whenabouts.library.library import Library


def show(
    hit: Annotated[
        str,
        typer.Argument(help="A rank of the last search, or VIDEO@START-END, or VIDEO."),
    ],
    library: LibraryOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="PNG", help="Where the contact sheet goes."),
    ] = None,
    play: Annotated[
        bool, typer.Option("--open", help="Open the video in a player at this moment.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show a moment: its evidence, and a contact sheet (PNG) of pictures, times and curve."""
    from whenabouts.app.hits import say_moment
    from whenabouts.app.player import play as start_player
    from whenabouts.app.preferences import preferences
    from whenabouts.app.sheet import sheet_name, write_sheet
    from whenabouts.library.library import open_library

    with open_library(library_path(library), create=False) as opened:
        moment = recall.hit(hit, opened.path, opened.video)
        query = recall.last(opened.path)[0] if hit.isdigit() else ""
    sheet = None
    if out is not None or not play:
        sheet = (out or Path(sheet_name(moment))).expanduser()
        write_sheet(moment, sheet, query)
    if json:
        value = {"moment": moment.to_json(picture=False), "sheet": sheet and str(sheet)}
        print_json("show", value)
    else:
        say_moment(moment)
        if sheet is not None:
            say(f"contact sheet: {plain(sheet)}")
    if play:
        name = start_player(moment.video.path, moment.span.start_s, preferences().player)
        note(f"opened in {name} at {moment.span.start_s:.1f} s")


Format = Literal["clip", "csv", "vtt", "otio", "edl", "fcpxml"]
"""What `export` writes."""


def export(
    hits: Annotated[
        list[str],
        typer.Argument(help="Ranks of the last search, VIDEO@START-END, or `all` of the search."),
    ],
    to: Annotated[Format, typer.Option(help="What to write.")],
    library: LibraryOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="PATH",
            help="File, or folder for clips and chapters; `-` prints text. Default: here.",
        ),
    ] = None,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Cut clips to the frame by encoding again (slower)."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Take moments elsewhere: clips, CSV, WebVTT chapters, or a timeline (OTIO, EDL, FCPXML).

    A clip is copied without loss from the key frame before its start; `--exact` encodes it again.
    """
    from whenabouts.app.exporting import write
    from whenabouts.library.library import open_library

    with open_library(library_path(library), create=False) as opened:
        title, moments = _named(hits, opened)
    written = write(moments, to, title=title, out=out, exact=exact)
    if json and str(out) != "-":
        print_json("export", {"to": to, "files": [str(path) for path in written]})
        return
    for path in written:
        say(plain(path))


def _named(hits: Sequence[str], opened: Library) -> tuple[str, list[Moment]]:
    """A title and the moments that `hits` name."""
    query, last = recall.last(opened.path)
    moments: list[Moment] = []
    for text in hits:
        if text == "all":
            if not last:
                raise InputError("there is no last search to export; search first")
            moments.extend(last)
        else:
            moments.append(recall.hit(text, opened.path, opened.video))
    return query or "moments", moments
