"""The folder of a Moment-DETR: our checkpoint format, with files of its own.

`settings.toml`      sizes, what it reads, what is done with its windows
`model.safetensors`  weights, for further training
`moments.onnx`       the network for use: steps of a video and words of a query to windows
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from whenabouts.errors import VersionError, WeightsError
from whenabouts.models.moment_sizes import MomentSizes
from whenabouts.models.moment_windows import WindowSettings
from whenabouts.settings import Settings
from whenabouts.weights.draft import drafted
from whenabouts.weights.folder import SETTINGS, WEIGHTS, read_tensors

if TYPE_CHECKING:
    import torch

    from whenabouts.models.moment_detr import MomentDetr

FORMAT = 1
KIND = "moment-detr"
NETWORK = "moments.onnx"
TINY_MOMENTS = "tiny-moment-detr"
TINY_FOLDER = Path(__file__).parent / "tiny" / "moments"
"""The one that comes with the package."""


class MomentSettings(Settings):
    """What stands in `settings.toml`."""

    kind: Literal["moment-detr"] = KIND
    format: int = FORMAT
    name: str
    source: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ("en",)
    encoder: str = ""
    """Whose vectors it reads; empty: features that no encoder of ours makes, by file alone."""
    fingerprint: str = ""
    """Of that encoder: vectors of another one are refused."""
    step_s: float = Field(default=2.0, gt=0)
    """Seconds of a step of the video."""
    match: bool = False
    """Whether each step also says how well it fits the query."""
    windows: WindowSettings = WindowSettings()
    sizes: MomentSizes


def is_moments(folder: Path) -> bool:
    """Whether a folder holds a Moment-DETR of ours."""
    try:
        with (folder / SETTINGS).open("rb") as file:
            return tomllib.load(file).get("kind") == KIND
    except (OSError, tomllib.TOMLDecodeError):
        return False


def read_moment_settings(folder: Path) -> MomentSettings:
    """Settings of a Moment-DETR's folder."""
    path = folder / SETTINGS
    if not path.is_file():
        raise WeightsError(
            f"{folder} has no {SETTINGS}, so it is no Moment-DETR of ours; train one, from nothing "
            "or with start=FILE from a published one: whenabouts train RECIPE"
        )
    settings = MomentSettings.read(path)
    if settings.format > FORMAT:
        raise VersionError(
            f"{path} has format {settings.format}, this program reads up to {FORMAT}; "
            "upgrade whenabouts"
        )
    return settings


def save_moments(
    folder: Path, settings: MomentSettings, tensors: Mapping[str, torch.Tensor], *, half: bool
) -> None:
    """Write the folder with its network; it appears whole or not at all.

    `half` stores weights as float16: both files then hold the very same rounded ones.
    """
    from safetensors.torch import save_file

    from whenabouts.models.moment_detr import MomentDetr
    from whenabouts.weights.export_moments import export_moments
    from whenabouts.weights.halve import halve
    from whenabouts.weights.rename import load_strictly

    kept = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    if half:
        kept = {name: value.half() for name, value in kept.items()}
    model = MomentDetr(settings.sizes)
    load_strictly(model, kept, settings.name)
    with drafted(folder) as draft:
        (draft / SETTINGS).write_text(settings.to_toml(), encoding="utf-8")
        save_file(kept, draft / WEIGHTS)
        export_moments(model, draft / NETWORK)
        if half:
            halve(draft / NETWORK)


def load_moments(folder: Path) -> MomentDetr:
    """The network of a folder, for training; all names must fit."""
    from whenabouts.models.moment_detr import MomentDetr
    from whenabouts.weights.rename import load_strictly

    model = MomentDetr(read_moment_settings(folder).sizes)
    load_strictly(model, read_tensors(folder / WEIGHTS), str(folder / WEIGHTS))
    return model.eval()
