"""Who plays: shapes, colours and sizes for the events of one video."""

from __future__ import annotations

from dataclasses import dataclass, replace

from whenabouts.shapeworld.axes import (
    COLOURS,
    RESIZING,
    ROUND,
    SHAPES,
    Action,
    Colour,
    Rgb,
    Shape,
    Size,
    Split,
    apart,
    held_out,
    held_out_pair,
    shade,
)
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.placing import Band
from whenabouts.shapeworld.script import Actor, Backdrop

UNSEEN_SHARE = 0.3
"""Share of the test actors whose colour and shape training never shows together."""
COMEBACK_SHARE = 0.06
CLEAR = 150.0
"""Least distance of an actor's colour from what is behind it (see `axes.apart`)."""
DIAMETERS: dict[Size, tuple[float, float]] = {"small": (0.16, 0.2), "large": (0.34, 0.44)}
_UNSEEN: list[tuple[Shape, Colour]] = [
    (s, c) for s in SHAPES for c in COLOURS if held_out_pair(s, c)
]


@dataclass(slots=True)
class _Want:
    """What the next actor must be able to do."""

    action: Action
    behind: tuple[Rgb, ...]
    size: Size
    count: int = 1
    clear: float = CLEAR


class Cast:
    """The actors of one video; no two have the same colour and shape."""

    def __init__(self, dice: Dice, split: Split) -> None:
        self._dice = dice
        self._split = split
        self._used: set[tuple[Shape, Colour]] = set()
        self._earlier: list[tuple[Shape, Colour]] = []
        self._here: list[tuple[Shape, Colour]] = []
        self._backdrop: tuple[Rgb, ...] = ()
        self._ground: Colour = "grey"

    def new_scene(self, backdrop: Backdrop) -> None:
        """From now on actors must be seen before this backdrop."""
        self._earlier, self._here = self._earlier + self._here, []
        self._backdrop = (backdrop.rgb, backdrop.other)
        self._ground = backdrop.colour

    def actor(self, action: Action, band: Band) -> Actor:
        """Someone who acts without a partner."""
        breadth = min(band.right - band.left, band.bottom - band.top)
        size: Size = "large" if breadth > 0.45 and self._dice.chance(0.5) else "small"
        size = "large" if action in RESIZING and breadth > 0.45 else size
        number = self._dice.weighed([(1, 0.64), (2, 0.16), (3, 0.11), (4, 0.09)])
        if size == "large":
            number = min(number, 2 if breadth > 0.9 and action not in RESIZING else 1)
        if breadth < 0.3:
            number = 1
        return self._someone(_Want(action, self._backdrop, size, number))

    def pair(self, action: Action, band: Band) -> tuple[Actor, Actor]:
        """Two who stand in a relation; at most one of them is large."""
        breadth = min(band.right - band.left, band.bottom - band.top)
        sizes: list[Size] = ["small", "small"]
        if action == "inside":
            sizes = ["small", "large"]
        elif breadth > 0.9 and self._dice.chance(0.6):
            sizes[self._dice.below(2)] = "large"
        partner = self._someone(_Want(action, self._backdrop, sizes[1]), partner=True)
        behind = self._backdrop
        if action in ("inside", "passes in front of"):
            behind = (*behind, partner.rgb)
        actor = self._someone(_Want(action, behind, sizes[0]))
        if action == "inside":
            actor = replace(actor, diameter=0.15, tilt=0.0)
            partner = replace(partner, diameter=0.46)
        return actor, partner

    def changed(self, actor: Actor, action: Action) -> Actor:
        """What `actor` turns into: another colour, or another shape of the same colour."""
        want = _Want(action, self._backdrop, actor.size)
        tries = 0
        while True:
            tries += 1
            if tries > 200:
                # An actor that is faint already may find no clear second look: take a faint one.
                want.clear *= 0.99
            if action == "changes colour":
                colour = self._dice.pick(COLOURS)
                look: tuple[Shape, Colour] = (actor.shape, colour)
                rgb = shade(colour, self._dice)
            else:
                look = (self._dice.pick(SHAPES), actor.colour)
                rgb = actor.rgb
            if self._fits(look, rgb, want):
                break
        self._take(look)
        return replace(actor, shape=look[0], colour=look[1], rgb=rgb)

    def _someone(self, want: _Want, *, partner: bool = False) -> Actor:
        dice = self._dice
        comeback = bool(self._earlier) and dice.chance(COMEBACK_SHARE)
        while True:
            # Rather a faint actor in the end than a search without one.
            want.clear *= 0.999
            look = self._look(comeback=comeback)
            rgb = shade(look[1], dice)
            solid = look[0] not in ("crescent", "star", "cross", "ring", "triangle")
            hollow = partner and want.action == "inside" and not solid
            if not hollow and self._fits(look, rgb, want, comeback=comeback):
                break
            comeback = False
        self._take(look)
        # Two large ones only fit into the picture when they are not the largest.
        limits = (0.34, 0.39) if want.size == "large" and want.count > 1 else DIAMETERS[want.size]
        return Actor(
            shape=look[0],
            colour=look[1],
            size=want.size,
            count=want.count,
            rgb=rgb,
            diameter=round(dice.between(*limits), 4),
            form=round(dice.share(), 4),
            tilt=round(dice.between(-0.04, 0.04), 4),
            places=((0.0, 0.0),) * want.count,
        )

    def _look(self, *, comeback: bool) -> tuple[Shape, Colour]:
        if comeback:
            return self._dice.pick(self._earlier)
        if self._split == "test" and self._dice.chance(UNSEEN_SHARE):
            return self._dice.pick(_UNSEEN)
        shape: Shape = self._dice.pick(SHAPES)
        colour: Colour = self._dice.pick(COLOURS)
        return shape, colour

    def _fits(
        self, look: tuple[Shape, Colour], rgb: Rgb, want: _Want, *, comeback: bool = False
    ) -> bool:
        """Whether this look is new, visible, able to act so, and may be shown in this split."""
        shape, colour = look
        taken = look in self._here if comeback else look in self._used
        if taken or colour == self._ground:
            return False
        if want.action == "spins" and shape in ROUND:
            return False
        if self._split != "test" and held_out(shape, colour, want.action):
            return False
        return all(apart(rgb, other) >= want.clear for other in want.behind)

    def _take(self, look: tuple[Shape, Colour]) -> None:
        self._used.add(look)
        self._here.append(look)
