"""Conversations that shape world draws while training goes on, about a few of its videos at a time.

The videos of a sample are its whole library, so that what is seen of each serves many turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data import dialogues
from whenabouts.data.instruct.dialogue_samples import (
    DialogueSample,
    Talk,
    sample_of,
    talk_of,
    texts_of,
)
from whenabouts.data.instruct.drawn import Eyes, in_view_of
from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip
from whenabouts.models.frame_times import printed_times
from whenabouts.models.instructions import Lang
from whenabouts.models.positions import even_positions
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import Split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.ivcr import FIRST, draw_entry
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.render import frame_times, render
from whenabouts.shapeworld.scene import Plan, draw_script

_KEY = 67
"""Of the random stream."""


class DrawnDialogueSettings(Settings):
    """Which videos are drawn, and how they are talked about."""

    videos: int = Field(default=1500, gt=0)
    """How many different videos there are."""
    shelf: int = Field(default=14, ge=2)
    """Videos of a sample: candidates come from these alone."""
    talks: int = Field(default=6, gt=0)
    """Conversations about them."""
    turns: int = Field(default=3, gt=0, le=10)
    """Most turns of a conversation."""
    samples: int = Field(default=1_000_000, gt=0)
    """How many different samples there are."""
    split: Split = "train"
    seed: int = 0
    duration_s: tuple[float, float] = (10.0, 40.0)
    scenes: tuple[int, int] = (1, 4)
    langs: tuple[Lang, ...] = ("en", "zh")
    first: float = Field(default=FIRST, ge=0, le=1)
    """How often the right video is the first candidate on purpose. Without it a small model cannot
    begin with guessing the first one, and looks."""


class DrawnDialogues:
    """Conversations about videos of shape world; every answer of them is learnt."""

    def __init__(
        self, settings: DrawnDialogueSettings, frames: FrameSettings, *, tells_view: bool = False
    ) -> None:
        """Nothing is drawn yet. `tells_view`: samples say which things each frame shows."""
        self.settings, self.frames, self.tells_view = settings, frames, tells_view
        self.eyes: Eyes | None = None
        """With eyes, each video is seen once; frames must be the same each time then."""
        self.notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the world and its split."""
        return f"shape world {self.settings.split}"

    def __len__(self) -> int:
        return self.settings.samples

    def sample(self, place: int, random: Random) -> DialogueSample:
        """The sample at a place; `random` draws what is said this time, and frames."""
        dice = Dice(_KEY, self.settings.seed, place, random.getrandbits(60))
        numbers = self._shelf(place)
        truth = self._truth(numbers)
        looked = [self._looked(number, truth, random) for number in numbers]
        places = {_name(number): n for n, number in enumerate(numbers)}
        talks: list[Talk] = []
        while len(talks) < self.settings.talks:
            for pairs in self._talk(truth, dice):
                talks.append(talk_of(pairs, places, looked))
        return sample_of(talks, looked, "shapes")

    def texts(self, place: int) -> Iterator[str]:
        """Something of what can be said about the videos at a place, in all languages."""
        truth = self._truth(self._shelf(place))
        for lang in self.settings.langs:
            dice = Dice(_KEY, place)
            for pairs in self._talk(truth, dice, lang):
                yield from texts_of(pairs)

    def _shelf(self, place: int) -> list[int]:
        """Numbers of the videos at a place."""
        asked = self.settings
        count = min(asked.shelf, asked.videos)
        random = np.random.default_rng([_KEY, asked.seed, place])
        return random.choice(asked.videos, count, replace=False).tolist()

    def _truth(self, numbers: list[int]) -> LibraryTruth:
        asked = self.settings
        plan = Plan(duration_s=asked.duration_s, scenes=asked.scenes)
        return LibraryTruth(
            {
                _name(number): draw_script(asked.seed * 10**9 + number, asked.split, plan)
                for number in numbers
            }
        )

    def _talk(
        self, truth: LibraryTruth, dice: Dice, lang: Lang | None = None
    ) -> list[tuple[dialogues.Pair, ...]]:
        """One conversation; none if just talk was drawn."""
        asked = self.settings
        spoken = lang or dice.pick(asked.langs)
        entry = draw_entry(
            truth, asked.split, spoken, dice, most_turns=asked.turns, first=asked.first
        )
        found = dialogues.to_learn(dialogues.parse([entry]), asked.split)
        return [one.rounds[: asked.turns] for one in found]

    def _looked(self, number: int, truth: LibraryTruth, random: Random) -> InstructionSample:
        script = truth.scripts[_name(number)]
        shown_s = frame_times(script)
        times_s = shown_s[even_positions(len(shown_s), self.frames.frames, self.frames.way, random)]
        side = self.frames.size_px

        def draw() -> NDArray[np.uint8]:
            return render(script, cast("list[float]", times_s.tolist()), side, side)

        name = f"{self.settings.seed}_{number}"
        memory = None if self.eyes is None else self.eyes.see(name, draw)
        pixels = draw() if self.eyes is None else np.zeros((len(times_s), 0, 0, 3), np.uint8)
        return InstructionSample(
            VideoClip(pixels, printed_times(times_s.tolist()), np.asarray(times_s)),
            (),
            "shapes",
            f"{self.settings.split}/{number}",
            in_view=in_view_of(script, times_s) if self.tells_view else None,
            memory=memory,
        )


def _name(number: int) -> str:
    return f"{number}"
