"""The one resize and normalise in front of every picture tower; numpy and PIL only."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field

from whenabouts.settings import Settings

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

MAX_RATIO = 8
"""Pictures longer than this many times their shorter side are cut before they are resized; sharp
edges can come out a few grey levels off the published order of steps."""

_RESAMPLE = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
}


class PixelSettings(Settings):
    """How a picture tower wants its input."""

    size_px: int = Field(gt=0)
    """Side of the square input."""
    fit: Literal["crop", "squash"] = "crop"
    """`crop`: shorter side to `size_px`, then the centre. `squash`: both sides, ratio lost."""
    resample: Literal["bicubic", "bilinear", "lanczos"] = "bicubic"
    mean: tuple[float, float, float] = CLIP_MEAN
    """Subtracted from RGB in [0, 1]."""
    std: tuple[float, float, float] = CLIP_STD
    """Divided by, after `mean`."""


def prepare(pixels: NDArray[np.uint8], settings: PixelSettings) -> NDArray[np.float32]:
    """`pixels` uint8 [N,H,W,3] RGB of any H, W to float32 [N,3,S,S]."""
    out = np.empty((len(pixels), 3, settings.size_px, settings.size_px), np.float32)
    scale = np.float32(1 / 255) / np.asarray(settings.std, np.float32)
    shift = np.asarray(settings.mean, np.float32) / np.asarray(settings.std, np.float32)
    for index, picture in enumerate(pixels):
        fitted = fit(Image.fromarray(picture), settings)
        np.multiply(np.asarray(fitted).transpose(2, 0, 1), scale[:, None, None], out=out[index])
    out -= shift[:, None, None]
    return out


def fit(picture: Image.Image, settings: PixelSettings) -> Image.Image:
    """Resize and cut one picture of any mode to the square RGB input.

    The mode changes last, as in CLIP's own transform: grey and transparent pictures are resized
    as they are.
    """
    size_px = settings.size_px
    resample = _RESAMPLE[settings.resample]
    if settings.fit == "squash":
        return _resize(picture, (size_px, size_px), resample).convert("RGB")
    width, height = picture.size
    short = min(width, height)
    wide = size_px if width == short else int(size_px * width / short)
    tall = size_px if height == short else int(size_px * height / short)
    left, top = round((wide - size_px) / 2), round((tall - size_px) / 2)
    if max(wide, tall) > MAX_RATIO * size_px:
        # Only the square is made: all of a strip of 16000 x 2 would take gigabytes.
        across, down = width / wide, height / tall
        box = (left * across, top * down, (left + size_px) * across, (top + size_px) * down)
        return picture.resize((size_px, size_px), resample, box).convert("RGB")
    resized = _resize(picture, (wide, tall), resample)
    return resized.crop((left, top, left + size_px, top + size_px)).convert("RGB")


def _resize(picture: Image.Image, size: tuple[int, int], resample: Image.Resampling) -> Image.Image:
    """Antialiased resize; a picture that already fits is left alone."""
    return picture if picture.size == size else picture.resize(size, resample)
