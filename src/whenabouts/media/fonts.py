"""Fonts for drawing on pictures: one that has the letters wanted, if the machine has it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

_FOREIGN = re.compile(r"[^\u0000-\u024f–—…’‘“”·]+")

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

CJK_NAMES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "PingFang.ttc",
    "msyh.ttc",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "Hiragino Sans GB.ttc",
    "STHeiti Light.ttc",
    "simhei.ttf",
    "DroidSansFallbackFull.ttf",
)
"""Files of fonts with Chinese letters, as systems name them; looked for where fonts are kept."""


@cache
def _cjk(size_px: int) -> FreeTypeFont | None:
    from PIL import ImageFont

    for name in CJK_NAMES:
        try:
            return ImageFont.truetype(name, size_px)
        except OSError:
            continue
    return None


@cache
def _plain(size_px: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size_px)


def font_for(text: str, size_px: int) -> tuple[FreeTypeFont | ImageFont, str]:
    """A font for `text`, and the text with an ellipsis for letters that no font here has."""
    if not _FOREIGN.search(text):
        return _plain(size_px), text
    wide = _cjk(size_px)
    if wide is not None:
        return wide, text
    return _plain(size_px), _FOREIGN.sub("…", text)
