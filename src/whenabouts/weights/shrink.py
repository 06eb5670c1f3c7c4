"""The picture tower in 8-bit integers, where it stays exact enough: about half the time a frame.

Only that tower: it runs for every frame of every video, the text tower once a query.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.models.onnx import Network, quantise
from whenabouts.models.pixels import prepare
from whenabouts.weights.folder import (
    SETTINGS,
    TOKENIZER,
    VISION,
    EncoderSettings,
    read_settings,
    read_tokens,
    save,
)

LEAST_COSINE = 0.99
"""Between the vectors of a frame before and after. Neighbouring frames of a still shot are about as
close, so below this a frame could be taken for its neighbour."""

_PICTURES = 24
_SIDE_PX = 256


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What the trial gave."""

    kept: bool
    """False: not exact enough, the folder is as it was."""
    least_cosine: float
    mean_cosine: float
    logit_change: float
    """The largest change of a frame's weight logit."""


def shrink(
    folder: Path,
    pictures: NDArray[np.uint8] | None = None,
    *,
    least_cosine: float = LEAST_COSINE,
) -> Shrunk:
    """Try 8-bit products on `pictures` uint8 [N,H,W,3]; keep them if every vector stays close.

    Without pictures, drawn ones are used; frames of the kind to be searched tell more.
    """
    settings = read_settings(folder)
    tried = folder / ".int8.onnx"
    try:
        quantise(folder / VISION, tried)
        pixels = drawn_pictures() if pictures is None else pictures
        found = _compare(folder, tried, settings, pixels, least_cosine)
        if found.kept:
            _keep(folder, tried, settings)
    finally:
        tried.unlink(missing_ok=True)
    return found


def drawn_pictures() -> NDArray[np.uint8]:
    """Pictures with what photographs have: slow shading, edges, flat areas, a little noise."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX] / _SIDE_PX
    pictures = np.empty((_PICTURES, _SIDE_PX, _SIDE_PX, 3), np.uint8)
    for picture in pictures:
        waves = rng.uniform(-4, 4, (2, 3))
        shade = rows[..., None] * waves[0] + columns[..., None] * waves[1]
        canvas = 128 + 80 * np.sin(shade + rng.uniform(0, 6, 3))
        for _ in range(rng.integers(2, 7)):
            top, left = rng.integers(0, _SIDE_PX - 32, 2)
            height, width = rng.integers(16, 128, 2)
            canvas[top : top + height, left : left + width] = rng.uniform(0, 255, 3)
        canvas += rng.normal(0, 6, canvas.shape)
        picture[:] = canvas.clip(0, 255)
    return pictures


def _compare(
    folder: Path,
    tried: Path,
    settings: EncoderSettings,
    pictures: NDArray[np.uint8],
    least_cosine: float,
) -> Shrunk:
    """Both networks on the same pictures."""
    names = settings.vision
    feeds = {names.given: prepare(pictures, settings.pixels)}
    before = Network(folder / VISION, device="cpu").run(feeds)
    after = Network(tried, device="cpu").run(feeds)
    cosines = np.array(
        [
            one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
            for one, other in zip(before[names.vectors], after[names.vectors], strict=True)
        ]
    )
    change = 0.0
    if names.logits:
        change = float(np.abs(before[names.logits] - after[names.logits]).max())
    least = float(cosines.min())
    return Shrunk(least >= least_cosine, least, float(cosines.mean()), change)


def _keep(folder: Path, tried: Path, settings: EncoderSettings) -> None:
    """Write the folder again with the small tower in the place of the large one."""
    replaced = {SETTINGS, TOKENIZER, tried.name}

    def copy(draft: Path) -> None:
        for path in folder.iterdir():
            if path.name not in replaced and not path.name.startswith(VISION):
                shutil.copy2(path, draft / path.name)
        shutil.copyfile(tried, draft / VISION)

    small = settings.model_copy(update={"precision": "int8"})
    save(folder, small, read_tokens(folder, settings), more=copy)
