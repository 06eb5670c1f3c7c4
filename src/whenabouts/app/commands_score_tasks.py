"""`score` for tasks whose predictions are times, captions or letters: no model is needed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.app.commands_study import print_figures
from whenabouts.app.options import JsonOption
from whenabouts.app.screen import note, print_json

if TYPE_CHECKING:
    from whenabouts.evaluate.score_files import Scored

PredictionsOption = Annotated[
    Path, typer.Option(metavar="FILE", help="Predictions; docs/evaluation.md lists the forms.")
]
ReferencesOption = Annotated[
    Path, typer.Option(metavar="FILE", help="References; docs/evaluation.md lists the forms.")
]
ResamplesOption = Annotated[
    int, typer.Option(min=1, help="Of the 95 % bootstrap intervals; queries are drawn.")
]


class Rules(StrEnum):
    """Whose rules read times out of free text."""

    TIMECHAT = "timechat"
    VTGLLM = "vtgllm"
    STRICT = "strict"


class DialogueRules(StrEnum):
    """Who reads the answers of dialogues."""

    STRICT = "strict"
    IVCR = "ivcr"


class UseMeteor(StrEnum):
    """Whether METEOR is computed."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


class Of(StrEnum):
    """Which rater counts."""

    MEAN = "mean"
    MAX = "max"


class Benchmark(StrEnum):
    """Whose rules find the chosen letter."""

    LETTERS = "letters"
    EGOSCHEMA = "egoschema"
    VIDEOMME = "videomme"
    MVBENCH = "mvbench"


AnswersOption = Annotated[
    Rules,
    typer.Option(
        metavar="RULES",
        help="How free text is read: timechat, vtgllm (as published), or strict (ours).",
    ),
]
SampleOption = Annotated[
    bool, typer.Option("--sample", help="Score only the queries that are predicted.")
]


def moment_retrieval(
    predictions: PredictionsOption,
    references: ReferencesOption,
    answers: AnswersOption = Rules.TIMECHAT,
    sample: SampleOption = False,
    resamples: ResamplesOption = 1000,
    json: JsonOption = False,
) -> None:
    """R@1 at IoU 0.3, 0.5, 0.7 and mIoU; all QVHighlights figures for references of that form."""
    from whenabouts.evaluate.score_moments import score_moments

    found = score_moments(predictions, references, answers.value, sample, resamples)
    _tell("score moment-retrieval", found, json)


def highlights(
    predictions: PredictionsOption,
    references: ReferencesOption,
    answers: AnswersOption = Rules.TIMECHAT,
    sample: SampleOption = False,
    json: JsonOption = False,
) -> None:
    """The QVHighlights evaluator: mAP and Hit@1 of curves, mAP and R@1 of windows."""
    from whenabouts.evaluate.score_moments import score_highlights

    found = score_highlights(predictions, references, answers.value, sample)
    _tell("score highlights", found, json)


def dense_captioning(
    predictions: PredictionsOption,
    references: ReferencesOption,
    answers: AnswersOption = Rules.TIMECHAT,
    meteor: Annotated[
        UseMeteor,
        typer.Option(
            metavar="WHEN",
            help="METEOR and SODA_c need Java: auto (if it is there), yes (else refuse), no.",
        ),
    ] = UseMeteor.AUTO,
    jars: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder with meteor/ and tokenizer/. Default: the package pycocoevalcap.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """F1 of windows, CIDEr, METEOR and SODA, by the evaluator of the references' data set."""
    from whenabouts.evaluate.score_captions import score_captions

    found = score_captions(predictions, references, answers.value, meteor.value, jars)
    _tell("score dense-captioning", found, json)


def summarisation(
    predictions: PredictionsOption,
    references: ReferencesOption,
    answers: AnswersOption = Rules.TIMECHAT,
    of: Annotated[
        Of, typer.Option(metavar="WHOM", help="F1 with all raters: mean (TVSum) or max (SumMe).")
    ] = Of.MEAN,
    resamples: ResamplesOption = 1000,
    json: JsonOption = False,
) -> None:
    """F1 of the key shots, Kendall's tau and Spearman's rho with the raters."""
    from whenabouts.evaluate.score_summaries import score_summaries

    found = score_summaries(predictions, references, answers.value, of.value, resamples)
    _tell("score summarisation", found, json)


def multiple_choice(
    predictions: PredictionsOption,
    references: ReferencesOption,
    benchmark: Annotated[
        Benchmark,
        typer.Option(
            metavar="NAME",
            help="Whose rules find the letter: letters (ours), egoschema, videomme, mvbench.",
        ),
    ] = Benchmark.LETTERS,
    resamples: ResamplesOption = 1000,
    json: JsonOption = False,
) -> None:
    """Accuracy of multiple-choice answers, in all and by group."""
    from whenabouts.evaluate.score_choices import score_choices

    found = score_choices(predictions, references, benchmark.value, resamples)
    _tell("score multiple-choice", found, json)


def dialogue(
    predictions: PredictionsOption,
    references: ReferencesOption,
    answers: Annotated[
        DialogueRules,
        typer.Option(
            metavar="RULES",
            help="Who reads answers: strict (ours, English and Chinese), or ivcr (as published).",
        ),
    ] = DialogueRules.STRICT,
    resamples: ResamplesOption = 1000,
    json: JsonOption = False,
) -> None:
    """Ranks of videos and R@1 of moments turn by turn; the published script's figures beside."""
    from whenabouts.evaluate.score_dialogue import score_dialogue

    found = score_dialogue(predictions, references, answers.value, resamples)
    _tell("score dialogue", found, json)


def _tell(command: str, found: Scored, as_json: bool) -> None:
    if as_json:
        intervals = {name: list(edges) for name, edges in found.intervals.items()}
        body = {"figures": found.figures, "intervals": intervals, "notes": list(found.notes)}
        print_json(command, body)
        return
    print_figures(found.figures, found.intervals, decimals=2)
    for line in found.notes:
        note(line)
