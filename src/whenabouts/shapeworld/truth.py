"""What is true of a script: what a claim matches, what is in view, and where.

A claim is what a sentence says, without words; both languages are made from it, and every truth
(which videos fit, which spans answer a query) is computed from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.axes import (
    RESIZING,
    Action,
    Colour,
    Ground,
    Light,
    Shape,
    Size,
)
from whenabouts.shapeworld.motion import Part, Pose, poses, view
from whenabouts.shapeworld.paint import spot
from whenabouts.shapeworld.script import Actor, Event, Scene, Script
from whenabouts.types import Span

_STILL: tuple[Action, ...] = (
    "stands still", "left of", "right of", "above", "below", "inside", "blinks",
    "changes colour", "changes shape", "appears", "disappears",
)  # fmt: skip
_INVERSE: dict[Action, Action] = {
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
    "collides with": "collides with",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """How somebody is spoken of; None is not said."""

    shape: Shape | None = None
    colour: Colour | None = None
    size: Size | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How the place is spoken of; None is not said."""

    ground: Ground | None = None
    colour: Colour | None = None
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody, what they do, and before what: what one clause says."""

    actor: Mention
    action: Action | None = None
    partner: Mention | None = None
    becomes: Mention | None = None
    setting: Setting = Setting()


@dataclass(frozen=True, slots=True)
class Description:
    """Claims that hold of different events, in this order of time if `ordered`."""

    claims: tuple[Claim, ...]
    ordered: bool = True


def claim_spans(script: Script, claim: Claim) -> tuple[Span, ...]:
    """When the claim holds, in seconds: spans that do not overlap, in order; empty for never."""
    found = sorted(span for _, span in _matches(script, claim))
    merged: list[Span] = []
    for span in found:
        if merged and span.start_s <= merged[-1].end_s:
            merged[-1] = merged[-1].union(span)
        else:
            merged.append(span)
    return tuple(merged)


def fits(script: Script, description: Description) -> bool:
    """Whether every claim holds, each of another event, in the order said."""
    options = [list(_matches(script, claim)) for claim in description.claims]

    def rest(index: int, used: tuple[int, ...], after_s: float) -> bool:
        if index == len(options):
            return True
        for event, span in options[index]:
            late = not description.ordered or span.start_s >= after_s
            if event not in used and late and rest(index + 1, (*used, event), span.start_s):
                return True
        return False

    return rest(0, (), 0.0)


def _matches(script: Script, claim: Claim) -> Iterator[tuple[int, Span]]:
    """Number of the event and span, for each way in which the claim holds."""
    number = 0
    for scene in script.scenes:
        placed = _in_setting(scene, claim.setting)
        for event in scene.events:
            if placed:
                for span in _event_spans(event, claim):
                    yield number, span
            number += 1


def _in_setting(scene: Scene, setting: Setting) -> bool:
    backdrop = scene.backdrop
    return (
        setting.ground in (None, backdrop.ground)
        and setting.colour in (None, backdrop.colour)
        and setting.light in (None, backdrop.light)
    )


def _event_spans(event: Event, claim: Claim) -> Iterator[Span]:
    if claim.partner is not None:
        if event.partner is None:
            return
        straight = claim.action in (None, event.action)
        turned = claim.action == _INVERSE.get(event.action)
        if (straight and _is(event, event.actor, claim.actor)
                and _is(event, event.partner, claim.partner)) or (
            turned and _is(event, event.partner, claim.actor)
            and _is(event, event.actor, claim.partner)
        ):  # fmt: skip
            yield event.span
        return
    if claim.becomes is not None:
        turns = event.becomes is not None and _is(event, event.becomes, claim.becomes)
        if turns and claim.action in (None, event.action) and _is(event, event.actor, claim.actor):
            yield event.span
        return
    for actor, part, span in appearances(event):
        if _is(event, actor, claim.actor) and _does(event, part, claim.action):
            whole = claim.action in ("changes colour", "changes shape")
            yield event.span if whole else span


def appearances(event: Event) -> list[tuple[Actor, Part, Span]]:
    """Everybody in view during an event, with the span of each."""
    if event.becomes is not None:
        before = Span(event.span.start_s, event.change_s)
        after = Span(event.change_s, event.span.end_s)
        return [(event.actor, "actor", before), (event.becomes, "actor", after)]
    found: list[tuple[Actor, Part, Span]] = [(event.actor, "actor", event.span)]
    if event.partner is not None:
        found.append((event.partner, "partner", event.span))
    return found


def _is(event: Event, actor: Actor, mention: Mention) -> bool:
    size_said = mention.size is not None and (
        event.action in RESIZING or mention.size != actor.size
    )
    return (
        mention.shape in (None, actor.shape)
        and mention.colour in (None, actor.colour)
        and mention.count in (None, actor.count)
        and not size_said
    )


def _does(event: Event, part: Part, action: Action | None) -> bool:
    """Whether this part of the event does `action`, taken in the wide sense of a viewer."""
    if action is None or (action == event.action and (part == "actor" or action in _INVERSE)):
        return True
    if action == "stands still":
        resting = part == "partner" and event.action == "passes in front of"
        return resting or event.action in _STILL
    goes = event.action == "chases" or (event.action == "passes in front of" and part == "actor")
    if goes and action in ("moves left", "moves right"):
        return (event.path.x1 < event.path.x0) == (action == "moves left")
    return False


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing in view. `box` is left, top, right, bottom in shares of the frame."""

    event: int
    """Position in `Script.events`."""
    action: Action
    part: Part
    shape: Shape
    colour: Colour
    size: Size
    count: int
    """How many of its kind act together."""
    opacity: float
    box: tuple[float, float, float, float]

    @property
    def centre(self) -> tuple[float, float]:
        """Across and down, in shares of the frame."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def frame_truth(
    script: Script, time_s: float, width: int | None = None, height: int | None = None
) -> list[Sight]:
    """Everything in view at this time, back to front, for a frame of this size (or its own)."""
    width, height = width or script.width, height or script.height
    numbers = {id(event): number for number, event in enumerate(script.events)}
    scene = scene_at(script, time_s)
    camera = view(scene, time_s)
    found: list[Sight] = []
    for event in scene.events:
        for pose in poses(event, time_s):
            box = _box(pose, camera, width, height)
            found.append(_sight(event, numbers[id(event)], pose, box))
    return found


def scene_at(script: Script, time_s: float) -> Scene:
    """The scene that is shown at this time."""
    started = [scene for scene in script.scenes if scene.span.start_s <= time_s]
    return started[-1] if started else script.scenes[0]


def patch_truth(
    script: Script, time_s: float, grid: int, width: int | None = None, height: int | None = None
) -> NDArray[np.int64]:
    """Which sight (position in `frame_truth`) covers each cell, int64 [grid,grid]; -1 for none."""
    found = np.full((grid, grid), -1, dtype=np.int64)
    middles = (np.arange(grid) + 0.5) / grid
    for index, sight in enumerate(frame_truth(script, time_s, width, height)):
        left, top, right, bottom = sight.box
        across = (middles - sight.centre[0]) / max(right - left, 1.4 / grid)
        down = (middles - sight.centre[1]) / max(bottom - top, 1.4 / grid)
        inside = (across * across)[None, :] + (down * down)[:, None] <= 0.25
        found[inside] = index
    return found


def _box(
    pose: Pose, camera: tuple[float, float, float], width: int, height: int
) -> tuple[float, float, float, float]:
    where = spot(pose, camera, width, height)
    return (
        (where.x - where.radius) / width,
        (where.y - where.radius) / height,
        (where.x + where.radius) / width,
        (where.y + where.radius) / height,
    )


def _sight(event: Event, number: int, pose: Pose, box: tuple[float, float, float, float]) -> Sight:
    whom = event.partner if pose.part == "partner" and event.partner else event.actor
    return Sight(
        event=number,
        action=event.action,
        part=pose.part,
        shape=pose.shape,
        colour=pose.colour,
        size=pose.size,
        count=whom.count,
        opacity=pose.opacity,
        box=box,
    )
