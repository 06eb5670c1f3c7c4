"""Encoders on this machine: where they are kept, which there are, removing one.

Models live in one folder (`WHENABOUTS_MODELS`, or the user's data folder), each a checkpoint folder
of ours. Getting one is `weights/fetch.py`; nothing is ever fetched from here.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from whenabouts.errors import InputError, MissingPartError, WeightsError
from whenabouts.settings import Settings
from whenabouts.weights.folder import FILES, SETTINGS, EncoderSettings, read_settings

if TYPE_CHECKING:
    from whenabouts.weights.parts import Precision

RECOMMENDED = "google/siglip2-base-patch32-256"
"""For natural video."""

_SHIPPED = Path(__file__).parent / "tiny"
TINY_FOLDER = _SHIPPED / "clip"
"""The encoder that comes with the package."""
_MODELS = ("tiny-ivcr", "tiny-sevila", "tiny-timechat", "tiny-vtgllm")


class Known(Settings):
    """A model that the hub has and that is worth naming."""

    name: str
    about: str
    licence: str
    languages: tuple[str, ...]
    parameters_m: int
    """Millions of parameters; 4 bytes each."""
    onnx: str = ""
    """Hub name of the same model as ONNX, for machines without torch."""


class _Table(Settings):
    model: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """A model on this machine."""

    name: str
    """The name to call it by."""
    folder: Path
    size_bytes: int
    settings: EncoderSettings


def shipped_folder(name: str) -> Path | None:
    """The folder of a model that comes with the package; None for other names.

    Raises:
        MissingPartError: this copy of the package lacks its weights.
    """
    if name not in _MODELS:
        return None
    folder = _SHIPPED / name.removeprefix("tiny-")
    if not folder.is_dir():
        raise MissingPartError(
            f"the weights of {name} are not in this copy of the package ({folder}); "
            "install whenabouts again, or name another model"
        )
    return folder


def precision_of(shipped: Path | None, asked: Precision) -> Precision:
    """How a model is computed: what comes with the package is stored small and computed in full."""
    return "float32" if shipped and asked == "stored" else asked


def home() -> Path:
    """The folder that holds the models of this user; it need not exist."""
    given = os.environ.get("WHENABOUTS_MODELS")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("whenabouts", appauthor=False) / "models"


def folder_of(name: str) -> Path:
    """Where the model `name` (such as `google/siglip2-base-patch32-256`) is kept."""
    if not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", name) or "--" in name:
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
    if path.suffix in FILES:
        raise WeightsError(f"there is no file {path}; check the spelling")
    folder = folder_of(str(where))
    if (folder / SETTINGS).is_file():
        return folder
    raise MissingPartError(
        f"the encoder {str(where)!r} is not on this machine; get it: whenabouts models get {where}"
    )


def known() -> tuple[Known, ...]:
    """Models worth naming, the recommended one first."""
    return _Table.read(Path(__file__).with_name("known.toml")).model


def installed() -> tuple[Installed, ...]:
    """Models in this user's folder, by name."""
    if not home().is_dir():
        return ()
    folders = sorted(path.parent for path in home().glob(f"*/{SETTINGS}"))
    return tuple(
        Installed(
            folder.name.replace("--", "/"),
            folder,
            sum(path.stat().st_size for path in folder.iterdir()),
            read_settings(folder),
        )
        for folder in folders
        if not folder.name.startswith(".") and _is_encoder(folder)
    )


def _is_encoder(folder: Path) -> bool:
    """Folders of other models say their kind."""
    with (folder / SETTINGS).open("rb") as file:
        return "kind" not in tomllib.load(file)


def remove(name: str) -> int:
    """Delete a model of this user and what was fetched of it; returns the bytes set free."""
    folder = folder_of(name)
    places = [place for place in (folder, unfinished(name)) if place.is_dir()]
    if not places:
        have = ", ".join(model.name for model in installed()) or "none"
        raise InputError(f"no model {name!r} in {home()}; there: {have}")
    freed = sum(path.stat().st_size for at in places for path in at.rglob("*") if path.is_file())
    for place in places:
        shutil.rmtree(place)
    return freed


def unfinished(name: str) -> Path:
    """Where the files of a model are gathered until all are here."""
    return home() / ".unfinished" / folder_of(name).name
