"""Stand-ins for what is heavy: an encoder that knows colours, and drawn videos of colours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from whenabouts.media.write import write_video
from whenabouts.protocols import FrameVectors, Sampling
from whenabouts.types import Encoding, Span

COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 180, 40),
    "blue": (40, 60, 220),
    "yellow": (240, 220, 40),
    "cyan": (40, 220, 220),
    "pink": (250, 130, 200),
    "white": (245, 245, 245),
    "black": (10, 10, 10),
}
CHINESE = dict(zip("红绿蓝黄青粉白黑", COLOURS, strict=True))
NAMES = list(COLOURS)
WIDTH = 16


class ColourEncoder:
    """A frame is the shares of eight colours in it, a text its colour words; both unit vectors."""

    name = "colours"
    width = WIDTH
    input_px = 32

    def __init__(self, rate_hz: float = 2.0, version: str = "1") -> None:
        self.sampling = Sampling(rate_hz)
        self.fingerprint = hashlib.sha256(f"colours {version}".encode()).hexdigest()
        self.frames_seen = 0

    def encode_frames(self, pixels: np.ndarray) -> FrameVectors:
        self.frames_seen += len(pixels)
        palette = np.array(list(COLOURS.values()), np.int32)
        flat = pixels.reshape(len(pixels), -1, 3).astype(np.int32)
        nearest = ((flat[:, :, None] - palette) ** 2).sum(-1).argmin(-1)
        vectors = np.zeros((len(pixels), WIDTH), np.float32)
        for at in range(len(COLOURS)):
            vectors[:, at] = np.sqrt((nearest == at).mean(axis=1))
        vectors[:, -1] = 0.2
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return FrameVectors(vectors, np.zeros(len(pixels), np.float32))

    def encode_text(self, text: str) -> Encoding:
        # Chinese is not parted by spaces: of such a run only the colours are words.
        runs = text.lower().replace(",", " ").split()
        words = [run for run in runs if not any(c in CHINESE for c in run)]
        words += [c for c in text if c in CHINESE]
        rows, weights = [], []
        for word in words:
            vector = np.zeros(WIDTH, np.float32)
            known = CHINESE.get(word, word)
            if known in COLOURS:
                vector[NAMES.index(known)] = 1
            else:  # an unknown word points away from every picture
                vector[len(NAMES) + len(word) % 7] = 1
            rows.append(vector)
            weights.append(4.0 if known in COLOURS else 1.0)
        shares = np.array(weights, np.float32)
        return Encoding(np.stack(rows), shares / shares.sum(), words=tuple(words))


def picture(colours: Sequence[str], height: int = 48, width: int = 64) -> np.ndarray:
    """Vertical stripes of some colours."""
    pixels = np.zeros((height, width, 3), np.uint8)
    for at, name in enumerate(colours):
        pixels[:, at * width // len(colours) : (at + 1) * width // len(colours)] = COLOURS[name]
    return pixels


def film(
    path: Path,
    scenes: Iterable[tuple[str, float]],
    fps: float = 10,
    subtitles: Sequence[tuple[Span, str]] = (),
    tags: dict[str, str] | None = None,
    size: tuple[int, int] = (48, 64),
) -> Path:
    """A video of scenes `(colours joined by +, seconds)`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = (
        picture(colours.split("+"), *size)
        for colours, seconds in scenes
        for _ in range(round(seconds * fps))
    )
    write_video(path, frames, fps, subtitles=subtitles, tags=tags)
    return path
