"""Scripts drawn from a seed: who does what, where and when.

An actor is in view exactly during its event. No two events of a video share colour and shape, with
one exception: an actor may come back in a later scene, and then the truth lists both times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from whenabouts.shapeworld.axes import (
    CHANGES,
    COLOURS,
    GROUNDS,
    MOTIONS,
    RELATIONS,
    SPLITS,
    Action,
    Camera,
    Colour,
    Cut,
    Light,
    Split,
    shade,
)
from whenabouts.shapeworld.casting import Cast
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.overlay import draw_words
from whenabouts.shapeworld.placing import Band, bands, place
from whenabouts.shapeworld.script import Backdrop, Event, Scene, Script
from whenabouts.shapeworld.style import draw_style
from whenabouts.types import Span

SIZES_PX = ((320, 240), (256, 256), (384, 216), (240, 320), (320, 180), (288, 216))
RATES = (10.0, 12.0, 15.0, 24.0, 25.0, 30.0)
SHORTEST_S = 2.0
"""No event is shorter."""
CUT_S = 0.5
"""Length of a cross-fade, and of each half of a fade to black; no actor is in view then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What kind of videos to draw."""

    duration_s: tuple[float, float] = (10.0, 30.0)
    scenes: tuple[int, int] = (2, 4)
    text_share: float = 0.15
    """Share of the scenes with a drawn word; as many have a spoken line."""
    sizes_px: tuple[tuple[int, int], ...] = SIZES_PX
    rates: tuple[float, ...] = RATES


@dataclass(slots=True)
class _Time:
    """One event's place in a scene: when, and in which part of the picture."""

    span: Span
    band: Band
    alone: bool


def draw_script(seed: int, split: Split = "train", plan: Plan | None = None) -> Script:
    """The video of this seed; splits never share a video, whatever the seeds.

    >>> draw_script(3).duration_s == draw_script(3).duration_s
    True
    """
    plan = plan or Plan()
    dice = Dice(20, SPLITS.index(split), seed)
    style = draw_style(dice.fork(1), split)
    width, height = dice.pick(plan.sizes_px)
    fps = dice.pick(plan.rates)
    wanted_s = dice.between(*plan.duration_s)
    count = max(1, min(dice.whole(*plan.scenes), int(wanted_s / 4)))
    frames = max(1, round(wanted_s * fps))
    duration_s = frames / fps
    cast = Cast(dice.fork(2), split)
    edges = _edges(dice, duration_s, count)
    scenes: list[Scene] = []
    for index, span in enumerate(edges):
        scenes.append(_scene(dice, cast, span, first=index == 0, lonely=count == 1))
    scenes = [draw_words(dice.fork(3), scene, plan.text_share) for scene in scenes]
    return Script(seed, split, duration_s, fps, width, height, style, tuple(scenes))


def _edges(dice: Dice, duration_s: float, count: int) -> list[Span]:
    """The scenes' spans: each at least 3.6 s long, in milliseconds."""
    shares = [dice.between(1.0, 2.5) for _ in range(count)]
    free_s = max(0.0, duration_s - 3.6 * count)
    spans: list[Span] = []
    start_s = 0.0
    for index, share in enumerate(shares):
        end_s = start_s + min(3.6, duration_s / count) + free_s * share / sum(shares)
        end_s = duration_s if index == count - 1 else round(end_s, 3)
        spans.append(Span(start_s, end_s))
        start_s = end_s
    return spans


def _scene(dice: Dice, cast: Cast, span: Span, *, first: bool, lonely: bool) -> Scene:
    cut: Cut = "cut" if first else dice.pick(("cut", "cut", "cross-fade", "fade to black"))
    camera: Camera = dice.weighed([("still", 0.6), ("pans", 0.2), ("zooms", 0.2)])
    drift = (dice.between(0.05, 0.12), 0.0)
    if camera == "pans":
        drift = (dice.between(-0.1, 0.1), dice.between(-0.06, 0.06))
    backdrop = _backdrop(dice)
    usable = Span(
        min(span.end_s, span.start_s + (0.0 if first else CUT_S)),
        max(span.start_s, span.end_s - CUT_S),
    )
    events: list[Event] = []
    cast.new_scene(backdrop)
    for time in _times(dice, usable, 2 if lonely else 1):
        events.append(_event(dice, cast, time))
    if dice.chance(0.25):
        corner = _distractor(dice, cast, usable)
        events.insert(0, corner)
    return Scene(span, backdrop, camera, drift, cut, tuple(events))


