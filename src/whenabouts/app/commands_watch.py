"""`ground`, `highlights`, `caption`, `summarize`, `describe`: commands for single videos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from whenabouts.app.options import JsonOption, LibraryOption
from whenabouts.app.screen import note, out, plain, say
from whenabouts.app.watching import Answers, Model, ask_all, asked_library, finish
from whenabouts.errors import InputError
from whenabouts.types import Moment

VideoArgument = Annotated[
    str,
    typer.Argument(
        metavar="VIDEO",
        help="A file, a folder, a name that the library knows, or `-` for names from stdin.",
    ),
]
VideosArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="VIDEO...",
        help="Files, folders, names that the library knows, or `-` for names from stdin.",
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="What watches: the folder of a video LLM or of a SeViLA, or `frames`, which compares "
        "vectors of frames. Default: `frames`; where the answer is in words, `tiny-vtgllm`.",
    ),
]
PrecisionOption = Annotated[
    Literal["stored", "float32", "bfloat16", "float16", "int8", "int4"],
    typer.Option(help="Of a video LLM's weights in memory: int8 and int4 for little of it."),
]
DeviceOption = Annotated[str, typer.Option(help="Where a video LLM runs: cpu, cuda, or auto.")]
PresetOption = Annotated[
    Literal["greedy", "beam", "published", "published-cool", "demo"],
    typer.Option(
        help="How a video LLM draws its answers: greedy and beam give the same each time, the "
        "others are those of the papers."
    ),
]
LimitOption = Annotated[
    int, typer.Option("--limit", "-n", min=1, help="At most so many moments a video.")
]
SheetOption = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="PNG", help="Draw the curve and frames; a folder for several."
    ),
]
LangOption = Annotated[Literal["en", "zh"], typer.Option(help="Language of the answer.")]


def ground(
    video: VideoArgument,
    query: Annotated[str, typer.Argument(help="What happens, in English or Chinese.")],
    model: ModelOption = "",
    precision: PrecisionOption = "stored",
    device: DeviceOption = "auto",
    preset: PresetOption = "greedy",
    library: LibraryOption = None,
    limit: LimitOption = 5,
    json: JsonOption = False,
) -> None:
    """When does it happen in this video (moment retrieval)? Nothing has to be indexed before."""
    who = Model(model, precision, device, preset)
    with asked_library(library) as opened:
        answers = ask_all([video], who, opened, lambda watcher, one: watcher.ground(one, query))
    if not json:
        _say_moments(answers, limit)
    finish("ground", answers, {"query": query}, json=json)


def highlights(
    video: VideoArgument,
    query: Annotated[
        str, typer.Argument(help="What matters; empty: what stands out in the video.")
    ] = "",
    model: ModelOption = "",
    precision: PrecisionOption = "stored",
    device: DeviceOption = "auto",
    preset: PresetOption = "greedy",
    library: LibraryOption = None,
    limit: LimitOption = 5,
    sheet: SheetOption = None,
    json: JsonOption = False,
) -> None:
    """What matters most in this video (highlight detection): a saliency curve and its peaks."""
    who = Model(model, precision, device, preset)
    with asked_library(library) as opened:
        answers = ask_all([video], who, opened, lambda watcher, one: watcher.highlights(one, query))
    if not json:
        _say_moments(answers, limit)
    if sheet is not None:
        _draw(answers, sheet.expanduser(), query)
    finish("highlights", answers, {"query": query}, json=json)


def summarize(
    videos: VideosArgument,
    model: ModelOption = "",
    precision: PrecisionOption = "stored",
    device: DeviceOption = "auto",
    preset: PresetOption = "greedy",
    library: LibraryOption = None,
    limit: LimitOption = 5,
    sheet: SheetOption = None,
    json: JsonOption = False,
) -> None:
    """The moments that sum a video up (video summarisation), each with its weight."""
    who = Model(model, precision, device, preset)
    with asked_library(library) as opened:
        answers = ask_all(videos, who, opened, lambda watcher, one: watcher.highlights(one))
    if not json:
        _say_moments(answers, limit)
    if sheet is not None:
        _draw(answers, sheet.expanduser(), "")
    finish("summarize", answers, {}, json=json)


def caption(
    videos: VideosArgument,
    model: ModelOption = "",
    precision: PrecisionOption = "stored",
    device: DeviceOption = "auto",
    preset: PresetOption = "greedy",
    library: LibraryOption = None,
    lang: LangOption = "en",
    to: Annotated[
        Literal["table", "srt", "vtt"], typer.Option(help="A table, or subtitles.")
    ] = "table",
    target: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="PATH", help="Subtitle file; a folder for several videos."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """What happens when (dense video captioning): events with their times, as table or subtitles.

    By a video LLM: without --model the small one of the package.
    """
    who = Model(model, precision, device, preset)
    with asked_library(library) as opened:
        answers = ask_all(
            videos, who, opened, lambda watcher, one: watcher.captions(one, lang), words=True
        )
    if to != "table":
        _subtitle(answers, to, target)
    elif not json:
        for video, told in answers.told:
            say(f"{plain(video.path.name)}", style="bold")
            for moment in told.turn.moments:
                say(f"  {moment.span}  {plain(moment.text)}")
            if not told.turn.moments:
                say("  nothing")
    finish("caption", answers, {"lang": lang}, json=json)


def describe(
    videos: VideosArgument,
    model: ModelOption = "",
    precision: PrecisionOption = "stored",
    device: DeviceOption = "auto",
    preset: PresetOption = "greedy",
    library: LibraryOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> None:
    """What a video shows, in a sentence or two, by a video LLM."""
    from whenabouts.models.instructions import PHRASES

    who = Model(model, precision, device, preset)
    with asked_library(library) as opened:
        answers = ask_all(
            videos,
            who,
            opened,
            lambda watcher, one: watcher.tell(one, PHRASES[lang].describe),
            words=True,
        )
    if not json:
        say_answers(answers)
    finish("describe", answers, {"lang": lang}, json=json)


def say_answers(answers: Answers) -> None:
    """The text of each video, with its name where there are several."""
    for video, told in answers.told:
        head = f"{plain(video.path.name)}: " if len(answers.told) > 1 else ""
        say(f"{head}{plain(told.turn.text)}")


def _say_moments(answers: Answers, limit: int) -> None:
    from whenabouts.app.hits import print_hits

    for video, told in answers.told:
        if len(answers.told) > 1:
            say(plain(video.path.name), style="bold")
        if told.turn.moments:
            print_hits(told.turn.moments[:limit])
        else:
            out().print("nothing fits")


def _draw(answers: Answers, target: Path, query: str) -> None:
    """A contact sheet of the best moment of each video, with the whole curve."""
    from dataclasses import replace

    from whenabouts.app.sheet import sheet_name, write_sheet

    if len(answers.told) > 1 and not target.is_dir():
        raise InputError(f"{len(answers.told)} drawings need a folder that exists, not {target}")
    for video, told in answers.told:
        found = told.turn.moments
        best = replace(found[0] if found else Moment(video, video.span, 0.0), curve=told.curve)
        file = target / sheet_name(best) if target.is_dir() else target
        write_sheet(best, file, query)
        note(f"drawn: {plain(file)}")


def _subtitle(answers: Answers, to: Literal["srt", "vtt"], target: Path | None) -> None:
    """Subtitles beside each other in a folder, or one file."""
    from whenabouts.app.cutting import as_srt, as_vtt

    folder = Path() if target is None else target.expanduser()
    if target is not None and len(answers.told) > 1 and not folder.is_dir():
        raise InputError(f"{len(answers.told)} files of subtitles need a folder, not {target}")
    for video, told in answers.told:
        moments = sorted(told.turn.moments, key=lambda moment: moment.span)
        text = as_vtt(moments, video.path.stem) if to == "vtt" else as_srt(moments)
        file = folder / f"{video.path.stem}.{to}" if folder.is_dir() else folder
        file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="\n")
        note(f"written: {plain(file)}")
