"""What is in view in a frame, named among things that are not: a star among hearts and moons.

Half of the wrong names share the shape or the colour with the right one, so that both must be seen
of the same thing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from whenabouts.shapeworld import grammar_en as en
from whenabouts.shapeworld import grammar_zh as zh
from whenabouts.shapeworld import words_en, words_zh
from whenabouts.shapeworld.axes import COLOURS, GROUNDS, SHAPES, Colour, Ground, Lang, Shape
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import Mention, frame_truth, scene_at

_FAINT = 0.5
"""Opacity below which a thing is not asked for."""
_BACKDROPS = 0.25
"""Share of the names that are the backdrop's."""
_SHAPES = 0.3
"""Share of the others that say the shape alone."""

_Kind = TypeVar("_Kind", Shape, Ground)


def names(script: Script, time_s: float, lang: Lang, dice: Dice, wrong: int) -> tuple[str, ...]:
    """The name of something in view at this time, and behind it `wrong` names of what is not."""
    counts: dict[tuple[Shape, Colour], int] = {
        (sight.shape, sight.colour): sight.count
        for sight in frame_truth(script, time_s)
        if sight.opacity >= _FAINT
    }
    if not counts or dice.chance(_BACKDROPS):
        backdrop = scene_at(script, time_s).backdrop
        there: tuple[Ground, Colour] = (backdrop.ground, backdrop.colour)
        places: list[tuple[Ground, Colour]] = [
            (ground, colour) for ground in GROUNDS for colour in COLOURS
        ]
        return tuple(
            _place(name, lang, dice) for name in _among(there, places, {there}, dice, wrong)
        )
    who: tuple[Shape, Colour] = dice.pick(sorted(counts))
    if dice.chance(_SHAPES):
        true = {shape for shape, _ in counts}
        false: list[Shape] = [shape for shape in dice.shuffled(SHAPES) if shape not in true]
        shapes: list[Shape] = [who[0], *(false[place % len(false)] for place in range(wrong))]
        return tuple(_thing((shape, None), counts[who], lang, dice) for shape in shapes)
    looks: list[tuple[Shape, Colour]] = [(shape, colour) for shape in SHAPES for colour in COLOURS]
    return tuple(
        _thing(name, counts[who], lang, dice) for name in _among(who, looks, counts, dice, wrong)
    )


def _among(
    right: tuple[_Kind, Colour],
    everything: Sequence[tuple[_Kind, Colour]],
    true: Collection[tuple[_Kind, Colour]],
    dice: Dice,
    wrong: int,
) -> list[tuple[_Kind, Colour]]:
    """The right name first, then wrong ones, half of them alike in one of two."""
    false = [name for name in dice.shuffled(everything) if name not in true]
    near = [name for name in false if name[0] == right[0] or name[1] == right[1]]
    chosen = near[: wrong // 2]
    far = [name for name in false if name not in chosen]
    return [right, *chosen, *far[: wrong - len(chosen)]]


def _thing(look: tuple[Shape, Colour | None], count: int, lang: Lang, dice: Dice) -> str:
    mention = Mention(*look, None, count)
    return zh.noun(mention, dice) if lang == "zh" else en.noun(mention, dice)[0]


def _place(place: tuple[Ground, Colour], lang: Lang, dice: Dice) -> str:
    ground, colour = place
    words = words_zh if lang == "zh" else words_en
    return dice.pick(words.GROUNDS[ground]).format(c=dice.pick(words.COLOURS[colour]))
