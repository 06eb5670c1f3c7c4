"""Encoders on this machine, and getting more: `models list`, `get`, `remove`.

Nothing here runs unless a person asked for it by name. Models live in one folder
(`WHENABOUTS_MODELS`, or the user's data folder), each a checkpoint folder of ours.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from whenabouts.errors import InputError, MissingPartError
from whenabouts.weights.folder import SETTINGS


def home() -> Path:
    """The folder that holds the models of this user; it need not exist."""
    given = os.environ.get("WHENABOUTS_MODELS")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("whenabouts", appauthor=False) / "models"


def folder_of(name: str) -> Path:
    """Where the model `name` (such as `google/siglip2-base-patch32-256`) is kept."""
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) or ".." in name:
        raise InputError(f"{name!r} is no model name; names look like owner/model")
    return home() / name.replace("/", "--")


def find(where: str | Path) -> Path:
    """The checkpoint folder behind a path or a model name.

    Raises:
        MissingPartError: it is a published checkpoint not yet converted, or not here at all.
    """
    path = Path(where).expanduser()
    if (path / SETTINGS).is_file():
        return path
    if path.exists():
        raise MissingPartError(
            f"{path} is not one of our checkpoint folders; make one: whenabouts convert {path}"
        )
    folder = folder_of(str(where))
    if (folder / SETTINGS).is_file():
        return folder
    raise MissingPartError(
        f"the encoder {str(where)!r} is not on this machine; get it: whenabouts models get {where}"
    )
