"""`index`, `status`, `prune`, `reindex`: commands that fill a library and look after it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.app.options import EncoderOption, JsonOption, LibraryOption
from whenabouts.app.preferences import library_path
from whenabouts.app.run_view import RunView, report_json, tell_report
from whenabouts.app.screen import Exit, note, plain, print_json, say
from whenabouts.app.status_json import status_json
from whenabouts.errors import InputError
from whenabouts.types import clock

if TYPE_CHECKING:
    from whenabouts.library.about import Status
    from whenabouts.library.events import PassName, Report
    from whenabouts.library.library import Library
    from whenabouts.library.settings import IndexSettings


def index(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders and files; without any, the folders indexed before."),
    ] = None,
    library: LibraryOption = None,
    encoder: EncoderOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and index what changes, until Control-C.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Key frames only; a later index does the rest.")
    ] = False,
    no_screen_text: Annotated[
        bool, typer.Option("--no-screen-text", help="Do not read text in the pictures.")
    ] = False,
    no_speech: Annotated[
        bool, typer.Option("--no-speech", help="Do not recognise speech.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Pass over files or paths like this; repeatable."),
    ] = None,
    hidden: Annotated[
        bool, typer.Option("--hidden", help="Look at names that begin with a dot, too.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try unchanged files again that failed before.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make folders of videos searchable; run it again after changes.

    Unchanged files are skipped, renamed ones recognised, and a run that was cut off goes on where
    it stopped. It goes in passes (key frames, all frames, on-screen text, speech), and the library
    can be searched after the first. Ends with exit code 3 when some files failed.
    """
    from whenabouts.app.choice import open_for_index
    from whenabouts.library.settings import IndexSettings

    settings = IndexSettings(
        passes=_passes(quick=quick, screen=not no_screen_text, speech=not no_speech),
        exclude=tuple(exclude or ()),
        hidden=hidden,
        retry=retry,
    )
    folders = [path.expanduser() for path in paths or []]
    for path in folders:
        if not os.path.lexists(path):
            raise InputError(f"there is no file or folder {path}; check the spelling")
    where = library_path(library)
    with open_for_index(where, encoder, create=bool(folders), ask=not json) as opened:
        report = _run(opened, folders, settings)
        _tell(opened, report, as_json=json)
        if watch:
            _watch(opened, settings, as_json=json)
    if report.failed:
        raise typer.Exit(Exit.PARTLY)


def _passes(*, quick: bool, screen: bool, speech: bool) -> tuple[PassName, ...]:
    if quick:
        return ("keyframes",)
    wished: dict[PassName, bool] = {
        "keyframes": True,
        "frames": True,
        "screen": screen,
        "speech": speech,
    }
    return tuple(name for name, wanted in wished.items() if wanted)


def _run(opened: Library, paths: list[Path], settings: IndexSettings) -> Report:
    try:
        with RunView() as view:
            return opened.add(*paths, settings=settings, on_event=view)
    except KeyboardInterrupt:
        note("\nstopped; what was committed stays, and the next index goes on from there")
        raise


def _tell(opened: Library, report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json("index", {"library": str(opened.path), **report_json(report)})
        return
    tell_report(report)
    say(f"library: {plain(opened.path)}", style="dim")


def _watch(opened: Library, settings: IndexSettings, *, as_json: bool) -> None:
    """Index again whenever something below the library's folders changes."""
    from watchfiles import Change, watch

    ours = str(opened.path)
    folders = [folder for folder in opened.folders() if Path(folder).exists()]

    def matters(_: Change, path: str) -> bool:
        return path != ours and not path.startswith(f"{ours}/")

    note(f"watching {', '.join(map(plain, folders))}; Control-C ends", style="dim")
    # A file is still being written while its changes come in; two quiet seconds mean it is whole.
    for _ in watch(*folders, watch_filter=matters, step=2000, debounce=60_000):
        report = _run(opened, [], settings)
        if report.new or report.changed or report.moved or report.failed or report.missing:
            _tell(opened, report, as_json=as_json)


def status(library: LibraryOption = None, json: JsonOption = False) -> None:
    """Show what a library holds, what is still to do, and which files failed, with reasons."""
    from whenabouts.library.library import open_library

    with open_library(library_path(library), create=False) as opened:
        found = opened.status()
    if json:
        print_json("status", status_json(found))
        return
    _tell_status(found)


_DUE = {
    "keyframes": "key frames",
    "frames": "all frames",
    "screen": "on-screen text",
    "speech": "speech",
}


def _tell_status(found: Status) -> None:
    from rich.table import Table

    from whenabouts.app.screen import out

    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
    due = ", ".join(f"{_DUE.get(name, name)} of {n}" for name, n in found.due.items() if n)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    rows = {
        "library": str(found.path),
        "folders": "\n".join(map(plain, found.folders)) or "none",
        "encoder": found.info.encoder.name,
        "files": f"{found.info.videos} ({kinds})" if kinds else str(found.info.videos),
        "length": clock(found.length_s),
        "frames": f"{found.info.frames:,}",
        "texts": f"{found.info.texts:,}",
        "still to do": due or "nothing",
        "missing": f"{len(found.missing)}; whenabouts prune forgets them" if found.missing else "",
    }
    for title, text in rows.items():
        if text:
            table.add_row(title, text if title == "folders" else plain(text))
    out().print(table)
    for title, failures in (("read in part", found.partial), ("failed", found.failed)):
        for failure in failures:
            say(f"{title}: {plain(failure.path)}: {plain(failure.reason)}", style="yellow")


def prune(library: LibraryOption = None, json: JsonOption = False) -> None:
    """Forget files that are not on disk any more. The files themselves are never touched."""
    from whenabouts.library.library import open_library

    with open_library(library_path(library), create=False) as opened:
        gone = opened.prune()
    if json:
        print_json("prune", {"removed": gone})
        return
    for path in gone:
        say(f"forgot {plain(path)}")
    say(f"{len(gone)} forgotten" if gone else "nothing to forget")


def reindex(
    encoder: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The new encoder: a name from `whenabouts models list`, a hub name or a folder.",
        ),
    ],
    library: LibraryOption = None,
    json: JsonOption = False,
) -> None:
    """Move a library to another encoder: pictures are encoded again, texts stay.

    A run that was cut off goes on with the next index or reindex.
    """
    from whenabouts.library.library import open_library

    with open_library(library_path(library), create=False) as opened:
        with RunView() as view:
            report = opened.reindex(encoder, on_event=view)
        if json:
            print_json("reindex", {"library": str(opened.path), **report_json(report)})
        else:
            tell_report(report)
            say(f"{plain(opened.path)} now uses {opened.encoder.name}", style="dim")
    if report.failed:
        raise typer.Exit(Exit.PARTLY)
