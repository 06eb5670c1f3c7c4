"""What a frozen picture tower sees of drawn videos, computed once and kept on disk.

The tower is most of the work of a small video LLM in training, and it gives the same every time.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from whenabouts.models.pixels import PixelSettings
from whenabouts.models.torch_pixels import normalised

_AT_ONCE = 32
"""Frames."""


class Looks(Protocol):
    """What has a picture tower and a norm behind it."""

    @property
    def vision(self) -> nn.Module:
        """Prepared pictures [N,3,S,S] to [N,P,W]."""
        ...

    @property
    def vision_norm(self) -> nn.Module:
        """Behind the tower."""
        ...


class KeptEyes:
    """`data.instruct.drawn.Eyes` on the tower of a model."""

    def __init__(self, model: Looks, pixels: PixelSettings, folder: Path, about: str) -> None:
        """`about` says which frames of which videos are seen; others get a folder of their own."""
        self._vision = copy.deepcopy(model.vision).eval().requires_grad_(False)
        self._norm = copy.deepcopy(model.vision_norm).eval().requires_grad_(False)
        self._pixels = pixels
        mark = hashlib.sha256(f"{about}\n{pixels.model_dump_json()}".encode())
        for part in (self._vision, self._norm):
            for name, value in sorted(part.state_dict().items()):
                mark.update(name.encode() + value.float().cpu().numpy().tobytes())
        self.folder = folder / mark.hexdigest()[:16]

    def see(self, name: str, draw: Callable[[], NDArray[np.uint8]]) -> NDArray[np.float16]:
        """[T,1+P,W] of a video, from disk where it is there."""
        path = self.folder / f"{name}.npy"
        try:
            return np.load(path)
        except (OSError, ValueError, EOFError):
            pass  # not there, or torn: seen now
        found = self._look(draw())
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{id(found)}.part")
        with part.open("wb") as file:
            np.save(file, found)
        part.replace(path)
        return found

    @torch.inference_mode()
    def _look(self, frames: NDArray[np.uint8]) -> NDArray[np.float16]:
        device = next(self._vision.parameters()).device
        seen: list[NDArray[np.float16]] = []
        for first in range(0, len(frames), _AT_ONCE):
            pixels = torch.from_numpy(frames[first : first + _AT_ONCE]).to(device)
            made = self._norm(self._vision(normalised(pixels, self._pixels)))
            seen.append(made.half().cpu().numpy())
        return np.concatenate(seen)
