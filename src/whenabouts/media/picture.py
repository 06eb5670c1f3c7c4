"""Decoded frames to RGB pixels as a viewer sees them: small, upright, progressive, in SDR."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

PQ, HLG = 16, 18
"""Transfer functions of HDR video, ITU-T H.273 table 3: SMPTE ST 2084 and ARIB STD-B67."""

WHITE_NITS, PEAK_NITS = 203.0, 1000.0
"""Brightness of white paper in HDR video (ITU-R BT.2408) and of the brightest light kept."""

KNEE = 0.5
"""Linear light up to here (1 = SDR white) is left alone, brighter light is compressed."""

BT2020_TO_BT709 = np.array(
    [
        [1.6605, -0.5876, -0.0728],
        [-0.1246, 1.1329, -0.0083],
        [-0.0182, -0.1006, 1.1187],
    ],
    np.float32,
)
"""Linear RGB to linear RGB (ITU-R BT.2087)."""


def is_hdr(frame: VideoFrame) -> bool:
    """Whether the frame is coded for HDR screens."""
    return frame.color_trc in (PQ, HLG)


def shown_size(
    width: int, height: int, aspect: float, rotation: int, short_side_px: int | None
) -> tuple[int, int]:
    """Width and height in pixels as shown: square pixels, upright, shrunk to the short side."""
    if 0.25 <= aspect <= 4:
        width, height = (
            (round(width * aspect), height)
            if aspect > 1
            else (
                width,
                round(height / aspect),
            )
        )
    if short_side_px is not None and min(width, height) > short_side_px:
        scale = short_side_px / min(width, height)
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    return (height, width) if rotation % 180 else (width, height)


class Painter:
    """Turns frames of one stream into uint8 [H,W,3]; keeps the scaler between frames."""

    def __init__(
        self,
        aspect: float = 1.0,
        short_side_px: int | None = None,
        square_px: int | None = None,
    ) -> None:
        """`aspect` is width by height of one coded pixel."""
        from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

        self._scaler = VideoReformatter()
        self._area, self._cubic = Interpolation.AREA, Interpolation.BICUBIC
        self._usual = Colorspace.ITU601
        self._aspect, self._short_side_px = aspect, short_side_px
        self._square_px = square_px

    def paint(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Pixels uint8 [H,W,3] RGB, contiguous."""
        turns = round(frame.rotation / 90) % 4
        width, height = self._size(frame)
        if frame.interlaced_frame and frame.height >= 4:
            pixels = self._one_field(frame, width, height)
        else:
            pixels = self._scale(frame, width, height)
        return np.ascontiguousarray(np.rot90(pixels, turns))

    def _size(self, frame: VideoFrame) -> tuple[int, int]:
        """Width and height before turning."""
        if self._square_px is not None:
            return self._square_px, self._square_px
        return shown_size(frame.width, frame.height, self._aspect, 0, self._short_side_px)

    def _scale(self, frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
        """Scaled to RGB; averaging over areas is as sharp as needed and cheapest below half."""
        shrinks = frame.width >= 2 * width and frame.height >= 2 * height
        # Squares are for networks that were trained on pictures of the usual filter.
        shrinks = shrinks and self._square_px is None
        hdr = is_hdr(frame)
        kind = "rgb48le" if hdr else "rgb24"
        filtering = self._area if shrinks else self._cubic
        try:
            made = self._scaler.reformat(
                frame, width, height, kind, interpolation=filtering, threads=1
            )
        except OSError:
            # The file names a colour system that nobody knows: take the usual one.
            made = self._scaler.reformat(
                frame,
                width,
                height,
                kind,
                src_colorspace=self._usual,
                dst_colorspace=self._usual,
                interpolation=filtering,
                threads=1,
            )
        picture = made.to_ndarray()
        if hdr:
            return to_sdr(cast("NDArray[np.uint16]", picture), frame.color_trc)
        return cast("NDArray[np.uint8]", picture)

    def _one_field(self, frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
        """Every other line, so that the two moments of an interlaced frame do not mix."""
        from PIL import Image

        lines = self._scale(frame, width, frame.height)[::2]
        return np.asarray(Image.fromarray(lines).resize((width, height), Image.Resampling.BILINEAR))


def to_sdr(pixels: NDArray[np.uint16], transfer: int) -> NDArray[np.uint8]:
    """HDR code values uint16 [H,W,3] with BT.2020 colours to SDR uint8 [H,W,3]."""
    light = _light_table(transfer)[pixels >> 4]
    if transfer == HLG:
        # The screen's system gamma of 1.2 (ITU-R BT.2100) acts on brightness.
        grey = light @ np.array([0.2627, 0.6780, 0.0593], np.float32)
        light *= (PEAK_NITS / WHITE_NITS) * np.maximum(grey, 1e-6)[..., None] ** 0.2
    light = np.maximum(light @ BT2020_TO_BT709.T, 0)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    light *= _compress(brightest) / brightest
    return (np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


def _compress(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear up to the knee, then bent (Reinhard) so that the peak becomes 1."""
    peak = (PEAK_NITS / WHITE_NITS - KNEE) / (1 - KNEE)
    above = np.clip((light - KNEE) / (1 - KNEE), 0, peak)
    return np.where(
        light <= KNEE, light, KNEE + (1 - KNEE) * above * (1 + above / peak**2) / (1 + above)
    )


@cache
def _light_table(transfer: int) -> NDArray[np.float32]:
    """Linear light of the 4096 code values: for PQ in units of white, for HLG of the scene."""
    code = np.linspace(0, 1, 4096)
    if transfer == PQ:
        m1, m2 = 2610 / 16384, 2523 / 4096 * 128
        c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
        root = code ** (1 / m2)
        light = (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1) * 10000 / WHITE_NITS
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return light.astype(np.float32)
