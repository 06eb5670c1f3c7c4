"""The script of a video: who does what, where and when, in frozen values without pixels.

Places are shares of the frame (0 to 1, from the left and from the top); lengths and offsets are
shares of the frame's shorter side, so that shapes keep their form in every aspect ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.shapeworld.axes import (
    Action,
    Camera,
    Colour,
    Cut,
    Ground,
    Lang,
    Light,
    Rgb,
    Shape,
    Size,
    Split,
)
from whenabouts.shapeworld.style import Style
from whenabouts.types import Span


@dataclass(frozen=True, slots=True)
class Actor:
    """One to four equal things."""

    shape: Shape
    colour: Colour
    size: Size
    count: int
    rgb: Rgb
    diameter: float
    """Share of the shorter side."""
    form: float
    """0 to 1: how pointed the star, how slim the diamond, how thick the ring."""
    tilt: float
    """Rotation in turns."""
    places: tuple[tuple[float, float], ...]
    """Offset of each of the `count` things from the group's centre."""

    @property
    def look(self) -> tuple[Shape, Colour]:
        """What tells actors of one video apart."""
        return self.shape, self.colour


@dataclass(frozen=True, slots=True)
class Path:
    """Where an event takes place: from (x0, y0) to (x1, y1), or about their middle."""

    x0: float
    y0: float
    x1: float
    y1: float
    period_s: float
    """Seconds of one bounce, turn, blink or round."""
    phase: float
    """0 to 1: where in its period it starts."""


@dataclass(frozen=True, slots=True)
class Event:
    """An actor does something; it is visible during `span` and not before or after."""

    actor: Actor
    action: Action
    span: Span
    path: Path
    partner: Actor | None = None
    """The other one of a relation, visible during `span` too."""
    becomes: Actor | None = None
    """For a change of colour or shape: the look from `change_s` on."""
    change_s: float = 0.0
    main: bool = True
    """False for a distractor, which captions do not mention and truths do count."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What is behind the actors."""

    ground: Ground
    colour: Colour
    light: Light
    rgb: Rgb
    """The shade that covers most of it."""
    other: Rgb
    """The second shade of gradients, stripes, checks and noise."""
    grain: float
    """Width of a stripe, side of a check or of a noise cell."""
    slant: float
    """Direction of stripes and gradient in turns."""
    seed: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A word or phrase drawn on the picture."""

    text: str
    lang: Lang
    span: Span
    x: float
    y: float
    height: float
    light_on_dark: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line that is said: a subtitle."""

    text: str
    lang: Lang
    span: Span


@dataclass(frozen=True, slots=True)
class Scene:
    """Events before one backdrop; `cut` is how the scene begins."""

    span: Span
    backdrop: Backdrop
    camera: Camera
    drift: tuple[float, float]
    """Where the camera pans to, or (zoom - 1, 0)."""
    cut: Cut
    events: tuple[Event, ...]
    drawn: tuple[Drawn, ...] = ()
    spoken: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One video, from its first to its last frame; everything follows from `seed` and `split`."""

    seed: int
    split: Split
    duration_s: float
    fps: float
    width: int
    height: int
    style: Style
    scenes: tuple[Scene, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """All events in the order in which they start."""
        found = [event for scene in self.scenes for event in scene.events]
        return tuple(sorted(found, key=lambda event: event.span.start_s))

    @property
    def main_events(self) -> tuple[Event, ...]:
        """The events that captions tell, in the order in which they start."""
        return tuple(event for event in self.events if event.main)

    def scene_of(self, event: Event) -> Scene:
        """The scene in which an event takes place."""
        return next(scene for scene in self.scenes if event in scene.events)
