"""`search`, `show`, `export`: commands that find moments and take them further."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from whenabouts.app import recall
from whenabouts.app.options import JsonOption, LibraryOption, clip, day
from whenabouts.app.preferences import library_path
from whenabouts.app.screen import Exit, err, note, plain, print_json, say
from whenabouts.errors import InputError
from whenabouts.types import Channel

if TYPE_CHECKING:
    from whenabouts.library.filters import Filters
    from whenabouts.library.library import Library
    from whenabouts.library.results import Moments
    from whenabouts.library.settings import SearchSettings


Kind = Literal["video", "animation", "image", "audio"]
"""Kinds of files."""


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(help="What happens, in English or Chinese; 'A then B' asks for an order."),
    ] = None,
    library: LibraryOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many hits.")] = 10,
    image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Find what looks like this picture.")
    ] = None,
    clip_: Annotated[
        str | None,
        typer.Option(
            "--clip",
            metavar="FILE#t=A,B",
            help="Find what looks like this clip; without #t= the whole file.",
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="HIT", help="Find more like this hit: 3, or boat.mp4@2-4.5."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Only files below this folder.")
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="PATTERN", help="Only files named so, for example 'trip*.mp4'.")
    ] = "",
    kind: Annotated[Kind | None, typer.Option(help="Only files of this kind.")] = None,
    shortest: Annotated[
        float | None, typer.Option(metavar="S", min=0, help="Only files of at least S seconds.")
    ] = None,
    longest: Annotated[
        float | None, typer.Option(metavar="S", min=0, help="Only files of at most S seconds.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only recorded on or after, as 2026-05-31.")
    ] = None,
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only recorded on or before this day.")
    ] = None,
    speech: Annotated[
        bool | None,
        typer.Option("--speech/--silent", help="Only files with (without) recognised speech."),
    ] = None,
    lang: Annotated[
        str, typer.Option(metavar="CODE", help="Only files with speech or text in it: en, zh.")
    ] = "",
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANNEL",
            help="Search only this, repeatable: visual, speech, screen, subtitle, chapter, name, "
            "metadata.",
        ),
    ] = None,
    refine: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="Let a video LLM (its folder) or `frames` sharpen the spans of the best hits.",
        ),
    ] = "",
    unsure: Annotated[
        bool, typer.Option("--unsure", help="Show the best even when nothing seems to fit.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Find moments: by words, by picture, by clip, or by another hit.

    Pictures, speech, on-screen text, subtitles, chapters, names and metadata are searched together.
    Ends with exit code 1 when nothing in the library fits.
    """
    from whenabouts.library.filters import Filters
    from whenabouts.library.library import open_library
    from whenabouts.library.settings import SearchSettings

    filters = Filters(
        shortest_s=shortest,
        longest_s=longest,
        after_s=None if after is None else day(after),
        before_s=None if before is None else day(before, end=True),
        folder=folder,
        name=name,
        kind=kind,
        has_speech=speech,
        lang=lang,
    )
    settings = SearchSettings(channels=_channels(by or []))
    if unsure:
        settings = settings.model_copy(update={"floor": 0.0})
    wish = _wish(query or [], image, clip_, like)
    with open_library(library_path(library), create=False) as opened:
        moments = _find(opened, wish, limit, filters, settings)
        if refine:
            moments = _refined(moments, refine, wish, opened)
        forgotten = recall.keep(opened.path, moments.query, moments)
    if json:
        found = [moment.to_json(picture=False) for moment in moments]
        print_json("search", {"query": moments.query, "reason": moments.reason, "hits": found})
    else:
        _tell(moments)
    if forgotten:
        note(forgotten, style="yellow")
    if not moments:
        raise typer.Exit(Exit.NO)


def _channels(names: list[str]) -> tuple[str, ...] | None:
    """The channels to search, None for all."""
    known = get_args(Channel)
    for name in names:
        if name not in known:
            raise InputError(f"{name!r} is no channel; the channels are {', '.join(known)}")
    return tuple(names) or None


def _wish(
    words: list[str], image: Path | None, clip_: str | None, like: str | None
) -> tuple[str, str]:
    """What is searched by (`words`, `image`, `clip`, `like`) and its text; exactly one."""
    given = {
        "words": " ".join(words),
        "image": "" if image is None else str(image.expanduser()),
        "clip": clip_ or "",
        "like": like or "",
    }
    wished = [(kind, text) for kind, text in given.items() if text]
    if len(wished) > 1:
        names = " and ".join(kind for kind, _ in wished)
        raise InputError(f"search by one thing at a time, not by {names}")
    if not wished:
        raise InputError(
            "say what to find, for example: whenabouts search 'a dog jumps'; "
            "or give --image, --clip or --like"
        )
    return wished[0]


def _find(
    opened: Library,
    wish: tuple[str, str],
    limit: int,
    filters: Filters,
    settings: SearchSettings,
) -> Moments:
    by, text = wish
    if by == "words":
        return opened.search(text, limit=limit, filters=filters, settings=settings)
    if by == "image":
        return opened.like(Path(text), limit=limit, filters=filters, settings=settings)
    if by == "clip":
        path, span = clip(text)
        return opened.like(path, span=span, limit=limit, filters=filters, settings=settings)
    hit = recall.hit(text, opened.path, opened.video)
    return opened.like(hit, limit=limit, filters=filters, settings=settings)


def _refined(moments: Moments, model: str, wish: tuple[str, str], opened: Library) -> Moments:
    """The hits with the spans that a watcher names."""
    from whenabouts.library.refine import refine
    from whenabouts.library.watchers import open_watcher

    if wish[0] != "words":
        raise InputError("--refine needs words to look for, not a picture, clip or hit")
    better, notes = refine(moments, open_watcher(model, opened))
    for text in notes:
        note(plain(text))
    return better


def _tell(moments: Moments) -> None:
    from whenabouts.app.hits import print_hits

    if not moments:
        say(f"not in your library: {plain(moments.reason or moments.query)}")
        return
    print_hits(moments)
    if moments.reason:
        note(plain(moments.reason), style="yellow")
    if err().is_terminal:
        note("next: whenabouts show 1 --open, or: whenabouts export 1 --to clip", style="dim")
