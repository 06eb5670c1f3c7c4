"""`data`: whether a published dataset's folder is complete, and instructions made of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from whenabouts.app.commands_instruct import (
    RECORDS,
    check_instructions,
    check_source,
    convert,
)
from whenabouts.app.commands_prepare import prepare
from whenabouts.app.options import JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.screen import Exit, out, plain, print_json, say

if TYPE_CHECKING:
    from whenabouts.data.check import Condition, SplitState

data = typer.Typer(help="Published datasets: what is there, what is missing.", no_args_is_help=True)

SHOWN = 5
"""Missing and unreadable videos that are listed; `--json` has them all."""

data.command("convert")(convert)
data.add_typer(prepare, name="prepare")


@data.command("check")
def check(
    dataset: Annotated[
        str,
        typer.Argument(
            help="msrvtt, msvd, lsmdc, didemo, activitynet, or a SOURCE of `data convert`."
        ),
    ],
    path: Annotated[
        Path,
        typer.Argument(help="The folder it is unpacked in; of instructions, their file or folder."),
    ],
    variant: Annotated[
        Literal["9k", "7k", "full"], typer.Option(help="Which splits of MSR-VTT.")
    ] = "9k",
    annotations: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Annotation files, when they are elsewhere."),
    ] = None,
    videos: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Video files, when they are elsewhere.")
    ] = None,
    probe: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Open so many of the videos; 0: none."),
    ] = 200,
    json: JsonOption = False,
) -> None:
    """Say which files of a dataset are missing and where they belong, and count what is there.

    Ends with exit code 1 when something is missing, or a video that was opened cannot be read.
    """
    from whenabouts.catalog import PARTS
    from whenabouts.data.check import check as check_folder
    from whenabouts.data.settings import DataSettings

    places = [None if at is None else at.expanduser() for at in (annotations, videos)]
    at = path.expanduser()
    if dataset == RECORDS:
        _end(check_instructions(at, places[1], probe, json=json))
        return
    if dataset in PARTS["instructions"] and dataset not in PARTS["dataset"]:
        _end(check_source(dataset, at, places[0], json=json))
        return
    settings = DataSettings(variant=variant, annotations=places[0], videos=places[1])
    with Bar("Opening videos", unit="videos") as bar:
        found = check_folder(
            dataset,
            at,
            settings,
            probe_limit=probe,
            tell=lambda done, total, name: bar.to(done, total, detail=name),
        )
    if json:
        print_json("data check", _body(found))
    else:
        _tell(found)
    _end(found.sound)


def _end(sound: bool) -> None:
    """Leave with the exit code of a check."""
    if not sound:
        raise typer.Exit(Exit.NO)


def _body(found: Condition) -> dict[str, Any]:
    return {
        "dataset": found.dataset,
        "folder": str(found.folder),
        "ok": found.sound,
        "splits": [
            {
                "split": state.split,
                "videos": state.videos,
                "captions": state.captions,
                "captions_without_video": state.unpaired,
                "missing_files": [str(path) for path in state.files],
                "missing_videos": list(state.missing),
                "problem": state.problem,
                "notes": list(state.notes),
            }
            for state in found.splits
        ],
        "opened": found.probed,
        "there": found.there,
        "in_train_and_test": found.shared,
        "unreadable": [{"path": str(path), "reason": why} for path, why in found.unreadable],
    }


def _tell(found: Condition) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("split")
    for title in ("videos", "missing", "captions", "without video"):
        table.add_column(title, justify="right")
    for state in found.splits:
        counts = (state.videos, len(state.missing), state.captions, state.unpaired)
        cells = ["?" if state.files or state.problem else f"{count:,}" for count in counts]
        table.add_row(state.split, *cells)
    out().print(table)
    files = dict.fromkeys(path for state in found.splits for path in state.files)
    for path in files:
        say(f"missing: {plain(path)}")
    for state in found.splits:
        _tell_split(state)
    for path, why in found.unreadable[:SHOWN]:
        say(f"unreadable: {plain(path)}: {plain(why)}")
    _more(len(found.unreadable), "unreadable videos")
    if found.shared:
        say(f"{found.shared:,} videos are in both train and test: figures would mean little")
    say(f"opened {found.probed:,} of {found.there:,} videos, {len(found.unreadable)} unreadable")
    say(f"{found.dataset} is {'complete' if found.sound else 'not complete'}")


def _tell_split(state: SplitState) -> None:
    if state.problem:
        say(f"{state.split}: {plain(state.problem)}")
    names = state.missing[:SHOWN]
    if len(names) > 1:  # one alone is named in the note
        say(f"{state.split}: no file of {', '.join(plain(name) for name in names)}")
    _more(len(state.missing), f"videos of {state.split} without a file")
    for note in state.notes:
        say(f"{state.split}: {plain(note)}")


def _more(count: int, what: str) -> None:
    if count > SHOWN:
        say(f"... {count - SHOWN:,} more {what}; --json lists all")
