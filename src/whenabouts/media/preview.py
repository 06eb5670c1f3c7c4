"""Pictures to look at: a small JPEG of a frame, and the contact sheet of a moment."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.media.fonts import font_for
from whenabouts.types import Curve, Frames, Moment, Span, clock

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

JPEG_QUALITY = 82

SHEET_PX, MARGIN_PX, GAP_PX = 1280, 32, 12
"""Width of a contact sheet, its margin, space between frames."""

COLUMNS, NARROW_COLUMNS = 4, 6
"""Frames a row; more when they are upright."""

CURVE_PX, AXIS_PX, HEADER_PX = 120, 34, 84
"""Heights of the score curve, of the times under it, and of the header."""

FINE = 3
"""The curve is drawn so many times larger and scaled down, which makes its edges smooth."""

PAPER, INK, FAINT, PALE = (250, 250, 248), (28, 30, 34), (122, 126, 134), (226, 227, 224)
MARK, GLOW = (219, 94, 40), (252, 226, 208)
"""Colours: background, text, secondary text, lines; the moment and its band."""


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


def sheet_times(moment: Moment, count: int = 12) -> list[float]:
    """Times in seconds of `count` frames that show a moment: most inside, some around it."""
    whole = moment.video.duration_s
    span = moment.span.clamp(moment.video.span)
    around = max(2, count // 6)
    room_s = max(span.length_s / 2, 2.0)
    early = np.linspace(max(0.0, span.start_s - room_s), span.start_s, around, endpoint=False)
    late = np.linspace(span.end_s, min(whole, span.end_s + room_s), around + 1)[1:]
    inside = np.linspace(span.start_s, span.end_s, count - 2 * around, endpoint=False)
    return sorted({round(float(t), 3) for t in (*early, *inside, *late) if 0 <= t <= whole})


def contact_sheet(moment: Moment, frames: Frames, *, query: str = "") -> Image:
    """A picture of a moment: frames with their times, those inside marked, the score curve below.

    `frames` are those at `sheet_times(moment)`; `query` is shown as the heading.
    """
    from PIL import Image, ImageDraw

    height, width = frames.pixels.shape[1:3]
    columns = COLUMNS if width >= height else NARROW_COLUMNS
    tile_w = (SHEET_PX - 2 * MARGIN_PX - (columns - 1) * GAP_PX) // columns
    tile_h = max(1, min(round(tile_w * height / width), round(tile_w * 1.8)))
    rows = -(-len(frames) // columns)
    curve_px = CURVE_PX if moment.curve is not None and len(moment.curve.times_s) > 1 else 28
    top = MARGIN_PX + HEADER_PX
    low = top + rows * (tile_h + GAP_PX)
    size = SHEET_PX, low + GAP_PX + curve_px + AXIS_PX + MARGIN_PX
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    _header(draw, moment, query)
    # The frame shown at the start of the moment began up to one frame before it.
    early_s = 0.99 / moment.video.fps if moment.video.fps > 0 else 0.0
    shown = Span(max(0.0, moment.span.start_s - early_s), moment.span.end_s)
    for number, (time_s, pixels) in enumerate(zip(frames.times_s, frames.pixels, strict=True)):
        left = MARGIN_PX + number % columns * (tile_w + GAP_PX)
        place = (left, top + number // columns * (tile_h + GAP_PX))
        sheet.paste(_tile(pixels, (tile_w, tile_h)), place)
        _label(draw, place, (tile_w, tile_h), float(time_s), shown)
    band = (SHEET_PX - 2 * MARGIN_PX, curve_px)
    sheet.paste(_curve(moment, band), (MARGIN_PX, low + GAP_PX))
    _axis(draw, moment, low + GAP_PX + curve_px, [float(t) for t in frames.times_s])
    return sheet


def _header(draw: ImageDraw, moment: Moment, query: str) -> None:
    title = query or moment.text or moment.video.path.name
    _text(draw, (MARGIN_PX, MARGIN_PX - 4), title, 30, INK, SHEET_PX - 2 * MARGIN_PX)
    facts = f"{moment.video.path.name}   {moment.span}   score {moment.score:.2f}"
    heard = next((e for e in moment.evidence if e.text and e.channel != "visual"), None)
    if heard is not None:
        facts += f"   {heard.channel}: {heard.text}"
    _text(draw, (MARGIN_PX, MARGIN_PX + 40), facts, 18, FAINT, SHEET_PX - 2 * MARGIN_PX)


def _text(
    draw: ImageDraw,
    place: tuple[int, int],
    text: str,
    size_px: int,
    colour: tuple[int, int, int],
    width_px: int,
) -> None:
    """One line, cut with an ellipsis where it would be wider than `width_px`."""
    shown = "".join(c if c.isprintable() else " " for c in text)[:300]
    font, shown = font_for(shown, size_px)
    if draw.textlength(shown, font) > width_px:
        while shown and draw.textlength(shown + "…", font) > width_px:
            shown = shown[:-1]
        shown += "…"
    draw.text(place, shown, colour, font)


def _tile(pixels: NDArray[np.uint8], size: tuple[int, int]) -> Image:
    """A frame in a tile; what does not fit its shape is cut off evenly."""
    from PIL import Image, ImageOps

    return ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)


def _label(
    draw: ImageDraw, place: tuple[int, int], size: tuple[int, int], time_s: float, span: Span
) -> None:
    """The time of a frame in its corner; a frame of the moment also gets a border."""
    inside = span.start_s - 1e-6 <= time_s < max(span.end_s, span.start_s + 1e-3)
    left, top = place
    right, low = left + size[0] - 1, top + size[1] - 1
    if inside:
        draw.rectangle((left - 3, top - 3, right + 3, low + 3), outline=MARK, width=4)
    font, text = font_for(clock(time_s), 16)
    wide = round(draw.textlength(text, font))
    box = (left + 8, low - 32, left + 8 + wide + 16, low - 8)
    draw.rounded_rectangle(box, 6, MARK if inside else (20, 21, 24))
    draw.text((left + 16, low - 20), text, (255, 255, 255), font, anchor="lm")


def _curve(moment: Moment, size: tuple[int, int]) -> Image:
    """The score over the whole video as an area, with the moment as a band behind it."""
    from PIL import Image, ImageDraw

    width, height = size[0] * FINE, size[1] * FINE
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    whole = max(moment.video.duration_s, 1e-6)
    start, end = (
        min(1.0, t / whole) * (width - 1) for t in (moment.span.start_s, moment.span.end_s)
    )
    end = max(end, start + 2 * FINE)
    draw.rectangle((start, 0, end, height), fill=GLOW)
    if moment.curve is not None and len(moment.curve.times_s) > 1:
        points = _points(moment.curve, whole, width, height)
        area = Image.new("L", (width, height), 0)
        ImageDraw.Draw(area).polygon([(points[0][0], height), *points, (points[-1][0], height)], 70)
        image.paste(INK, (0, 0), area)
        band = (round(start), 0, round(end), height)
        image.paste(MARK, band, area.crop(band).point(lambda level: 2 * level))
        draw.line(points, INK, 2 * FINE, joint="curve")
    draw.line((0, height - 1, width, height - 1), PALE, 2 * FINE)
    for edge in (start, end):
        draw.line((edge, 0, edge, height), MARK, FINE)
    return image.resize(size, Image.Resampling.LANCZOS)


def _points(curve: Curve, whole_s: float, width: int, height: int) -> list[tuple[float, float]]:
    """The curve in pixels, from its least to its greatest score."""
    scores = np.nan_to_num(np.array(curve.scores, np.float64))
    low, high = float(scores.min()), float(scores.max())
    level = (scores - low) / (high - low) if high > low else np.full(len(scores), 0.5)
    # Several scores a pixel would draw as a smear: the highest of them stands.
    columns = np.clip(np.array(curve.times_s) / whole_s, 0, 1) * (width - 1)
    best: dict[int, float] = {}
    for column, value in zip((columns / FINE).astype(int), level, strict=True):
        best[int(column)] = max(best.get(int(column), 0.0), float(value))
    top = height * 0.06
    return [(x * FINE, height - 2 - v * (height - 2 - top)) for x, v in sorted(best.items())]


def _axis(draw: ImageDraw, moment: Moment, top: int, times_s: list[float]) -> None:
    """Times under the curve, and small ticks where the frames are from."""
    whole = max(moment.video.duration_s, 1e-6)
    width = SHEET_PX - 2 * MARGIN_PX
    for time_s in times_s:
        x = MARGIN_PX + round(min(1.0, time_s / whole) * width)
        draw.line((x, top + 1, x, top + 6), FAINT, 1)
    for part in range(5):
        font, text = font_for(clock(whole * part / 4), 15)
        anchor = {0: "lt", 4: "rt"}.get(part, "mt")
        draw.text((MARGIN_PX + width * part // 4, top + 12), text, FAINT, font, anchor=anchor)
