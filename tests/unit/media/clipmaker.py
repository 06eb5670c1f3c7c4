"""Small clips drawn and encoded in the test: each picture carries its own number as a barcode."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 12


def draw(number: int, width: int = 96, height: int = 64) -> np.ndarray:
    """A picture [H,W,3] whose upper half holds `number` in 12 black or white cells."""
    rows, columns = np.mgrid[0:height, 0:width]
    picture = np.empty((height, width, 3), np.uint8)
    picture[..., 0] = (columns * 2 + number * 3) % 256
    picture[..., 1] = (rows * 3 + number) % 256
    picture[..., 2] = 90 + 60 * np.sin((columns + rows) / 9 + number / 5)
    cell = columns[0] * BITS // width
    picture[: height // 2] = np.where((number >> cell) & 1, 235, 20)[None, :, None]
    return picture


def number_of(picture: np.ndarray) -> int:
    """The number drawn in a picture of any size."""
    height, width = picture.shape[:2]
    strip = picture[height // 8 : height * 3 // 8].mean(axis=(0, 2))
    edges = [round(width * (bit + 0.5) / BITS) for bit in range(BITS)]
    return sum(1 << bit for bit, x in enumerate(edges) if strip[x] > 128)


def make_clip(
    path: Path,
    count: int = 40,
    *,
    codec: str = "libx264",
    fps: int | Fraction = 10,
    pts: list[int] | None = None,
    first_pts: int = 0,
    size: tuple[int, int] = (96, 64),
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    sound_s: float = 0.0,
    rotate: int = 0,
    aspect: Fraction | None = None,
    gop: int = 12,
    color: tuple[int, int] | None = None,
    numbers: list[int] | None = None,
    pictures: list[np.ndarray] | None = None,
) -> Path:
    """Encode `count` drawn pictures; `pts` in units of 1/fps makes the rate variable."""
    with av.open(str(path), "w", options=container_options or {}) as out:
        stream = out.add_stream(codec, rate=Fraction(fps), options=dict(options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.gop_size = gop
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if color:
            stream.codec_context.color_primaries, stream.codec_context.color_trc = color
            stream.codec_context.colorspace = 9
        stream.codec_context.time_base = 1 / Fraction(fps)
        if rotate:
            stream.set_display_rotation(rotate)
        sound = out.add_stream("aac", rate=16000, layout="mono") if sound_s else None
        for index in range(count):
            number = numbers[index] if numbers else index
            drawn = pictures[index] if pictures else draw(number, *size)
            picture = av.VideoFrame.from_ndarray(drawn, format="rgb24")
            picture = picture.reformat(format=pix_fmt)
            picture.pts = first_pts + (pts[index] if pts else index)
            picture.time_base = 1 / Fraction(fps)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
        if sound is not None:
            _add_tone(out, sound, sound_s)
    return path


def _add_tone(out, stream, seconds: float) -> None:
    wave = np.sin(np.arange(int(16000 * seconds)) * 2 * np.pi * 440 / 16000).astype(np.float32)
    for start in range(0, len(wave), 1024):
        part = wave[start : start + 1024][None]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format="fltp", layout="mono")
        frame.sample_rate = 16000
        frame.pts = start
        frame.time_base = Fraction(1, 16000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
