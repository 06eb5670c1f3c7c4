"""`shapes`, `train`, `evaluate`: commands for those who study models."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from whenabouts.app.options import EncoderOption, JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.screen import note, plain, print_json, say
from whenabouts.app.screen import out as console
from whenabouts.errors import InputError

if TYPE_CHECKING:
    from whenabouts.evaluate.report import Report

shapes = typer.Typer(help="Shape world: drawn videos whose truth is known.", no_args_is_help=True)

RecipeArgument = Annotated[Path, typer.Argument(help="A TOML file: recipes/tiny-clip.toml.")]
OverwriteArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Settings to overwrite, such as loop.steps=100."),
]


@shapes.command("make")
def make(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    form: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="FORMAT",
            help="library (videos, queries and their truth), msrvtt, msvd, lsmdc, charades-sta, "
            "qvhighlights, activitynet, didemo, timeit, vtg-it, ivcr, nextqa, star, how2qa, tvqa "
            "or vlep.",
        ),
    ] = "library",
    videos: Annotated[int, typer.Option(min=1, help="How many videos.")] = 10,
    seed: Annotated[int, typer.Option(help="The same seed draws the same videos.")] = 0,
    lang: Annotated[
        Literal["en", "zh"],
        typer.Option(help="Language of captions, where the format has only one."),
    ] = "en",
    shortest: Annotated[
        float | None, typer.Option(metavar="S", min=1, help="Shortest video, seconds.")
    ] = None,
    longest: Annotated[
        float | None, typer.Option(metavar="S", min=1, help="Longest video, seconds.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Draw videos and write captions, queries and moments in the form of a published dataset."""
    from whenabouts.shapeworld.make import make as make_folder

    target = folder.expanduser()
    if target.exists() and any(target.iterdir()):
        raise InputError(f"{folder} has files in it; give a new folder")
    if (shortest is None) != (longest is None):
        raise InputError("give both --shortest and --longest, or none of them")
    lengths = None if shortest is None or longest is None else (shortest, longest)
    with Bar("Drawing videos", videos, "videos") as bar:
        paths = make_folder(
            target,
            form,
            videos=videos,
            seed=seed,
            lang=lang,
            duration_s=lengths,
            tell=lambda done, total, name: bar.to(done, total, detail=name),
        )
    if json:
        print_json("shapes make", {"folder": str(folder), "videos": [str(path) for path in paths]})
        return
    say(f"{len(paths)} videos in {plain(folder)}")
    say(f"search them: whenabouts index {plain(folder)} -l shapes.lib")


def train(
    recipe: RecipeArgument,
    overwrite: OverwriteArgument = None,
    runs: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of all runs; this one gets its own there.")
    ] = Path("runs"),
    json: JsonOption = False,
) -> None:
    """Train by a recipe; a run that was cut off goes on where it stopped. Needs the extra torch."""
    from whenabouts.catalog import part
    from whenabouts.settings import read_value

    objective = read_value(recipe, "objective", 'objective = "retrieval"')
    with Bar("Training") as bar:
        folder = part("objective", objective)(
            recipe,
            overwrite or (),
            runs=runs,
            on_progress=lambda at: bar.to(at.step, at.steps, title=at.what, detail=_row(at.logs)),
        )
    if os.environ.get("RANK", "0") != "0":
        return  # Of several processes that train together, the first one speaks.
    notes = folder.parent / "notes.txt"
    told = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    if json:
        print_json("train", {"folder": str(folder)} | ({"notes": told} if told else {}))
        return
    for line in told:
        note(line)
    if objective == "instruction":
        _tell_video_llm(folder)
        return
    if objective == "sevila":
        say(f"model: {plain(folder)}")
        say(f"ask it: whenabouts ask VIDEO QUESTION --model {plain(shlex.quote(str(folder)))}")
        return
    if objective == "moments":
        words = [str(recipe), *(overwrite or ()), "--model", str(folder)]
        say(f"model: {plain(folder)}")
        say(f"ask it: whenabouts ground VIDEO QUERY --model {plain(shlex.quote(str(folder)))}")
        say(f"measure it: whenabouts evaluate {plain(shlex.join(words))}")
        return
    say(f"encoder: {plain(folder)}")
    words = [str(recipe), *(overwrite or ()), "--encoder", str(folder)]
    say(f"measure it: whenabouts evaluate {plain(shlex.join(words))}")


def _tell_video_llm(folder: Path) -> None:
    """What to do with a trained video LLM."""
    from whenabouts.weights.video_llm_folder import read_video_llm_settings

    place = plain(shlex.quote(str(folder)))
    say(f"model: {plain(folder)}")
    if read_video_llm_settings(folder).talk == "dialogue":
        say(f"talk to it: whenabouts chat --brain {place}")
        return
    say(f"ask it: whenabouts ask VIDEO QUESTION --model {place}")
    say(f"measure it: whenabouts evaluate recipes/watching.toml --model {place}")


def _row(logs: dict[str, float]) -> str:
    """The first figures of a row of the log."""
    return "  ".join(f"{name} {value:.3g}" for name, value in list(logs.items())[:3])


