"""An encoder of colours: quick, exact, and enough to see what an index run does to a file."""

import hashlib

import numpy as np

from whenabouts.errors import InputError
from whenabouts.models.pixels import PixelSettings, prepare
from whenabouts.protocols import FrameVectors, Sampling
from whenabouts.types import Encoding


class ColourEncoder:
    """Frames as mean colours of their quarters; words as directions drawn from their letters."""

    name = "colours"
    fingerprint = hashlib.sha256(b"colours").hexdigest()
    width = 12
    input_px = 32
    sampling = Sampling(1.0)

    def encode_frames(self, pixels: np.ndarray) -> FrameVectors:
        small = prepare(pixels, PixelSettings(size_px=self.input_px))
        parts = [
            small[:, :, r : r + 16, c : c + 16].mean(axis=(2, 3)) for r in (0, 16) for c in (0, 16)
        ]
        vectors = np.concatenate(parts, axis=1) + 0.1
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return FrameVectors(vectors, np.zeros(len(vectors), np.float32))

    def encode_text(self, text: str) -> Encoding:
        if not text.strip():
            raise InputError("the query is empty; describe what should be seen")
        rng = np.random.default_rng(list(text.encode("utf-8", "replace")))
        vector = rng.normal(size=(1, self.width)).astype(np.float32)
        return Encoding(vector / np.linalg.norm(vector), np.ones(1, np.float32), words=(text,))
