"""What the world is made of: the axes, and which combinations training never shows.

Held out, by a fixed rule on the positions in the tables below:
- colour-shape pairs with `(shape - 3 * colour) % 7 == 0`: 17 of 120;
- of the other pairs, the triples with `(shape + 2 * colour + 3 * motion) % 11 == 0`.
Splits `train` and `val` never draw them; `test` draws them for 30 to 45 % of its actors.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from whenabouts.shapeworld.dice import Dice

Shape = Literal[
    "circle", "square", "triangle", "star", "hexagon",
    "heart", "cross", "ring", "diamond", "crescent",
]  # fmt: skip
Colour = Literal[
    "red", "orange", "yellow", "green", "cyan", "blue",
    "purple", "pink", "brown", "white", "grey", "black",
]  # fmt: skip
Size = Literal["small", "large"]
Action = Literal[
    "moves left", "moves right", "moves up", "moves down", "bounces", "spins", "grows",
    "shrinks", "blinks", "shakes", "circles around", "stands still",
    "appears", "disappears", "changes colour", "changes shape",
    "left of", "right of", "above", "below", "inside", "chases", "collides with",
    "passes in front of",
]  # fmt: skip
"""Twelve motions, four changes, eight relations to a partner."""
Ground = Literal["plain", "gradient", "stripes", "checks", "noise"]
Light = Literal["day", "night"]
Camera = Literal["still", "pans", "zooms"]
Cut = Literal["cut", "cross-fade", "fade to black"]
Split = Literal["train", "val", "test"]
Lang = Literal["en", "zh"]

SHAPES: tuple[Shape, ...] = get_args(Shape)
COLOURS: tuple[Colour, ...] = get_args(Colour)
ACTIONS: tuple[Action, ...] = get_args(Action)
MOTIONS: tuple[Action, ...] = ACTIONS[:12]
CHANGES: tuple[Action, ...] = ACTIONS[12:16]
RELATIONS: tuple[Action, ...] = ACTIONS[16:]
GROUNDS: tuple[Ground, ...] = get_args(Ground)
SPLITS: tuple[Split, ...] = get_args(Split)
RESIZING: tuple[Action, ...] = ("grows", "shrinks")
"""Actions under which small and large say nothing."""
ROUND: tuple[Shape, ...] = ("circle", "ring")
"""Shapes whose spinning cannot be seen."""

HSV: dict[Colour, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "red": ((-5, 4), (0.85, 1.0), (0.78, 1.0)),
    "orange": ((25, 37), (0.88, 1.0), (0.93, 1.0)),
    "yellow": ((51, 60), (0.78, 1.0), (0.93, 1.0)),
    "green": ((104, 138), (0.62, 1.0), (0.45, 0.88)),
    "cyan": ((173, 187), (0.62, 1.0), (0.85, 1.0)),
    "blue": ((216, 240), (0.78, 1.0), (0.68, 1.0)),
    "purple": ((270, 296), (0.62, 0.95), (0.48, 0.72)),
    "pink": ((326, 350), (0.25, 0.52), (0.96, 1.0)),
    "brown": ((16, 29), (0.62, 0.86), (0.36, 0.54)),
    "white": ((0, 360), (0.0, 0.03), (0.95, 1.0)),
    "grey": ((0, 360), (0.0, 0.05), (0.44, 0.6)),
    "black": ((0, 360), (0.0, 0.1), (0.03, 0.1)),
}
"""Hue in degrees, saturation and value in [0, 1]: wide, yet no two names can be confused."""

Rgb = tuple[float, float, float]
"""Red, green, blue in [0, 255]."""


def held_out_pair(shape: Shape, colour: Colour) -> bool:
    """Whether training never shows this shape in this colour."""
    return (SHAPES.index(shape) - 3 * COLOURS.index(colour)) % 7 == 0


def held_out(shape: Shape, colour: Colour, action: Action) -> bool:
    """Whether training never shows this shape in this colour doing this."""
    if held_out_pair(shape, colour):
        return True
    if action not in MOTIONS:
        return False
    place = SHAPES.index(shape) + 2 * COLOURS.index(colour) + 3 * MOTIONS.index(action)
    return place % 11 == 0


def shade(colour: Colour, dice: Dice) -> Rgb:
    """One of the many shades that bear this name."""
    hue, saturation, value = (dice.between(*limits) for limits in HSV[colour])
    return _rgb(hue, saturation, value)


def _rgb(hue: float, saturation: float, value: float) -> Rgb:
    """HSV to RGB in [0, 255], piecewise linear, rounded so that machines agree."""

    def channel(offset: float) -> float:
        k = (offset + hue / 60.0) % 6.0
        return round(255 * value * (1 - saturation * max(0.0, min(k, 4 - k, 1.0))), 3)

    return channel(5), channel(3), channel(1)


def apart(one: Rgb, other: Rgb) -> float:
    """How well two colours can be told apart: weighted distance, about 0 to 765."""
    mean = (one[0] + other[0]) / 2
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    squares = (2 + mean / 256) * red * red + 4 * green * green + (3 - mean / 256) * blue * blue
    return math.sqrt(squares)
