"""`models` and `convert`: encoders on this machine, getting more, converting published ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from whenabouts.app.options import JsonOption

models = typer.Typer(help="Encoders on this machine, and getting more.", no_args_is_help=True)


@models.command("list")
def list_(json: JsonOption = False) -> None:
    """List the encoders on this machine and those worth getting."""
    raise NotImplementedError


@models.command("get")
def get(
    name: Annotated[str, typer.Argument(help="Such as google/siglip2-base-patch32-256.")],
    json: JsonOption = False,
) -> None:
    """Fetch a model after showing size and licence; goes on where it was cut off."""
    raise NotImplementedError


@models.command("remove")
def remove(name: Annotated[str, typer.Argument()], json: JsonOption = False) -> None:
    """Delete a model from this machine."""
    raise NotImplementedError


def convert(
    source: Annotated[Path, typer.Argument(help="A published checkpoint: file or folder.")],
    json: JsonOption = False,
) -> None:
    """Make an encoder of ours from a published checkpoint. Needs the extra `torch`."""
    raise NotImplementedError
