"""`data prepare`: what a published preparation took from an outside program, made with our own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.app.options import JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.screen import note, plain, print_json, say
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.data.dialogue_candidates import Find
    from whenabouts.library.library import Library

prepare = typer.Typer(help="Make what training needs besides annotations.", no_args_is_help=True)
_DEPTH = 40
"""Moments of a search; several may be of one video."""


@prepare.callback()
def _group() -> None:
    """Make what training needs besides annotations."""


@prepare.command("ivcr")
def ivcr(
    source: Annotated[
        Path, typer.Argument(help="IVCR-200K.json, or the folder it lies in.", metavar="SOURCE")
    ],
    library: Annotated[
        Path,
        typer.Option("--library", "-l", metavar="LIB", help="A library with all the videos."),
    ],
    videos: Annotated[
        Path,
        typer.Option(metavar="DIR", help="The folder below which video ids are paths."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write.")],
    candidates: Annotated[
        int, typer.Option(metavar="N", min=1, max=10, help="Candidates of a turn.")
    ] = 10,
    json: JsonOption = False,
) -> None:
    """Find the candidates of every turn with the library's search, in place of those in the file.

    The numbers in the answers follow. In training a right video that is not found is put in last.
    """
    from whenabouts.data.dialogue_candidates import Found, with_candidates
    from whenabouts.data.dialogues import read, write
    from whenabouts.library.library import open_library

    dialogues = read(source.expanduser())
    found = Found()
    with open_library(library, create=False) as opened:
        find = _finder(opened, videos.expanduser())
        made = []
        with Bar("Searching", len(dialogues), "dialogues") as bar:
            for one in with_candidates(dialogues, find, found, most=candidates):
                made.append(one)
                bar.to(len(made), len(dialogues))
    write(made, out.expanduser())
    body = {
        "file": str(out),
        "dialogues": len(made),
        "asked": found.asked,
        "first": found.first,
        "among": found.among,
        "put_in": found.put_in,
    }
    if json:
        print_json("data prepare ivcr", body)
        return
    asked = max(1, found.asked)
    say(f"{len(made):,} dialogues in {plain(out)}")
    first, among = 100 * found.first / asked, 100 * found.among / asked
    say(
        f"of {found.asked:,} videos asked for the search alone has {first:.1f} % in first place "
        f"and {among:.1f} % among {candidates}"
    )
    if found.put_in:
        note(f"{found.put_in:,} right videos of training were not found and put in last")


def _finder(library: Library, folder: Path) -> Find:
    """Search for a text; videos as their paths below `folder`, which all must be in the library."""
    from whenabouts.library.settings import SearchSettings

    settings = SearchSettings(floor=0.0, per_video=1, pictures=False)
    root = folder.absolute()
    known = [Path(row.path) for row in library.videos()]
    names = {path: path.relative_to(root).as_posix() for path in known if path.is_relative_to(root)}
    if not names:
        raise InputError(
            f"the library {library.path} has no video below {folder}; index that folder first"
        )
    kept: dict[str, list[str]] = {}

    def find(text: str) -> list[str]:
        if text not in kept:
            hits = library.search(text, limit=_DEPTH, settings=settings) if text else []
            kept[text] = [names[hit.video.path] for hit in hits if hit.video.path in names]
        return kept[text]

    return find
