"""Small pictures of one video in one grid, for previews while a pointer moves over it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whenabouts.media.preview import JPEG_QUALITY

if TYPE_CHECKING:
    from PIL.Image import Image

TILE_PX = 160
"""Width of a tile; its height follows from the first picture."""
COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Sprite:
    """A JPEG of tiles in rows, the first picture at the upper left."""

    jpeg: bytes
    tile_width_px: int
    tile_height_px: int
    columns: int
    rows: int


def sprite(pictures: Sequence[bytes], tile_px: int = TILE_PX, columns: int = COLUMNS) -> Sprite:
    """A grid of JPEG `pictures`; each is scaled to fit its tile, the rest of which stays black."""
    from PIL import Image

    opened = [Image.open(io.BytesIO(data)).convert("RGB") for data in pictures]
    if not opened:
        opened = [Image.new("RGB", (tile_px, tile_px * 9 // 16))]
    width, height = opened[0].size
    tile_height_px = max(1, min(2 * tile_px, round(tile_px * height / width)))
    columns = min(columns, len(opened))
    rows = -(-len(opened) // columns)
    sheet = Image.new("RGB", (columns * tile_px, rows * tile_height_px))
    for number, picture in enumerate(opened):
        small = _fitted(picture, (tile_px, tile_height_px))
        row, column = divmod(number, columns)
        left = column * tile_px + (tile_px - small.width) // 2
        top = row * tile_height_px + (tile_height_px - small.height) // 2
        sheet.paste(small, (left, top))
    data = io.BytesIO()
    sheet.save(data, "JPEG", quality=JPEG_QUALITY - 10)
    return Sprite(data.getvalue(), tile_px, tile_height_px, columns, rows)


def _fitted(picture: Image, size: tuple[int, int]) -> Image:
    from PIL import Image

    share = min(size[0] / picture.width, size[1] / picture.height)
    fitted = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    return picture.resize(fitted, Image.Resampling.BICUBIC, reducing_gap=2.0)
