"""`whenabouts demo`: draws a library, indexes it, asks, and compares with the truth."""

from __future__ import annotations

import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.app.options import EncoderOption, JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.run_view import RunView
from whenabouts.app.screen import Exit, can_show, out, plain, print_json, say
from whenabouts.errors import InputError
from whenabouts.types import Moment

if TYPE_CHECKING:
    from whenabouts.app.demo_world import Drawing, Question
    from whenabouts.library.library import Library

LEAST_IOU = 0.3
"""A found moment is right when it is in the right video and overlaps the truth at least so much."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and the best hit, None when nothing was found."""

    question: Question
    found: Moment | None

    @property
    def right(self) -> bool:
        """Whether the best hit is what was asked for; nothing, where nothing is right."""
        if self.found is None or not self.question.video:
            return self.found is None and not self.question.video
        spans = self.question.spans
        best = max((self.found.span.iou(span) for span in spans), default=0.0)
        return self.found.video.path.name == self.question.video and best >= LEAST_IOU


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep videos and library in this new folder."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Other seeds draw other videos.")] = 0,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a few videos whose truth is known, index them, and ask five questions in two languages.

    Works offline. Ends with exit code 1 when an answer is wrong.
    """
    start = time.perf_counter()
    with _place(keep) as name:
        answers = _run(Path(name), seed, encoder, quiet=json)
    took_s = time.perf_counter() - start
    right = sum(answer.right for answer in answers)
    if json:
        body = {"right": right, "answers": [_answer_json(answer) for answer in answers]}
        print_json("demo", body)
    else:
        say(f"\n{right} of {len(answers)} right, in {took_s:.0f} s.")
        _say_next(keep)
    if right < len(answers):
        raise typer.Exit(Exit.NO)


def _place(keep: Path | None) -> AbstractContextManager[str | Path]:
    """The folder to work in: a new one to keep, or one that goes away."""
    if keep is None:
        return tempfile.TemporaryDirectory(prefix="whenabouts-demo-", ignore_cleanup_errors=True)
    folder = keep.expanduser()
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{keep} has files in it; give a new folder to --keep")
    folder.mkdir(parents=True, exist_ok=True)
    return nullcontext(folder)


def _run(folder: Path, seed: int, encoder: str | None, *, quiet: bool) -> list[Answer]:
    from whenabouts.app import demo_world
    from whenabouts.library.library import open_library

    drawings = demo_world.scripts(seed)
    videos = folder / "videos"
    videos.mkdir()
    with Bar("Drawing videos", len(drawings), "videos") as bar:
        demo_world.draw(drawings, videos, lambda number, name: bar.to(number, detail=name))
    asked = demo_world.questions(drawings, seed)
    # Not the user's own choice: the demo's truth is what the built-in encoder was taught.
    with open_library(folder / "demo.lib", encoder) as library:
        with RunView() as view:
            report = library.add(videos, on_event=view)
        if not quiet:
            _say_drawn(drawings)
            say(f"Indexed: {report}.\n")
        return [_ask(library, question, quiet=quiet) for question in asked]


def _say_drawn(drawings: list[Drawing]) -> None:
    length_s = sum(drawing.script.duration_s for drawing in drawings)
    lines = sum(len(drawing.lines) for drawing in drawings)
    signs = sum(len(drawing.signs) for drawing in drawings)
    say(
        f"Drawn: {len(drawings)} videos, {length_s:.0f} s, with {lines} spoken lines as subtitles "
        f"and {signs} signs in the picture."
    )


def _ask(library: Library, question: Question, *, quiet: bool) -> Answer:
    moments = library.search(question.text, limit=1)
    answer = Answer(question, moments[0] if moments else None)
    if not quiet:
        _say_answer(answer)
    return answer


def _say_answer(answer: Answer) -> None:
    from rich.text import Text

    from whenabouts.app.hits import curve_text, reasons

    console = out()
    good, bad = ("✓", "✗") if can_show(console, "✓✗") else ("right", "WRONG")
    question, found = answer.question, answer.found
    mark, style = (good, "bold green") if answer.right else (bad, "bold red")
    head = Text(f"{mark} ", style=style).append(question.text, style="bold")
    console.print(head.append(f"   ({question.topic})", style="dim not bold"))
    if found is None:
        console.print(Text("    found   nothing"))
    else:
        line = Text(f"    found   {found.video.path.name}  {found.span}")
        curve = curve_text(console, found)
        console.print(line.append("  ").append_text(curve) if curve else line)
        console.print(Text(f"            {reasons(found)}", style="dim"))
    spans = ", ".join(str(span) for span in question.spans)
    truth = f"{question.video}  {spans}" if question.video else "nothing"
    console.print(Text(f"    truth   {truth}"))


def _answer_json(answer: Answer) -> dict[str, object]:
    question = answer.question
    spans = [{"start_s": span.start_s, "end_s": span.end_s} for span in question.spans]
    return {
        "query": question.text,
        "topic": question.topic,
        "right": answer.right,
        "found": None if answer.found is None else answer.found.to_json(picture=False),
        "truth": {"video": question.video, "spans": spans} if question.video else None,
    }


def _say_next(keep: Path | None) -> None:
    say("\nNow your own videos:", style="bold")
    say("  whenabouts index ~/Videos")
    say('  whenabouts search "a dog on a skateboard"')
    say("  whenabouts show 1 --open")
    if keep is None:
        say("\nPlay with the drawn ones: whenabouts demo --keep shapes")
    else:
        say(f"\nThe drawn ones: whenabouts search 'a red star' -l {plain(keep / 'demo.lib')}")
