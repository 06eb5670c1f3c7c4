"""Fitted pictures to what a torch tower reads, where they already lie in the cache as bytes."""

from __future__ import annotations

import torch
from torch import Tensor

from whenabouts.models.pixels import PixelSettings


def normalised(pixels: Tensor, settings: PixelSettings) -> Tensor:
    """uint8 [..,S,S,3] RGB to float32 [..,3,S,S]: a share of 255, less the mean, over the std."""
    mean, std = (
        torch.tensor(v, device=pixels.device).view(3, 1, 1) for v in (settings.mean, settings.std)
    )
    return pixels.movedim(-1, -3).float().div_(255).sub_(mean).div_(std)
