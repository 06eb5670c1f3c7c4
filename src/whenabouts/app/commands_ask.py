"""`ask`: questions about one video, or about the video of a library that fits them best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.app.commands_watch import (
    DeviceOption,
    ModelOption,
    PrecisionOption,
    PresetOption,
    SheetOption,
    say_answers,
)
from whenabouts.app.options import JsonOption, LibraryOption
from whenabouts.app.screen import Exit, err, note, out, plain, print_json, say
from whenabouts.app.watching import Answers, Model, ask_all, asked_library, finish
from whenabouts.errors import InputError
from whenabouts.protocols import Chosen
from whenabouts.types import Turn, Video, clock

if TYPE_CHECKING:
    from whenabouts.library.library import Library
    from whenabouts.protocols import Told, Watcher


def ask(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[VIDEO] QUESTION...",
            help="A file, a folder, a name that the library knows, or `-` for names from stdin; "
            "then questions in English or Chinese, several are one conversation. Without VIDEO the "
            "video of the library that fits the question best is asked.",
        ),
    ],
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--options", metavar="A B C", help="Choose among these; takes all words behind it."
        ),
    ] = None,
    key_frames: Annotated[
        int | None,
        typer.Option(min=1, help="How many frames a SeViLA reads. Default: as its folder says."),
    ] = None,
    model: ModelOption = "",
    precision: PrecisionOption = "stored",
    device: DeviceOption = "auto",
    preset: PresetOption = "greedy",
    library: LibraryOption = None,
    sheet: SheetOption = None,
    json: JsonOption = False,
) -> None:
    """Ask about a video: an answer in words, or the best of some options.

    Needs a video LLM or a SeViLA, which also shows the frames that it answers from, when the
    answer can be seen, and how sure it is. With options the small SeViLA of the package answers
    when nobody else is named.
    """
    from whenabouts.library.watchers import OF_OPTIONS

    who = Model(model or (OF_OPTIONS if options else ""), precision, device, preset)
    questions = words[1:] or words
    for question in questions[:-1]:
        if not question.strip():
            raise InputError("one of the questions is empty; say what you want to know")
    if options and len(questions) > 1:
        raise InputError("options belong to one question; ask it alone")
    with asked_library(library) as opened:
        video = words[0] if len(words) > 1 else _best_video(opened, questions[0])
        if video is None:
            if json:
                print_json(
                    "ask", {"questions": questions, "model": "", "results": [], "failed": []}
                )
            raise SystemExit(Exit.NO)
        answers = ask_all(
            [video],
            who,
            opened,
            lambda watcher, one: _ask(watcher, one, questions, options, key_frames, json),
            words=True,
        )
    if not json:
        say_answers(answers)
        _say_frames(answers)
    if sheet is not None:
        _draw(answers, sheet.expanduser(), questions[-1])
    finish("ask", answers, {"questions": questions, "options": options or []}, json=json)


def _best_video(library: Library | None, question: str) -> str | None:
    """The file of the video that fits best; None when nothing in the library does."""
    if library is None:
        raise InputError(
            "give a VIDEO and a QUESTION; with a library (whenabouts index) a QUESTION is enough"
        )
    found = library.search(question, limit=1)
    if not found:
        note(plain(f"no video of the library fits: {found.reason}"))
        return None
    note(f"asked about {plain(found[0].video.path.name)}, which fits best")
    return str(found[0].video.path)


def _ask(
    watcher: Watcher,
    video: Video,
    questions: Sequence[str],
    options: Sequence[str] | None,
    key_frames: int | None,
    json: bool,
) -> Told:
    from whenabouts.library.choosing import choose, tell

    if options is not None:
        return choose(watcher, video, questions[-1], options, key_frames)
    history: list[Turn] = []
    for question in questions[:-1]:
        told = tell(watcher, video, question, history)
        history += [Turn("user", question), told.turn]
        if not json:
            say(plain(told.turn.text))
    shown = 0

    def stream(text: str) -> None:
        nonlocal shown
        err().print(plain(text[shown:]), end="", style="dim")
        shown = len(text)

    live = not json and err().is_terminal
    told = tell(watcher, video, questions[-1], history, stream if live else None, key_frames)
    if shown:
        err().print()
    return told


def _say_frames(answers: Answers) -> None:
    """How sure each answer is, which frames it was read from, and when it can be seen."""
    from whenabouts.app.hits import print_hits

    for _, told in answers.told:
        if not isinstance(told, Chosen):
            continue
        if told.confidence is not None:
            out().print(f"confidence {told.confidence:.2f}", style="dim")
        if told.key_frames:
            shown = ", ".join(clock(time_s) for time_s in told.key_frames)
            out().print(f"read from the frames at {shown}", style="dim")
        if told.turn.moments:
            print_hits(told.turn.moments[:1])


def _draw(answers: Answers, target: Path, question: str) -> None:
    """A contact sheet of the key frames, with the scores of all frames as a curve."""
    from whenabouts.app.sheet import sheet_name, write_sheet

    if len(answers.told) > 1 and not target.is_dir():
        raise InputError(f"{len(answers.told)} drawings need a folder that exists, not {target}")
    for _, told in answers.told:
        if not told.turn.moments:
            raise InputError(f"{answers.model} tells no moment that could be drawn; use a SeViLA")
        best = told.turn.moments[0]
        file = target / sheet_name(best) if target.is_dir() else target
        times_s = told.key_frames if isinstance(told, Chosen) else ()
        write_sheet(best, file, f"{question}  {told.turn.text}", times_s)
        note(f"drawn: {plain(file)}")