def evaluate(
    recipe: RecipeArgument,
    overwrite: OverwriteArgument = None,
    encoder: EncoderOption = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help='For objective = "watching": `tiny-vtgllm`, the folder of a video LLM, or '
            '`frames`; for "questions": the folder of a SeViLA.',
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Write figures.json and predictions.jsonl there; for a dataset of videos also "
            "references.jsonl, a plot of ranks, and contact sheets of the worst captions.",
        ),
    ] = None,
    runs: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            help="Folder of all runs: without --encoder the checkpoint that the recipe's run of "
            "text-video retrieval left there is measured.",
        ),
    ] = Path("runs"),
    json: JsonOption = False,
) -> None:
    """Measure an encoder as the recipe says: figures with 95 % intervals, and every prediction."""
    from whenabouts.settings import read_value

    objective = read_value(recipe, "objective", 'objective = "retrieval"')
    told: tuple[str, ...] = ()
    if objective == "retrieval":
        report, told = _evaluate_retrieval(recipe, overwrite or [], encoder, out, runs)
    elif objective == "watching":
        report = _evaluate_watching(recipe, overwrite or [], model, out)
    elif objective == "questions":
        report = _evaluate_questions(recipe, overwrite or [], model, out)
    elif objective == "moments":
        report = _evaluate_moments(recipe, overwrite or [], model, out, runs)
    else:
        report = _evaluate_shapes(recipe, overwrite or [], encoder, out)
    if json:
        intervals = {name: list(interval) for name, interval in report.intervals.items()}
        body = {"figures": dict(report.figures), "intervals": intervals}
        print_json("evaluate", body | ({"notes": list(told)} if told else {}))
        return
    print_figures(report.figures, report.intervals)
    for line in told:
        note(line)
    if out is not None:
        say(f"predictions: {plain(out)}")


def _evaluate_watching(recipe: Path, overwrite: list[str], model: str, out: Path | None) -> Report:
    """A watcher on drawn videos."""
    from whenabouts.evaluate.report import write_report
    from whenabouts.evaluate.watching import WatchingSettings
    from whenabouts.evaluate.watching import evaluate as watch
    from whenabouts.library.watchers import open_watcher

    settings = WatchingSettings.read(recipe, overwrite, table="evaluate")
    watcher = open_watcher(model)
    with Bar("Watching", unit="videos") as bar:
        report = watch(watcher, settings, bar.to)
    if out is not None:
        facts = {
            "model": watcher.name,
            "fingerprint": getattr(watcher, "fingerprint", ""),
            "settings": settings.model_dump(mode="json"),
        }
        write_report(report, facts, out)
    return report


def _evaluate_questions(recipe: Path, overwrite: list[str], model: str, out: Path | None) -> Report:
    """A SeViLA on questions of published or drawn sets."""
    from whenabouts.evaluate.questions import QuestionSettings
    from whenabouts.evaluate.questions import evaluate as ask_all
    from whenabouts.evaluate.report import write_report
    from whenabouts.systems.sevila import open_answerer
    from whenabouts.weights.hub import shipped_folder

    settings = QuestionSettings.read(recipe, overwrite, table="evaluate")
    if not model:
        raise InputError("name the folder of a SeViLA: --model DIR")
    shipped = shipped_folder(model)
    precision = "float32" if shipped else "stored"  # ours are stored small, computed in full
    answerer = open_answerer(shipped or Path(model).expanduser(), precision, device="auto")
    with Bar("Asking", unit="questions") as bar:
        report = ask_all(answerer, settings, bar.to)
    if out is not None:
        facts = {"model": answerer.settings.name, "settings": settings.model_dump(mode="json")}
        write_report(report, facts, out)
    return report


def _evaluate_moments(
    recipe: Path, overwrite: list[str], model: str, out: Path | None, runs: Path
) -> Report:
    """A learned grounder beside `peaks`, on drawn videos."""
    from whenabouts.evaluate.report import write_report
    from whenabouts.train.moment_run import compare

    with Bar("Grounding", unit="videos") as bar:
        report, facts = compare(recipe, overwrite, model, runs, bar.to)
    if out is not None:
        write_report(report, facts, out)
    return report


def _evaluate_shapes(
    recipe: Path, overwrite: list[str], encoder: str | None, out: Path | None
) -> Report:
    """On videos of the shape world, drawn as it goes."""
    from whenabouts.evaluate.run import run
    from whenabouts.library.encoders import open_encoder

    with Bar("Encoding", unit="videos") as bar:
        opened = open_encoder(encoder)
        return run(recipe, opened, overwrite, folder=out, on_done=bar.to)


def _evaluate_retrieval(
    recipe: Path, overwrite: list[str], encoder: str | None, out: Path | None, runs: Path
) -> tuple[Report, tuple[str, ...]]:
    """On the test split of a published dataset."""
    from whenabouts.evaluate.run_retrieval import run
    from whenabouts.train.retrieval_recipe import RetrievalRecipe

    settings = RetrievalRecipe.read(recipe, overwrite)
    wished: str | Path = encoder or runs / settings.name / "checkpoint"
    if encoder is None and not Path(wished).is_dir():
        raise InputError(
            f"{wished} is not there; train first (whenabouts train {recipe}), or name an encoder: "
            "--encoder NAME"
        )
    with Bar("Decoding", unit="videos") as bar:

        def tell(done: int, total: int, what: str) -> None:
            encoded = what == "encoded"
            bar.to(done, total, title="Encoding" if encoded else "Decoding")

        judged = run(settings.task(), settings.evaluate, wished, folder=out, on_done=tell)
    return judged.report, judged.split.notes


def print_figures(
    figures: Mapping[str, float],
    intervals: Mapping[str, tuple[float, float]],
    decimals: int = 1,
) -> None:
    """Figures with their intervals as a table."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("figure", "value", "from", "to"):
        table.add_column(title, justify="left" if title == "figure" else "right")
    for name, value in figures.items():
        low_high = [f"{edge:.{decimals}f}" for edge in intervals.get(name, ())] or ["", ""]
        table.add_row(name, f"{value:.{decimals}f}", *low_high)
    console().print(table)
