"""`shapes`, `train`, `evaluate`: commands for those who study models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.app.options import JsonOption

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
        str, typer.Option("--as", metavar="FORMAT", help="Form of the annotations.")
    ] = "plain",
    videos: Annotated[int, typer.Option(min=1, help="How many videos.")] = 10,
    seed: Annotated[int, typer.Option(help="The same seed draws the same videos.")] = 0,
    json: JsonOption = False,
) -> None:
    """Draw videos with captions, queries and moments in the form of a published dataset."""
    raise NotImplementedError


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
