"""Words drawn onto a picture, from the small pictures of letters in `letters/`.

No font of the system is used, so a word has the same pixels on every machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from whenabouts.errors import InputError
from whenabouts.shapeworld.script import Drawn

Picture = NDArray[np.floating[Any]]
WIDEST = 0.94
"""A line is made smaller when it would be wider than this share of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """The table of letters: `ink` uint8 [rows * side, columns * side]."""

    ink: NDArray[np.uint8]
    side_px: int
    columns: int
    places: dict[str, int]
    widths: dict[str, int]

    def line(self, text: str) -> NDArray[np.uint8]:
        """A line of text in the table's own size, uint8 [side, w], 255 where there is ink."""
        pieces: list[NDArray[np.uint8]] = []
        for letter in text:
            if letter not in self.widths:
                raise InputError(
                    f"no picture of {letter!r} to draw {text!r}; add it by tools/letters.py"
                )
            width = self.widths[letter]
            if letter == " ":
                pieces.append(np.zeros((self.side_px, width), dtype=np.uint8))
                continue
            row, column = divmod(self.places[letter], self.columns)
            top, left = row * self.side_px, column * self.side_px
            pieces.append(self.ink[top : top + self.side_px, left : left + width])
        return np.concatenate(pieces, axis=1)


@lru_cache(maxsize=1)
def letters() -> Letters:
    """The table that comes with the package."""
    folder = files("whenabouts.shapeworld") / "letters"
    table = json.loads((folder / "letters.json").read_text(encoding="utf-8"))
    with (folder / "letters.png").open("rb") as file:
        ink = np.asarray(Image.open(file).convert("L"))
    places = {letter: place for place, letter in enumerate(table["letters"])}
    return Letters(ink, table["side_px"], table["columns"], places, table["widths"])


@lru_cache(maxsize=64)
def scaled(text: str, height_px: int, widest_px: int) -> NDArray[np.uint8]:
    """A line of text about this high, or lower if it would be too wide; uint8 [h,w]."""
    line = letters().line(text)
    height, width = line.shape
    scale = min(height_px / height, widest_px / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(line).resize(size, Image.Resampling.BILINEAR))


def letter(picture: Picture, drawn: Drawn) -> None:
    """Write the words on a plate onto `picture` float32 [h,w,3], in place."""
    height, width = picture.shape[:2]
    high = max(6, round(drawn.height * min(height, width)))
    line = scaled(drawn.text, high, int(WIDEST * width))
    rows, columns = line.shape
    left = max(0, min(width - columns, round(drawn.x * width - columns / 2)))
    top = max(0, min(height - rows, round(drawn.y * height)))
    patch = picture[top : top + rows, left : left + columns]
    plate, ink = (22.0, 240.0) if drawn.light_on_dark else (240.0, 18.0)
    patch += np.float32(0.8) * (np.float32(plate) - patch)
    share = (line.astype(np.float32) * np.float32(1 / 255))[:, :, None]
    patch += share * (np.float32(ink) - patch)
