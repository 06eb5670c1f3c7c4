"""Make the table of letters that shape world draws words with, from an open font.

    python tools/letters.py NotoSansCJK-Bold.ttc 2 src/whenabouts/shapeworld/letters

The second argument is the face inside a collection (2 is Simplified Chinese in Noto Sans CJK). The
table holds ASCII and every Chinese character that the world draws, as small pictures, so that
drawing needs no font and gives the same pixels everywhere. The font's licence goes with it.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from whenabouts.shapeworld.overlay import DRAWN

SIDE_PX = 32
"""Height of a line, and width of a Chinese character."""
COLUMNS = 16
LEVELS = 15
"""Steps of grey; more only make the file larger."""


def main(font_path: str, face: str, folder: str) -> None:
    """Write letters.png and letters.json."""
    font = ImageFont.truetype(font_path, SIDE_PX - 4, index=int(face))
    chinese = sorted({letter for text in DRAWN["zh"] for letter in text})
    letters = [chr(code) for code in range(33, 127)] + chinese
    rows = -(-len(letters) // COLUMNS)
    atlas = Image.new("L", (COLUMNS * SIDE_PX, rows * SIDE_PX))
    pen = ImageDraw.Draw(atlas)
    ascent, descent = font.getmetrics()
    drop = (SIDE_PX - (ascent + descent)) // 2
    widths: dict[str, int] = {" ": round(font.getlength(" "))}
    for index, letter in enumerate(letters):
        row, column = divmod(index, COLUMNS)
        pen.text((column * SIDE_PX, row * SIDE_PX + drop), letter, font=font, fill=255)
        widths[letter] = min(SIDE_PX, round(font.getlength(letter)))
    grey = np.round(np.asarray(atlas, dtype=np.float64) * (LEVELS / 255)) * (255 // LEVELS)
    target = Path(folder)
    Image.fromarray(grey.astype(np.uint8)).save(target / "letters.png", optimize=True)
    table = {"side_px": SIDE_PX, "columns": COLUMNS, "letters": "".join(letters), "widths": widths}
    text = json.dumps(table, ensure_ascii=False, indent=1)
    (target / "letters.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
