"""Small pictures in a terminal: kitty, iTerm2 and sixel protocols, else half blocks in colour."""

from __future__ import annotations

import base64
import io
import os
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image
    from rich.text import Text

Way = Literal["auto", "kitty", "iterm", "sixel", "blocks", "none"]
"""How pictures are drawn; `auto` goes by what the terminal says of itself."""
WIDTH_PX, COLUMNS = 240, 28
"""Size of a picture in pixels, and of one made of blocks."""
_CHUNK = 4096
_SIXEL_COLOURS = 64


def way_of(terminal: bool, colour: bool) -> Way:
    """How this terminal draws pictures, by its environment; `none` in a pipe."""
    if not terminal:
        return "none"
    term, program = os.environ.get("TERM", ""), os.environ.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in os.environ or term in ("xterm-kitty", "xterm-ghostty"):
        return "kitty"
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return "iterm"
    if "sixel" in term or term in ("mlterm", "foot", "foot-extra", "yaft-256color"):
        return "sixel"
    return "blocks" if colour and term != "dumb" else "none"


def escape(jpeg: bytes, way: Way) -> str:
    """What makes a terminal draw a picture; empty for `blocks`, `none` or a bad picture."""
    if way not in ("kitty", "iterm", "sixel"):
        return ""
    image = _opened(jpeg)
    if image is None:
        return ""
    if way == "iterm":
        data = base64.b64encode(jpeg).decode("ascii")
        size = f"size={len(jpeg)};width={min(image.width, WIDTH_PX)}px"
        return f"\x1b]1337;File=inline=1;{size};preserveAspectRatio=1:{data}\x07\n"
    return _kitty(image) if way == "kitty" else _sixel(image)


def blocks(jpeg: bytes, columns: int = COLUMNS) -> Text | None:
    """A picture as rows of half blocks, two pixels a character; None for a bad picture."""
    from rich.text import Text

    image = _opened(jpeg)
    if image is None:
        return None
    rows = max(1, round(columns * image.height / image.width / 2))
    small = image.resize((columns, rows * 2))
    pixels = small.tobytes()
    text = Text()
    for row in range(rows):
        for column in range(columns):
            upper, lower = (3 * ((2 * row + half) * columns + column) for half in (0, 1))
            front, back = (pixels[at : at + 3].hex() for at in (upper, lower))
            text.append("▀", style=f"#{front} on #{back}")
        text.append("\n")
    return text


def _opened(jpeg: bytes) -> Image | None:
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return None
    image.thumbnail((WIDTH_PX, WIDTH_PX))
    return image


def _kitty(image: Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    pieces = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    lines: list[str] = []
    for at, piece in enumerate(pieces):
        more = int(at < len(pieces) - 1)
        head = f"a=T,f=100,m={more}" if at == 0 else f"m={more}"
        lines.append(f"\x1b_G{head};{piece}\x1b\\")
    return "".join(lines) + "\n"


def _sixel(image: Image) -> str:
    few = image.quantize(_SIXEL_COLOURS)
    palette = few.getpalette() or []
    out = [f'\x1bPq"1;1;{few.width};{few.height}']
    pixels = few.tobytes()
    for index in sorted(set(pixels)):
        red, green, blue = (round(palette[3 * index + at] / 2.55) for at in range(3))
        out.append(f"#{index};2;{red};{green};{blue}")
    for top in range(0, few.height, 6):
        band = [
            pixels[y * few.width : (y + 1) * few.width]
            for y in range(top, min(top + 6, few.height))
        ]
        for index in sorted(set(b"".join(band))):
            marks = (
                chr(63 + sum((row[x] == index) << bit for bit, row in enumerate(band)))
                for x in range(few.width)
            )
            out.append(f"#{index}{''.join(marks)}$")
        out.append("-")
    return "".join(out) + "\x1b\\\n"
