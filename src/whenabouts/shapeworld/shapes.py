"""Signed distances of the ten shapes: negative inside, in units of the shape's radius.

`u` runs to the right and `v` down, [h,w] float32 in units of the radius, after rotation. Only
+ - * / sqrt min max abs are used, which IEEE 754 makes equal on every machine. Distances are exact
near the outline, which is all that anti-aliasing and edges need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.axes import Shape

Field = NDArray[np.floating[Any]]
_C36, _S36 = np.float32(0.809016994), np.float32(0.587785252)
_HALF_ROOT3 = np.float32(0.866025404)
_HALF_ROOT2 = np.float32(0.707106781)


def distance(shape: Shape, u: Field, v: Field, form: float) -> Field:
    """Distance to the outline, [h,w]; `form` in [0, 1] varies the shape within its name."""
    return _SHAPES[shape](u, v, np.float32(form))


def _circle(u: Field, v: Field, _form: np.float32) -> Field:
    return np.sqrt(u * u + v * v) - np.float32(0.95)


def _square(u: Field, v: Field, form: np.float32) -> Field:
    side = np.float32(0.78) + np.float32(0.06) * form
    return np.maximum(np.abs(u), np.abs(v)) - side


def _triangle(u: Field, v: Field, form: np.float32) -> Field:
    # Tip at (0, -0.95), base at v = 0.75 from -w to w.
    wide = np.float32(0.82) + np.float32(0.18) * form
    slant = np.sqrt(wide * wide + np.float32(2.89))
    sides = np.abs(u) * (np.float32(1.7) / slant) - (v + np.float32(0.95)) * (wide / slant)
    return np.maximum(sides, v - np.float32(0.75))


def _star(u: Field, v: Field, form: np.float32) -> Field:
    # Mirrored into one tenth of the star: from its upper tip to the next inner corner.
    x, y = np.abs(u), -v
    for _ in range(2):
        beyond = np.maximum(x * _C36 - y * _S36, np.float32(0)) * np.float32(2)
        x = np.abs(x - beyond * _C36)
        y = y + beyond * _S36
    inner = np.float32(0.4) + np.float32(0.14) * form
    corner_x, corner_y = inner * _S36, inner * _C36
    tip = np.float32(1.05)
    run, rise = corner_x, tip - corner_y
    length = np.sqrt(run * run + rise * rise)
    return (x * rise + (y - tip) * run) * (np.float32(1) / length)


def _hexagon(u: Field, v: Field, _form: np.float32) -> Field:
    x, y = np.abs(u), np.abs(v)
    return np.maximum(x * _HALF_ROOT3 + y * np.float32(0.5), y) - np.float32(0.85)


def _heart(u: Field, v: Field, form: np.float32) -> Field:
    # A square on its corner and a disc on each of its upper edges.
    x = np.abs(u)
    y = v * (np.float32(0.92) + np.float32(0.2) * form) - np.float32(0.09)
    side = np.float32(0.85)
    point = (x + np.abs(y) - side) * _HALF_ROOT2
    right, down = x - side / 2, y + side / 2
    return np.minimum(point, np.sqrt(right * right + down * down) - side * _HALF_ROOT2)


def _cross(u: Field, v: Field, form: np.float32) -> Field:
    x, y = np.abs(u), np.abs(v)
    thin, long = np.float32(0.24) + np.float32(0.1) * form, np.float32(0.94)
    return np.minimum(np.maximum(x - long, y - thin), np.maximum(x - thin, y - long))


def _ring(u: Field, v: Field, form: np.float32) -> Field:
    half = np.float32(0.12) + np.float32(0.07) * form
    return np.abs(np.sqrt(u * u + v * v) - (np.float32(0.95) - half)) - half


def _diamond(u: Field, v: Field, form: np.float32) -> Field:
    wide = np.float32(0.58) + np.float32(0.3) * form
    slant = np.sqrt(wide * wide + np.float32(1))
    return (np.abs(u) + np.abs(v) * wide - wide) * (np.float32(1) / slant)


def _crescent(u: Field, v: Field, form: np.float32) -> Field:
    away = np.float32(0.36) + np.float32(0.16) * np.abs(form - np.float32(0.5)) * 2
    x = u if form < np.float32(0.5) else -u
    x = x - np.float32(0.22)  # the whole disc is off centre, so that the crescent is not
    outer = np.sqrt(x * x + v * v) - np.float32(0.95)
    other = x - away
    return np.maximum(outer, np.float32(0.78) - np.sqrt(other * other + v * v))


_SHAPES: dict[Shape, Callable[[Field, Field, np.float32], Field]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "hexagon": _hexagon,
    "heart": _heart,
    "cross": _cross,
    "ring": _ring,
    "diamond": _diamond,
    "crescent": _crescent,
}
