"""RandAugment: a few random operations, the same ones for all frames of a clip.

The operations and magnitudes of the policy `rand-m7-n4-mstd0.5-inc1` with the 15 operations of
AutoAugment's family, on pictures of any size before they are resized.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from pydantic import Field

from whenabouts.settings import Settings

Op = Literal[
    "AutoContrast",
    "Equalize",
    "Invert",
    "Rotate",
    "PosterizeIncreasing",
    "SolarizeIncreasing",
    "SolarizeAdd",
    "ColorIncreasing",
    "ContrastIncreasing",
    "BrightnessIncreasing",
    "SharpnessIncreasing",
    "ShearX",
    "ShearY",
    "TranslateXRel",
    "TranslateYRel",
]
OPS: tuple[Op, ...] = get_args(Op)

_MOST = 10.0
_GREY = (128, 128, 128)
_ENHANCERS = {
    "ColorIncreasing": ImageEnhance.Color,
    "ContrastIncreasing": ImageEnhance.Contrast,
    "BrightnessIncreasing": ImageEnhance.Brightness,
    "SharpnessIncreasing": ImageEnhance.Sharpness,
}
_PER_MAGNITUDE = {
    "Rotate": 3.0,
    "ShearX": 0.03,
    "ShearY": 0.03,
    "TranslateXRel": 0.045,
    "TranslateYRel": 0.045,
}
"""Degrees; shares of the side."""


class RandAugmentSettings(Settings):
    """How much pictures are changed."""

    operations: int = Field(default=4, ge=0)
    """Drawn for each clip, with replacement."""
    chance: float = Field(default=0.5, ge=0, le=1)
    """That a drawn operation is applied."""
    magnitude: float = Field(default=7.0, ge=0, le=_MOST)
    spread: float = Field(default=0.5, ge=0)
    """Standard deviation of the magnitude, which stays between 0 and 10."""


@dataclass(frozen=True, slots=True)
class Change:
    """One operation; `negated` turns those with a direction around."""

    op: Op
    magnitude: float
    negated: bool = False


def draw(settings: RandAugmentSettings, random: np.random.Generator) -> tuple[Change, ...]:
    """The changes of one clip."""
    found: list[Change] = []
    for _ in range(settings.operations):
        op = OPS[int(random.integers(len(OPS)))]
        applied = random.random() < settings.chance
        magnitude = float(np.clip(random.normal(settings.magnitude, settings.spread), 0, _MOST))
        negated = random.random() < 0.5
        if applied:
            found.append(Change(op, magnitude, negated))
    return tuple(found)


def augment(frames: NDArray[np.uint8], changes: Sequence[Change]) -> NDArray[np.uint8]:
    """`frames` uint8 [F,H,W,3], each with all changes in order."""
    if not changes:
        return frames
    out = np.empty_like(frames)
    for index, frame in enumerate(frames):
        picture = Image.fromarray(frame)
        for change in changes:
            picture = apply(picture, change)
        out[index] = np.asarray(picture)
    return out


def level(change: Change) -> float | None:
    """What the operation is given: degrees, bits, threshold, factor, share; None for nothing."""
    op, magnitude = change.op, change.magnitude
    sign = -1 if change.negated else 1
    if op == "PosterizeIncreasing":
        return 4 - int(magnitude / _MOST * 4)
    if op == "SolarizeIncreasing":
        return 256 - int(magnitude / _MOST * 256)
    if op == "SolarizeAdd":
        return min(128, int(magnitude / _MOST * 110))
    if op in _ENHANCERS:
        return 1 + sign * magnitude / _MOST * 0.9
    return sign * magnitude * _PER_MAGNITUDE[op] if op in _PER_MAGNITUDE else None


def apply(picture: Image.Image, change: Change) -> Image.Image:
    """One operation on one RGB picture; what comes in from outside is mid-grey."""
    amount = level(change)
    if amount is None:
        plain = {
            "AutoContrast": ImageOps.autocontrast,
            "Equalize": ImageOps.equalize,
            "Invert": ImageOps.invert,
        }
        return plain[change.op](picture)
    op = change.op
    if op in _ENHANCERS:
        return _ENHANCERS[op](picture).enhance(amount)
    if op == "PosterizeIncreasing":
        return ImageOps.posterize(picture, int(amount))
    if op == "SolarizeIncreasing":
        return ImageOps.solarize(picture, int(amount))
    if op == "SolarizeAdd":
        one = [min(255, v + int(amount)) if v < 128 else v for v in range(256)]
        return picture.point(one * 3)
    if op == "Rotate":
        return picture.rotate(amount, Image.Resampling.BICUBIC, fillcolor=_GREY)
    return _affine(picture, op, amount)


def _affine(picture: Image.Image, op: Op, amount: float) -> Image.Image:
    """Shear and shift."""
    width, height = picture.size
    matrix = {
        "ShearX": (1, amount, 0, 0, 1, 0),
        "ShearY": (1, 0, 0, amount, 1, 0),
        "TranslateXRel": (1, 0, amount * width, 0, 1, 0),
        "TranslateYRel": (1, 0, 0, 0, 1, amount * height),
    }[op]
    return picture.transform(
        picture.size,
        Image.Transform.AFFINE,
        matrix,
        Image.Resampling.BICUBIC,
        fillcolor=_GREY,
    )
