"""Other light, lens and noise for the same frames: nothing that changes what they show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def relight(pixels_NSS3: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Brightness, contrast, tint, soft lines and noise, drawn anew for each frame."""
    count = len(pixels_NSS3)
    out = np.empty_like(pixels_NSS3)
    for index in range(count):
        out[index] = _one(pixels_NSS3[index], random)
    return out


def _one(pixels: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    if random.random() < 0.25:
        return pixels
    picture = pixels.astype(np.float32)
    contrast = np.float32(random.uniform(0.75, 1.1))
    tint = random.uniform(0.94, 1.06, 3).astype(np.float32)
    shift = np.float32(random.uniform(-14, 14))
    picture = (picture - 128) * (contrast * tint) + (128 + shift)
    if random.random() < 0.2:
        rows = np.arange(len(picture)) / random.uniform(2, 6) + random.random()
        lines = (np.sin(2 * np.pi * rows) * random.uniform(4, 22)).astype(np.float32)
        picture += lines[:, None, None]
    if random.random() < 0.25:
        cells = random.normal(0, random.uniform(2, 9), picture.shape[:2]).astype(np.float32)
        picture += cells[:, :, None]
    return np.clip(picture, 0, 255).astype(np.uint8)
