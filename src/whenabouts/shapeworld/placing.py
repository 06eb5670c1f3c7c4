"""Where events take place, so that actors stay in the picture and out of each other's way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from whenabouts.shapeworld.axes import RESIZING, Action
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.script import Actor, Path

MARGIN = 1.14
"""Shapes may be stretched and tilted; this much more room than their diameter is kept."""
PERIODS_S: dict[str, tuple[float, float]] = {
    "bounces": (0.9, 1.6),
    "spins": (1.6, 4.0),
    "blinks": (0.7, 1.3),
    "shakes": (0.8, 1.4),
    "circles around": (2.4, 5.0),
}


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the picture, in shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


def bands(count: int, *, rows: bool) -> list[Band]:
    """The picture cut into equal rows or columns."""
    step = 1.0 / count
    if rows:
        return [Band(0.0, i * step, 1.0, (i + 1) * step) for i in range(count)]
    return [Band(i * step, 0.0, (i + 1) * step, 1.0) for i in range(count)]


def place(
    dice: Dice, actor: Actor, action: Action, band: Band, partner: Actor | None = None
) -> tuple[Path, Actor]:
    """The event's path in this part of the picture, and its actors set in formation."""
    if partner is not None:
        wide, high = _pair_extent(actor, partner, action)
    else:
        actor, wide, high = _formation(dice, actor, action, band)
    left, right = _range(band.left, band.right, wide)
    top, bottom = _range(band.top, band.bottom, high)
    x, y = dice.between(left, right), dice.between(top, bottom)
    ends = (x, y, x, y)
    if action in ("moves left", "moves right", "chases", "passes in front of"):
        start, end = left + dice.share() * 0.05, right - dice.share() * 0.05
        backwards = action == "moves left" or (action not in ("moves right",) and dice.chance(0.5))
        ends = (end, y, start, y) if backwards else (start, y, end, y)
    elif action in ("moves up", "moves down"):
        ends = (x, bottom, x, top) if action == "moves up" else (x, top, x, bottom)
    elif action == "bounces":
        height = min(bottom - top, dice.between(0.25, 0.5))
        floor = dice.between(top + height, bottom)
        ends = (x, floor - height, x, floor)
    elif action == "circles around":
        radius = dice.between(0.14, 0.24)
        rx, ry = min(radius, (right - left) / 2), min(radius, (bottom - top) / 2)
        x, y = dice.between(left + rx, right - rx), dice.between(top + ry, bottom - ry)
        ends = (x - rx, y - ry, x + rx, y + ry)
    elif action == "collides with":
        side = 0.001 if dice.chance(0.5) else -0.001
        ends = (x - side, y, x + side, y)
    period_s = round(dice.between(*PERIODS_S.get(action, (1.0, 2.0))), 3)
    x0, y0, x1, y1 = (round(end, 4) for end in ends)
    return Path(x0, y0, x1, y1, period_s, round(dice.share(), 3)), actor


def _range(low: float, high: float, extent: float) -> tuple[float, float]:
    """Where the centre of something of this extent may be; the middle when there is no room."""
    if high - low <= extent:
        return (low + high) / 2, (low + high) / 2
    return low + extent / 2, high - extent / 2


def _formation(dice: Dice, actor: Actor, action: Action, band: Band) -> tuple[Actor, float, float]:
    """The group in a row, a column or a block that leaves room to act."""
    if action in RESIZING:
        actor = replace(actor, diameter=round(dice.between(0.38, 0.45), 4))
    shapes = {1: [(1, 1)], 2: [(2, 1), (1, 2)], 3: [(3, 1), (1, 3), (2, 2)], 4: [(2, 2), (4, 1)]}
    pitch, edge = actor.diameter * 1.2, actor.diameter * MARGIN
    options: list[tuple[float, float, int]] = []
    for columns, rows in shapes[actor.count]:
        wide, high = edge + (columns - 1) * pitch, edge + (rows - 1) * pitch
        if wide <= band.right - band.left + 0.01 and high <= band.bottom - band.top + 0.01:
            options.append((wide, high, columns))
    options = options or [(edge, edge + (actor.count - 1) * pitch, 1)]
    if action in ("moves left", "moves right"):
        wide, high, columns = min(options)
    elif action in ("moves up", "moves down", "bounces"):
        wide, high, columns = min(options, key=lambda option: option[1])
    else:
        wide, high, columns = dice.pick(options)
    rows = -(-actor.count // columns)
    places: list[tuple[float, float]] = []
    for index in range(actor.count):
        row, column = divmod(index, columns)
        in_row = min(columns, actor.count - row * columns)
        dx, dy = (column - (in_row - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch
        places.append((round(dx, 4), round(dy, 4)))
    return replace(actor, places=tuple(places)), wide, high


def _pair_extent(one: Actor, other: Actor, action: Action) -> tuple[float, float]:
    """Width and height that a relation needs around its centre."""
    reach = (one.diameter + other.diameter) / 2
    most = max(one.diameter, other.diameter) * MARGIN
    # The centre lies between the two, so the larger one decides how far out either may reach.
    if action in ("left of", "right of"):
        return reach * 1.2 + most, most
    if action in ("above", "below"):
        return most, reach * 1.2 + most
    if action == "chases":
        return reach * 1.3 + most, most
    if action == "collides with":
        return reach + 0.32 + most, most
    return (one.diameter * MARGIN if action == "passes in front of" else most), most
