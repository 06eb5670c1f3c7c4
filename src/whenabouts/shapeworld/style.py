"""How a video is drawn. Wide ranges, so that models learn the concept and not the renderer.

Some ways of drawing are never shown in training; every test video has at least one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whenabouts.shapeworld.axes import Split
from whenabouts.shapeworld.dice import Dice

Fill = Literal["flat", "gradient", "stripes", "speckle", "gloss", "dots", "checks", "bands"]
Edge = Literal["none", "dark", "light", "hollow", "double", "glow"]
Finish = Literal["none", "vignette", "tint", "scanlines", "washed"]

TRAIN_FILLS: tuple[Fill, ...] = ("flat", "flat", "gradient", "stripes", "speckle", "gloss")
TEST_FILLS: tuple[Fill, ...] = ("dots", "checks", "bands")
TRAIN_EDGES: tuple[Edge, ...] = ("none", "none", "dark", "light", "hollow")
TEST_EDGES: tuple[Edge, ...] = ("double", "glow")
TRAIN_FINISHES: tuple[Finish, ...] = ("none", "none", "none", "vignette", "tint")
TEST_FINISHES: tuple[Finish, ...] = ("scanlines", "washed")


@dataclass(frozen=True, slots=True)
class Style:
    """One way of drawing, kept for a whole video."""

    fill: Fill
    edge: Edge
    finish: Finish
    fill_strength: float
    """How much the fill's pattern changes the brightness, 0 to 0.35."""
    fill_grain: float
    """Period of the fill's pattern as a share of the shape's diameter."""
    line: float
    """Width of edges as a share of the shape's diameter."""
    shadow: float
    """Darkness of a drop shadow, 0 for none."""
    stretch: float
    """Width of shapes over their height."""
    blur: int
    """Passes of a 3 x 3 blur."""
    noise: float
    """Amplitude of camera noise in grey levels of 255."""
    compression: int
    """Step of block quantisation in grey levels, 0 for none."""
    gain: float
    """Brightness factor."""
    tint: tuple[float, float, float]
    """Factors of red, green and blue under the finish `tint`."""


def draw_style(dice: Dice, split: Split) -> Style:
    """A random way of drawing; for `test` at least one element that training never shows."""
    fill, edge, finish = (
        dice.pick(TRAIN_FILLS),
        dice.pick(TRAIN_EDGES),
        dice.pick(TRAIN_FINISHES),
    )
    if split == "test":
        unseen = dice.whole(1, 7)
        fill = dice.pick(TEST_FILLS) if unseen & 1 else fill
        edge = dice.pick(TEST_EDGES) if unseen & 2 else edge
        finish = dice.pick(TEST_FINISHES) if unseen & 4 else finish
    return Style(
        fill=fill,
        edge=edge,
        finish=finish,
        fill_strength=dice.between(0.12, 0.3),
        fill_grain=dice.between(0.16, 0.4),
        line=dice.between(0.05, 0.11),
        shadow=dice.between(0.25, 0.6) if dice.chance(0.25) else 0.0,
        stretch=dice.between(0.78, 1.28) if dice.chance(0.5) else 1.0,
        blur=dice.weighed([(0, 0.65), (1, 0.25), (2, 0.1)]),
        noise=dice.between(2.0, 14.0) if dice.chance(0.4) else 0.0,
        compression=dice.whole(6, 26) if dice.chance(0.25) else 0,
        gain=dice.between(0.9, 1.1),
        tint=(dice.between(0.93, 1.0), dice.between(0.94, 1.0), dice.between(0.91, 1.0)),
    )
