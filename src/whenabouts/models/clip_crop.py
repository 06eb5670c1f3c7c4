"""Random crops for training a video LLM: one box for all frames of a clip (TimeChat)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

AREA = (0.5, 1.0)
"""Share of the picture that a crop may have."""
ASPECT = (3 / 4, 4 / 3)
"""Width to height of a crop."""
TRIES = 10


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, in px."""

    top: int
    left: int
    height: int
    width: int


def draw_box(height: int, width: int, random: Random) -> Box:
    """A crop of a random share and aspect; the largest in the middle if none of ten tries fits."""
    for _ in range(TRIES):
        area = height * width * random.uniform(*AREA)
        aspect = math.exp(random.uniform(math.log(ASPECT[0]), math.log(ASPECT[1])))
        wide, tall = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < wide <= width and 0 < tall <= height:
            return Box(
                random.randint(0, height - tall), random.randint(0, width - wide), tall, wide
            )
    wide = min(width, round(height * ASPECT[1]))
    tall = min(height, round(width / ASPECT[0]))
    return Box((height - tall) // 2, (width - wide) // 2, tall, wide)


def resized_crop(frames: Tensor, box: Box, size_px: int) -> Tensor:
    """The box of float frames [..,C,H,W], resized to [..,C,S,S]; values may leave their range.

    Bicubic without antialiasing, as the published training has it.
    """
    part = frames[..., box.top : box.top + box.height, box.left : box.left + box.width]
    flat = part.reshape(-1, *part.shape[-3:])
    out = interpolate(flat, size=(size_px, size_px), mode="bicubic", align_corners=False)
    return out.reshape(*frames.shape[:-2], size_px, size_px)


def crop_clip(pixels: NDArray[np.uint8], box: Box, size_px: int) -> NDArray[np.uint8]:
    """The box of uint8 frames [T,H,W,3] as uint8 [T,S,S,3].

    Values are held to 0..255 before they become bytes (the published code lets them wrap around).
    """
    frames = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float()
    return as_bytes(resized_crop(frames, box, size_px)).permute(0, 2, 3, 1).numpy()


def as_bytes(frames: Tensor) -> Tensor:
    """Grey levels as uint8: held to 0..255, decimals cut off."""
    return frames.clamp(0, 255).to(torch.uint8)
