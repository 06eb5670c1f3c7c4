"""Still images as one-frame videos, and animations that the video decoder does not read (WebP)."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MediaError
from whenabouts.media.picture import shown_size
from whenabouts.media.targets import Chooser, Targets

if TYPE_CHECKING:
    from PIL.Image import Image

STILL_S = 0.04
"""How long a still image stands, in seconds: one frame at 25 a second."""

LEAST_DELAY_MS, USUAL_DELAY_MS = 20, 100
"""Frames of an animation shorter than the first stand for the second, as browsers show them."""

TAG_ORIENTATION, TAG_DATE, TAG_EXIF, TAG_ORIGINAL_DATE = 0x0112, 0x0132, 0x8769, 0x9003
"""EXIF numbers."""


def is_still(path: Path) -> bool:
    """Whether the file's first bytes are those of an image (GIF and animated PNG are videos)."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError):
        return False
    if head.startswith(b"\xff\xd8\xff"):
        return path.suffix.lower() not in {".mjpeg", ".mjpg"}
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return b"acTL" not in head
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    return brand == b"avif" or head[:2] == b"BM" or head[:4] in {b"II*\0", b"MM\0*"}


FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
"""What the image library is known to raise on damaged files, found by damaging many."""


@contextmanager
def open_still(path: Path) -> Generator[Image]:
    """An opened image whose pixels are not read yet; damage and bombs become `MediaError`."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(path)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise MediaError(f"{path.name!r} is too large an image: {error}; scale it down") from error
    except UnidentifiedImageError as error:
        raise MediaError(f"{path.name!r} looks like an image but cannot be read as one") from error
    except FAULTS as error:
        raise MediaError(f"{path.name!r} is a damaged image: {error}") from error
    try:
        yield image
    finally:
        image.close()


def upright_size(image: Image) -> tuple[int, int, int]:
    """Width and height as shown, and the orientation number of EXIF (1: upright)."""
    try:
        turn = int(image.getexif().get(TAG_ORIENTATION, 1))
    except FAULTS:
        turn = 1
    width, height = image.size
    return (height, width, turn) if 5 <= turn <= 8 else (width, height, turn)


def taken_s(image: Image) -> float | None:
    """When the picture was taken (seconds since 1970, camera clock read as local), if known."""
    try:
        exif = image.getexif()
        text = exif.get_ifd(TAG_EXIF).get(TAG_ORIGINAL_DATE) or exif.get(TAG_DATE)
        return datetime.strptime(str(text).strip(), "%Y:%m:%d %H:%M:%S").timestamp()
    except FAULTS:
        return None


def _frames_of(image: Image) -> int:
    """How many frames an opened image holds, as far as that can be read."""
    try:
        return int(getattr(image, "n_frames", 1))
    except FAULTS:
        return 1


def frame_times_s(image: Image) -> tuple[list[float], float]:
    """Start of each frame of an opened image and the end of the last, in seconds."""
    count = _frames_of(image)
    if count <= 1:
        return [0.0], STILL_S
    starts: list[float] = []
    clock_ms = 0.0
    for number in range(count):
        starts.append(clock_ms / 1000)
        try:
            image.seek(number)
            image.load()
        except FAULTS:
            return starts[: number or 1], clock_ms / 1000 or STILL_S
        delay_ms = float(image.info.get("duration", 0) or 0)
        clock_ms += delay_ms if delay_ms >= LEAST_DELAY_MS else USUAL_DELAY_MS
    return starts, clock_ms / 1000


def read_still(
    path: Path,
    short_side_px: int | None,
    rate_hz: float | None = None,
    times_s: Sequence[float] | None = None,
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Seconds and pixels uint8 [H,W,3] of the wanted frames; see `decode.read_frames`."""
    with open_still(path) as image:
        targets = Targets(0, 0.001, rate_hz, times_s)
        chooser: Chooser[NDArray[np.uint8]] = Chooser(targets)
        clock_ms = 0
        for number in range(_frames_of(image)):
            try:
                if number:
                    image.seek(number)
                pixels = _pixels(image, short_side_px)
            except FAULTS as error:
                if number == 0:
                    raise MediaError(f"{path.name!r} is a damaged image: {error}") from error
                break
            for tick, chosen in chooser.take(clock_ms, pixels):
                yield tick / 1000, chosen
            delay_ms = round(float(image.info.get("duration", 0) or 0))
            clock_ms += delay_ms if delay_ms >= LEAST_DELAY_MS else USUAL_DELAY_MS
        for tick, chosen in chooser.finish(clock_ms):
            yield tick / 1000, chosen


def _pixels(image: Image, short_side_px: int | None) -> NDArray[np.uint8]:
    """The current frame upright in RGB; transparent parts become black."""
    from PIL import Image as Images
    from PIL import ImageOps

    width, height, _ = upright_size(image)
    size = shown_size(width, height, 1.0, 0, short_side_px)
    if image.format == "JPEG" and size != (width, height):
        image.draft("RGB", (2 * max(size), 2 * max(size)))
    picture = ImageOps.exif_transpose(image)
    if picture.mode in {"I;16", "I;16B", "I"}:
        picture = Images.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    elif picture.mode in {"RGBA", "LA", "PA", "P"}:
        clear = picture.convert("RGBA")
        picture = Images.new("RGBA", clear.size, (0, 0, 0, 255))
        picture.alpha_composite(clear)
    picture = picture.convert("RGB")
    if picture.size != size:
        picture = picture.resize(size, Images.Resampling.BICUBIC, reducing_gap=3.0)
    return np.array(picture)
