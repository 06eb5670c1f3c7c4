"""One thing painted onto a picture, in one of the many ways of `style`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.axes import Rgb, Shape
from whenabouts.shapeworld.motion import Pose, wave
from whenabouts.shapeworld.shapes import Field, distance
from whenabouts.shapeworld.style import Style

Picture = NDArray[np.floating[Any]]
_THIN: tuple[Shape, ...] = ("ring", "cross", "crescent", "star")
"""Shapes with parts hardly wider than a line."""
_HALF, _ONE = np.float32(0.5), np.float32(1)


@dataclass(frozen=True, slots=True)
class Spot:
    """A pose on a picture: centre and radius in pixels."""

    x: float
    y: float
    radius: float


def spot(pose: Pose, camera: tuple[float, float, float], width: int, height: int) -> Spot:
    """Where the camera (zoom, shift right, shift down) puts a pose on a picture of this size."""
    zoom, right, down = camera
    short = min(width, height)
    x = width * (0.5 + zoom * (pose.x - 0.5) + right) + short * zoom * pose.dx
    y = height * (0.5 + zoom * (pose.y - 0.5) + down) + short * zoom * pose.dy
    return Spot(x, y, max(0.5, pose.diameter * short * zoom / 2))


def paint(picture: Picture, pose: Pose, where: Spot, style: Style) -> None:
    """Draw the pose onto `picture` float32 [h,w,3], in place."""
    if style.shadow and pose.opacity == 1.0:
        offset = where.radius * 0.22
        _shadow(picture, pose, Spot(where.x + offset, where.y + offset, where.radius), style)
    window = _window(picture, pose, where, style)
    if window is None:
        return
    patch, u, v = window
    far = distance(pose.shape, u, v, pose.form) * np.float32(where.radius)
    line_px = np.float32(max(1.3, style.line * 2 * where.radius))
    if pose.shape in _THIN and style.edge in ("dark", "light", "double"):
        # Outside the shape, where it cannot hide the colour.
        far = far - line_px
    mask = np.minimum(np.maximum(_HALF - far, 0), 1)
    if style.edge == "hollow":
        # A tinted inside keeps a hollow circle from being a ring.
        line_px = np.maximum(line_px, np.float32(2.2))
        inside = np.minimum(np.maximum(_HALF - far - line_px, 0), 1)
        mask = mask - inside * np.float32(0.62)
    elif style.edge == "glow":
        halo = np.minimum(np.maximum(_ONE - far / (line_px * 2), 0), 1)
        mask = np.maximum(mask, halo * halo * np.float32(0.55))
    colour = _colour(pose.rgb, far, line_px, u, v, style)
    if pose.opacity < 1.0:
        mask = mask * np.float32(pose.opacity)
    patch += mask[:, :, None] * (colour - patch)


def _window(
    picture: Picture, pose: Pose, where: Spot, style: Style
) -> tuple[Picture, Field, Field] | None:
    """The part of the picture that the pose can touch, and its coordinates in radii."""
    height, width = picture.shape[:2]
    wide = math.sqrt(style.stretch)
    reach = where.radius * 1.12 * max(wide, 1 / wide)
    reach += 2.0 if style.edge != "glow" else 2.0 + 4 * style.line * where.radius
    left, right = max(0, math.floor(where.x - reach)), min(width, math.ceil(where.x + reach))
    top, bottom = max(0, math.floor(where.y - reach)), min(height, math.ceil(where.y + reach))
    if left >= right or top >= bottom:
        return None
    x = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - where.x)
    y = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - where.y)
    x *= np.float32(1 / (where.radius * wide))
    y *= np.float32(wide / where.radius)
    cosine, sine = wave(pose.turn)
    c, s = np.float32(cosine), np.float32(sine)
    u = (x * c)[None, :] + (y * s)[:, None]
    v = (y * c)[:, None] - (x * s)[None, :]
    return picture[top:bottom, left:right], u, v


def _shadow(picture: Picture, pose: Pose, where: Spot, style: Style) -> None:
    window = _window(picture, pose, where, style)
    if window is None:
        return
    patch, u, v = window
    far = distance(pose.shape, u, v, pose.form) * np.float32(where.radius / 2)
    mask = np.minimum(np.maximum(_HALF - far, 0), 1) * np.float32(style.shadow)
    patch *= (_ONE - mask)[:, :, None]


def _colour(rgb: Rgb, far: Field, line_px: np.float32, u: Field, v: Field, style: Style) -> Picture:
    """The pose's colour at each pixel, [h,w,3] (or [3] where it is the same everywhere)."""
    plain = np.array(rgb, dtype=np.float32)
    colour = plain
    bright = (rgb[0] * 3 + rgb[1] * 6 + rgb[2]) / 10
    pattern = _pattern(u, v, style)
    if pattern is not None:
        strength = np.float32(style.fill_strength)
        # Light shapes get a darker pattern, dark shapes a lighter one, so both can be seen.
        goal = plain * np.float32(0.5) if bright > 60 else plain + np.float32(70)
        colour = plain + (pattern * strength)[:, :, None] * (goal - plain)
    if style.edge in ("dark", "light", "double"):
        ink = np.float32(18) if style.edge == "dark" else np.float32(246)
        if (bright < 70) == (style.edge == "dark"):
            ink = np.float32(246) - ink
        inner = np.minimum(np.maximum(far + line_px + _HALF, 0), 1)
        if style.edge == "double":
            outer = np.minimum(np.maximum(far + line_px * np.float32(0.5) + _HALF, 0), 1)
            inner = inner - outer
        colour = colour + inner[:, :, None] * (ink - colour)
    return colour


def _pattern(u: Field, v: Field, style: Style) -> Field | None:
    """Strength of the fill's second shade at each pixel, in [0, 1]; None for a flat fill."""
    grain = np.float32(1 / (2 * style.fill_grain))
    if style.fill == "flat":
        return None
    if style.fill == "gradient":
        return np.minimum(np.maximum(v * _HALF + _HALF, 0), 1) * np.float32(1.3)
    if style.fill == "gloss":
        right, down = u + np.float32(0.3), v + np.float32(0.35)
        return np.minimum(right * right + down * down, np.float32(1.3))
    if style.fill == "stripes":
        return _saw((u + v * np.float32(0.6)) * grain)
    if style.fill == "bands":
        return _saw(np.sqrt(u * u + v * v) * grain)
    if style.fill == "dots":
        return np.minimum(_saw(u * grain), _saw(v * grain)) * np.float32(1.6)
    if style.fill == "checks":
        return np.abs(np.round(_saw(u * grain)) - np.round(_saw(v * grain)))
    # Speckle: a hash of the cell, made of nothing but exact multiplications and floors.
    cell = np.floor(u * np.float32(9)) * np.float32(12.34375) + np.floor(
        v * np.float32(9)
    ) * np.float32(7.15625)
    mixed = cell * cell * np.float32(0.09375)
    return mixed - np.floor(mixed)


def _saw(x: Field) -> Field:
    """A triangle wave of period 1 between 0 and 1."""
    return np.abs((x - np.floor(x)) * 2 - 1)