def _backdrop(dice: Dice) -> Backdrop:
    light: Light = "night" if dice.chance(0.3) else "day"
    bright: tuple[Colour, ...] = tuple(c for c in COLOURS if c != "black")
    dark: tuple[Colour, ...] = ("red", "green", "blue", "purple", "grey", "black", "cyan")
    colour = dice.pick(dark if light == "night" else bright)
    ground = dice.pick(GROUNDS)
    rgb = shade(colour, dice)
    if light == "night":
        dim = dice.between(0.28, 0.42)
        rgb = (rgb[0] * dim, rgb[1] * dim, rgb[2] * dim)
    # The second shade leads towards black or white, so the colour keeps its name.
    goal = 0.0 if rgb[0] + rgb[1] + rgb[2] > 240 and dice.chance(0.7) else 255.0
    step = dice.between(0.16, 0.3)
    other = tuple(round(c + (goal - c) * step, 3) for c in rgb)
    red, green, blue = (round(c, 3) for c in rgb)
    return Backdrop(
        ground,
        colour,
        light,
        (red, green, blue),
        (other[0], other[1], other[2]),
        grain=round(dice.between(0.05, 0.16), 3),
        slant=round(dice.share(), 3),
        seed=dice.below(2**31),
    )


def _times(dice: Dice, usable: Span, least: int) -> list[_Time]:
    """When the events of a scene happen: one after the other, or partly at the same time."""
    length_s = usable.length_s
    most = max(1, min(3, int(length_s / (SHORTEST_S + 0.2))))
    count = max(min(least, most), dice.whole(1, most))
    if count > 1 and length_s < 5 * count and dice.chance(0.45):
        return _together(dice, usable, count)
    slots = length_s / count
    found: list[_Time] = []
    for index in range(count):
        slot = Span(usable.start_s + index * slots, usable.start_s + (index + 1) * slots)
        found.append(_Time(_inside(dice, slot), bands(1, rows=True)[0], alone=True))
    return found


def _together(dice: Dice, usable: Span, count: int) -> list[_Time]:
    rows = dice.chance(0.5)
    strips = dice.shuffled(bands(count, rows=rows))
    found = [_Time(_inside(dice, usable), strip, alone=False) for strip in strips]
    return sorted(found, key=lambda time: time.span.start_s)


def _inside(dice: Dice, slot: Span) -> Span:
    """A span of at least `SHORTEST_S` in the slot, in hundredths of a second."""
    spare_s = max(0.0, slot.length_s - SHORTEST_S)
    length_s = SHORTEST_S + spare_s * dice.between(0.35, 1.0)
    start_s = slot.start_s + max(0.0, slot.length_s - length_s) * dice.share()
    end_s = min(slot.end_s, start_s + length_s)
    # Rounded inwards at the end, so that the span stays in its slot.
    return Span(round(start_s, 2), int(end_s * 100) / 100)


def _event(dice: Dice, cast: Cast, time: _Time) -> Event:
    action = _action(dice, time)
    if action in RELATIONS:
        return _relation(dice, cast, time, action)
    actor = cast.actor(action, time.band)
    path, actor = place(dice, actor, action, time.band)
    event = Event(actor, action, time.span, path)
    if action in ("changes colour", "changes shape"):
        change_s = time.span.start_s + time.span.length_s * dice.between(0.4, 0.6)
        return replace(event, becomes=cast.changed(actor, action), change_s=round(change_s, 2))
    return event


def _action(dice: Dice, time: _Time) -> Action:
    """An action that has room in this part of the picture."""
    kind = dice.weighed([(MOTIONS, 0.62), (CHANGES, 0.13), (RELATIONS, 0.25)])
    if time.alone:
        return dice.pick(kind)
    across = time.band.right - time.band.left, time.band.bottom - time.band.top
    upright: tuple[Action, ...] = ("moves up", "moves down", "bounces", "above", "below")
    flat: tuple[Action, ...] = (
        "moves left", "moves right", "left of", "right of", "chases", "collides with",
    )  # fmt: skip
    barred = upright if across[1] < across[0] else flat
    crowded = ("inside", "passes in front of", "grows", "shrinks", "circles around")
    return dice.pick([a for a in kind if a not in barred and a not in crowded])


def _relation(dice: Dice, cast: Cast, time: _Time, action: Action) -> Event:
    actor, partner = cast.pair(action, time.band)
    path, actor = place(dice, actor, action, time.band, partner)
    return Event(actor, action, time.span, path, partner)


def _distractor(dice: Dice, cast: Cast, usable: Span) -> Event:
    """Something small that stands in a corner for the whole scene."""
    x, y = dice.pick(((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)))
    corner = Band(x - 0.1, y - 0.1, x + 0.1, y + 0.1)
    actor = cast.actor("stands still", corner)
    path, actor = place(dice, actor, "stands still", corner)
    end_s = int(usable.end_s * 100) / 100
    return Event(actor, "stands still", Span(round(usable.start_s, 2), end_s), path, main=False)
