"""Pictures to look at: a small JPEG of a frame, and the contact sheet of a moment."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

JPEG_QUALITY = 82


def jpeg(pixels: NDArray[np.uint8], width_px: int) -> bytes:
    """A JPEG of `pixels` uint8 [H,W,3], scaled down to `width_px` if it is wider."""
    from PIL import Image

    image = Image.fromarray(pixels)
    if image.width > width_px:
        height_px = max(1, round(image.height * width_px / image.width))
        image = image.resize((width_px, height_px), Image.Resampling.BICUBIC, reducing_gap=2.0)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=JPEG_QUALITY)
    return data.getvalue()
