"""`score`: figures from predictions, whoever made them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.app import commands_score_tasks as tasks
from whenabouts.app.commands_study import print_figures
from whenabouts.app.options import JsonOption
from whenabouts.app.screen import note, print_json
from whenabouts.errors import InputError

score = typer.Typer(help="Figures from predictions, whoever made them.", no_args_is_help=True)


@score.callback()
def _group() -> None:
    """Figures from predictions, whoever made them."""


@score.command("retrieval")
def retrieval(
    predictions: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="predictions.jsonl of `whenabouts evaluate`, lines with `caption` and `found`, or "
            "a .npy matrix of scores [captions, videos].",
        ),
    ],
    references: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="references.jsonl of `whenabouts evaluate`, lines with `caption` and `video`, or "
            "a CSV file with a column `video_id` and a row a caption.",
        ),
    ],
    ties: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="Where the right one stands among equal scores: expected, optimistic, "
            "pessimistic, or reference (as the published scorers count).",
        ),
    ] = "expected",
    resamples: Annotated[
        int, typer.Option(min=1, help="Of the 95 % bootstrap intervals; videos are drawn.")
    ] = 1000,
    json: JsonOption = False,
) -> None:
    """R@1, R@5, R@10, R@50, median and mean rank, from text to video and back."""
    from whenabouts.evaluate.rescore import rescore
    from whenabouts.evaluate.retrieval import RetrievalEvaluation

    rules = ("expected", "optimistic", "pessimistic", "reference")
    if ties not in rules:
        raise InputError(f"unknown rule {ties!r} for ties; known: {', '.join(rules)}")
    settings = RetrievalEvaluation.check({"ties": ties, "resamples": resamples}, "the options")
    found = rescore(predictions, references, settings)
    if json:
        intervals = {name: list(interval) for name, interval in found.intervals.items()}
        body = {"figures": found.figures, "intervals": intervals, "notes": list(found.notes)}
        print_json("score retrieval", body)
        return
    print_figures(found.figures, found.intervals)
    for line in found.notes:
        note(line)


score.command("moment-retrieval")(tasks.moment_retrieval)
score.command("highlights")(tasks.highlights)
score.command("dense-captioning")(tasks.dense_captioning)
score.command("summarisation")(tasks.summarisation)
score.command("multiple-choice")(tasks.multiple_choice)
score.command("dialogue")(tasks.dialogue)
