"""Samples that shape world draws while training goes on: nothing is decoded or stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip
from whenabouts.models.frame_times import printed_times
from whenabouts.models.instructions import Lang, Style, absent_answer
from whenabouts.models.positions import even_positions
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import COLOURS, SHAPES, Split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.highlights import CLIP_S
from whenabouts.shapeworld.instruct import Asked, Lesson, absent_moment, lessons
from whenabouts.shapeworld.render import frame_times, render
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import frame_truth

_KEY = 61
"""Of the random stream."""
KINDS_IN_VIEW = len(SHAPES) * len(COLOURS)
"""Kinds of things: a shape of a colour."""
_CLEAR = 0.5
"""Opacity above which something is in view."""


class Eyes(Protocol):
    """Sees each video once and keeps what it saw."""

    def see(self, name: str, draw: Callable[[], NDArray[np.uint8]]) -> NDArray[np.float16]:
        """[T,P,W] of the video `name`, whose frames uint8 [T,S,S,3] are drawn if need be."""
        ...


class DrawnSettings(Settings):
    """Which videos are drawn, and what is asked about them."""

    videos: int = Field(default=1_000_000, gt=0)
    """How many different videos there are."""
    split: Split = "train"
    seed: int = 0
    duration_s: tuple[float, float] = (60.0, 120.0)
    scenes: tuple[int, int] = (3, 6)
    langs: tuple[Lang, ...] = ("en", "zh")
    style: Style = "timeit"
    tasks: tuple[Asked, ...] = (
        "dense captioning",
        "moment retrieval",
        "step localisation",
        "highlights",
        "summarisation",
        "question",
    )
    """Tasks that are asked, all equally often where a video offers them. Speech cannot be seen."""
    rounds: dict[Asked, int] = Field(default_factory=dict[Asked, int])
    """How many questions of a task come before the next task's, 1 where nothing is said."""
    absent: float = Field(default=0.0, ge=0, le=1)
    """Share of the questions for a moment that ask for what never happens, whose answer says so.
    Published models never learn it and always name a time."""
    turns: int = Field(default=1, gt=0)
    """Most questions about one video, in one conversation."""


class DrawnSamples:
    """Videos of shape world, each with some of what can be asked about it."""

    def __init__(
        self,
        settings: DrawnSettings,
        frames: FrameSettings,
        *,
        tells_view: bool = False,
    ) -> None:
        """Nothing is drawn yet. `tells_view`: samples say which things each frame shows."""
        self.settings, self.frames, self.tells_view = settings, frames, tells_view
        self.eyes: Eyes | None = None
        """With eyes, each video is seen once, and samples hold what they saw instead of pixels;
        frames must be the same each time then."""
        self.notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the world and its split."""
        return f"shape world {self.settings.split}"

    def __len__(self) -> int:
        return self.settings.videos

    def sample(self, place: int, random: Random) -> InstructionSample:
        """The video at a place; `random` draws its frames, and the questions of this showing.

        The frames are drawn in their final size: crops of `FrameSettings` do not apply.
        """
        asked = self.settings
        script = draw_script(asked.seed * 10**9 + place, asked.split, self._plan())
        dice = Dice(_KEY, place, random.getrandbits(60))
        lang = dice.pick(asked.langs)
        chosen = self._chosen(lessons(script, lang, dice, asked.style), dice)
        if asked.absent:
            chosen = [self._perhaps_absent(one, script, lang, dice) for one in chosen]
        shown_s = frame_times(script)
        times_s = shown_s[even_positions(len(shown_s), self.frames.frames, self.frames.way, random)]
        side = self.frames.size_px

        def draw() -> NDArray[np.uint8]:
            return render(script, cast("list[float]", times_s.tolist()), side, side)

        memory = None if self.eyes is None else self.eyes.see(f"{asked.seed}_{place}", draw)
        pixels = np.zeros((len(times_s), 0, 0, 3), np.uint8) if self.eyes is not None else draw()
        return InstructionSample(
            VideoClip(pixels, printed_times(times_s.tolist()), np.asarray(times_s)),
            tuple((lesson.text, lesson.answer) for lesson in chosen),
            "shapes",
            f"{asked.split}/{place}",
            tuple(_shown(lesson) for lesson in chosen),
            in_view_of(script, times_s) if self.tells_view else None,
            memory,
        )

    def texts(self, place: int) -> Iterator[str]:
        """Everything that can be asked and answered about a video, in all languages."""
        asked = self.settings
        script = draw_script(asked.seed * 10**9 + place, asked.split, self._plan())
        for lang in asked.langs:
            for lesson in lessons(script, lang, Dice(_KEY, place), asked.style):
                if lesson.task in asked.tasks:
                    yield lesson.text
                    yield lesson.answer
            if asked.absent:
                yield absent_answer(lang)

    def _perhaps_absent(self, lesson: Lesson, script: Script, lang: Lang, dice: Dice) -> Lesson:
        """The lesson, or one about what never happens in its place."""
        if lesson.task != "moment retrieval" or not dice.chance(self.settings.absent):
            return lesson
        return absent_moment(script, lang, dice)

    def _plan(self) -> Plan:
        return Plan(duration_s=self.settings.duration_s, scenes=self.settings.scenes)

    def _chosen(self, taught: list[Lesson], dice: Dice) -> list[Lesson]:
        """Some lessons, of different tasks as long as there are."""
        by_task: dict[Asked, list[Lesson]] = {}
        for lesson in dice.shuffled(taught):
            if lesson.task in self.settings.tasks:
                by_task.setdefault(lesson.task, []).append(lesson)
        rounds: list[Lesson] = []
        while by_task and len(rounds) < self.settings.turns:
            for task in dice.shuffled(sorted(by_task)):
                for _ in range(self.settings.rounds.get(task, 1)):
                    rounds.append(by_task[task].pop())
                    if not by_task[task]:
                        del by_task[task]
                        break
        return rounds[: self.settings.turns]


def _shown(lesson: Lesson) -> tuple[float, float] | None:
    """Where to look for highlights, or for an open question that has one place to look at."""
    if lesson.marks:
        clips = [clip for clip, _ in lesson.marks]
        whole = clips[-1] - clips[0] + 1 == len(clips)
        return (CLIP_S * clips[0], CLIP_S * (clips[-1] + 1)) if whole else None
    if len(lesson.spans) != 1:
        return None
    return lesson.spans[0].start_s, lesson.spans[0].end_s


def in_view_of(script: Script, times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which shapes of which colours each frame shows, [T,C]."""
    found = np.zeros((len(times_s), KINDS_IN_VIEW), bool)
    for place, time_s in enumerate(times_s.tolist()):
        for sight in frame_truth(script, time_s):
            if sight.opacity > _CLEAR:
                kind = SHAPES.index(sight.shape) * len(COLOURS) + COLOURS.index(sight.colour)
                found[place, kind] = True
    return found
