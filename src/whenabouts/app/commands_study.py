"""`shapes`, `train`, `evaluate`: commands for those who study models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from whenabouts.app.options import JsonOption
from whenabouts.app.progress import Bar
from whenabouts.app.screen import plain, print_json, say
from whenabouts.errors import InputError

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
            "qvhighlights or activitynet.",
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
    recipe: RecipeArgument, overwrite: OverwriteArgument = None, json: JsonOption = False
) -> None:
    """Train by a recipe. A run that was cut off goes on where it stopped."""
    raise NotImplementedError


def evaluate(
    recipe: RecipeArgument, overwrite: OverwriteArgument = None, json: JsonOption = False
) -> None:
    """Measure by a recipe: predictions, figures and a report."""
    raise NotImplementedError
