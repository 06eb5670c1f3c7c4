"""Where everything is at a given time: events become poses, and the camera looks at them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from whenabouts.shapeworld.axes import Colour, Rgb, Shape, Size
from whenabouts.shapeworld.script import Actor, Event, Path, Scene

FADE_S = 0.5
"""How long an actor takes to appear or disappear."""
Part = Literal["actor", "partner"]


@dataclass(frozen=True, slots=True)
class Pose:
    """One thing at one time. `x`, `y` are shares of the frame, the rest of the shorter side."""

    shape: Shape
    colour: Colour
    size: Size
    part: Part
    rgb: Rgb
    form: float
    x: float
    y: float
    dx: float
    """Offset from x to the right, in shorter sides."""
    dy: float
    diameter: float
    turn: float
    opacity: float


def wave(turns: float) -> tuple[float, float]:
    """Cosine and sine of an angle in turns, rounded so that every machine agrees."""
    angle = 2 * math.pi * (turns - math.floor(turns))
    return round(math.cos(angle), 9), round(math.sin(angle), 9)


def poses(event: Event, time_s: float) -> list[Pose]:
    """What of this event is in view at `time_s`, back to front; empty outside its span."""
    if not event.span.start_s <= time_s < event.span.end_s:
        return []
    if event.partner is None:
        actor = event.becomes if event.becomes and time_s >= event.change_s else event.actor
        return _spread(actor, _alone(event, actor, time_s))
    return _pair(event, event.partner, time_s)


def view(scene: Scene, time_s: float) -> tuple[float, float, float]:
    """The camera: zoom factor, and shift to the right and down in shares of the frame."""
    if scene.camera == "still":
        return 1.0, 0.0, 0.0
    passed = (time_s - scene.span.start_s) / scene.span.length_s
    passed = min(1.0, max(0.0, passed))
    if scene.camera == "zooms":
        return 1.0 + scene.drift[0] * passed, 0.0, 0.0
    return 1.0, scene.drift[0] * (passed - 0.5), scene.drift[1] * (passed - 0.5)


def _spread(actor: Actor, pose: Pose) -> list[Pose]:
    """The pose of the group's centre becomes one pose for each of its things."""
    return [replace(pose, dx=pose.dx + dx, dy=pose.dy + dy) for dx, dy in actor.places]


def _pose(actor: Actor, x: float, y: float, part: Part = "actor") -> Pose:
    return Pose(
        shape=actor.shape,
        colour=actor.colour,
        size=actor.size,
        part=part,
        rgb=actor.rgb,
        form=actor.form,
        x=x,
        y=y,
        dx=0.0,
        dy=0.0,
        diameter=actor.diameter,
        turn=actor.tilt,
        opacity=1.0,
    )


def _alone(event: Event, actor: Actor, time_s: float) -> Pose:
    """The centre of a group that acts without a partner."""
    path = event.path
    pose = _pose(actor, (path.x0 + path.x1) / 2, (path.y0 + path.y1) / 2)
    motion = _MOTIONS.get(event.action)
    if motion is None:
        return pose
    passed_s = time_s - event.span.start_s
    return motion(pose, path, passed_s, event.span.length_s)


def _moves(pose: Pose, path: Path, passed_s: float, length_s: float) -> Pose:
    share = passed_s / length_s
    return replace(
        pose,
        x=path.x0 + (path.x1 - path.x0) * share,
        y=path.y0 + (path.y1 - path.y0) * share,
    )


def _cycle(path: Path, passed_s: float) -> float:
    """How much of the current period has passed, 0 to 1."""
    cycles = passed_s / path.period_s + path.phase
    return cycles - math.floor(cycles)


def _bounces(pose: Pose, path: Path, passed_s: float, _length_s: float) -> Pose:
    cycle = _cycle(path, passed_s)
    return replace(pose, y=path.y1 - (path.y1 - path.y0) * 4 * cycle * (1 - cycle))


def _spins(pose: Pose, path: Path, passed_s: float, _length_s: float) -> Pose:
    return replace(pose, turn=pose.turn + passed_s / path.period_s)


def _grows(pose: Pose, _path: Path, passed_s: float, length_s: float) -> Pose:
    return replace(pose, diameter=pose.diameter * (0.4 + 0.6 * passed_s / length_s))


def _shrinks(pose: Pose, _path: Path, passed_s: float, length_s: float) -> Pose:
    return replace(pose, diameter=pose.diameter * (1.0 - 0.6 * passed_s / length_s))


def _blinks(pose: Pose, path: Path, passed_s: float, _length_s: float) -> Pose:
    return replace(pose, opacity=1.0 if _cycle(path, passed_s) < 0.6 else 0.12)


def _shakes(pose: Pose, path: Path, passed_s: float, _length_s: float) -> Pose:
    swing = abs(4 * _cycle(path, passed_s * 4) - 2) - 1
    return replace(pose, dx=0.035 * swing, turn=pose.turn + 0.02 * swing)


def _circles(pose: Pose, path: Path, passed_s: float, _length_s: float) -> Pose:
    cosine, sine = wave(passed_s / path.period_s + path.phase)
    return replace(
        pose,
        x=pose.x + (path.x1 - path.x0) / 2 * cosine,
        y=pose.y + (path.y1 - path.y0) / 2 * sine,
    )


def _appears(pose: Pose, _path: Path, passed_s: float, _length_s: float) -> Pose:
    return replace(pose, opacity=min(1.0, 0.05 + passed_s / FADE_S))


def _disappears(pose: Pose, _path: Path, passed_s: float, length_s: float) -> Pose:
    return replace(pose, opacity=min(1.0, (length_s - passed_s) / FADE_S))


_MOTIONS: dict[str, Callable[[Pose, Path, float, float], Pose]] = {
    "moves left": _moves,
    "moves right": _moves,
    "moves up": _moves,
    "moves down": _moves,
    "bounces": _bounces,
    "spins": _spins,
    "grows": _grows,
    "shrinks": _shrinks,
    "blinks": _blinks,
    "shakes": _shakes,
    "circles around": _circles,
    "appears": _appears,
    "disappears": _disappears,
}


def _pair(event: Event, other: Actor, time_s: float) -> list[Pose]:
    """Both of a relation, the partner behind the actor."""
    path, one = event.path, event.actor
    share = (time_s - event.span.start_s) / event.span.length_s
    middle = (path.x0 + path.x1) / 2, (path.y0 + path.y1) / 2
    reach = (one.diameter + other.diameter) / 2
    here, there = _pose(one, *middle), _pose(other, *middle, part="partner")
    if event.action in _SIDES:
        right, down = _SIDES[event.action]
        gap = reach * 1.2 / 2
        here = replace(here, dx=right * gap, dy=down * gap)
        there = replace(there, dx=-right * gap, dy=-down * gap)
    elif event.action == "chases":
        x, y = path.x0 + (path.x1 - path.x0) * share, path.y0 + (path.y1 - path.y0) * share
        behind = math.copysign(reach * 1.3 / 2, path.x0 - path.x1)
        here = replace(here, x=x, y=y, dx=behind)
        there = replace(there, x=x, y=y, dx=-behind)
    elif event.action == "collides with":
        apart = reach + abs(1 - 2 * share) * 0.32
        side = math.copysign(apart / 2, path.x0 - path.x1)
        here, there = replace(here, dx=side), replace(there, dx=-side)
    elif event.action == "passes in front of":
        here = replace(here, x=path.x0 + (path.x1 - path.x0) * share)
    return [there, here]


_SIDES = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}
