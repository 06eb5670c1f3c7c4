"""Questions about videos with frames of each, from disk or drawn: to train and to measure with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from whenabouts.data.instruct.drawn import Eyes
from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip, load_clip
from whenabouts.data.qa.questions import questions
from whenabouts.data.qa.rows import QaRow, QaSet
from whenabouts.data.settings import DataSettings
from whenabouts.errors import DataError
from whenabouts.models.frame_times import printed_times
from whenabouts.models.positions import even_positions
from whenabouts.settings import Settings
from whenabouts.shapeworld.ask import put
from whenabouts.shapeworld.axes import Lang, Split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.forms_time import distinct_queries
from whenabouts.shapeworld.naming import names
from whenabouts.shapeworld.questions import Ask, Kind, ask_about
from whenabouts.shapeworld.render import frame_times, render
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.still import frame_tells

UserPath = Annotated[Path, AfterValidator(Path.expanduser)]
"""A path in which `~` is the user's own folder."""

_KEY = 67
"""Of the random stream."""
_TRIES = 12
"""Questions of a kind that are drawn until one is of `asks`."""
_FURTHER = 200
"""Videos that are tried until one offers what is to be asked."""
_ALL: tuple[Kind, ...] = (
    "causal", "temporal", "descriptive", "interaction", "sequence", "prediction", "feasibility",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class QaSample:
    """A question, or a query for moments, with T frames of its video."""

    row: QaRow
    clip: VideoClip
    video: str
    shows: NDArray[np.bool_] | None = None
    """[T]: whether each frame lies where the answer can be seen; None: not known."""
    memory: NDArray[np.float16] | None = None
    """[T,P,W]: what a frozen tower saw of the frames, where it was kept; no pixels then."""
    open: bool = False
    """Whether it is asked without its options."""
    named: tuple[tuple[str, ...], ...] = ()
    """[T,N]: of each frame the name of something in view, and behind it names of what is not."""


class QaSamples(Protocol):
    """A set of samples that can be drawn from again and again."""

    @property
    def name(self) -> str:
        """What it is called in notes."""
        ...

    def __len__(self) -> int: ...

    def sample(self, place: int, random: Random) -> QaSample:
        """The sample at a place; `random` draws its frames. `MediaError` if it cannot be read."""
        ...


class QaSetSettings(Settings):
    """A published set of questions on disk, or one that shape world has written."""

    dataset: QaSet
    folder: UserPath
    """With its annotations, and its videos unless `videos` says where these are."""
    videos: UserPath | None = None
    split: str = "train"
    weight: float = Field(default=1.0, gt=0)


class FileQa:
    """Questions of a set on disk."""

    def __init__(self, settings: QaSetSettings, frames: FrameSettings) -> None:
        folders = {} if settings.videos is None else {"videos": settings.videos}
        given = DataSettings.check({"missing": "drop", **folders}, "the set's folders")
        found = questions(settings.dataset, settings.folder, settings.split, given)
        self.rows, self.videos, self.notes = found.rows, found.videos, found.notes
        self.name, self._frames = settings.dataset, frames

    def __len__(self) -> int:
        return len(self.rows)

    def sample(self, place: int, random: Random) -> QaSample:
        """The question at a place, with frames of the part of the video that it is about."""
        row, path = self.rows[place], self.videos[place]
        clip = load_clip(path, self._frames, random, row.clip)
        start_s = 0.0 if row.clip is None else row.clip.start_s
        return QaSample(row, clip, row.video, shown_in(clip.times_s + start_s, row))


class DrawnQaSettings(Settings):
    """Which videos are drawn, and what is asked about them."""

    videos: int = Field(default=1_000_000, gt=0)
    """How many different videos there are."""
    split: Split = "train"
    seed: int = 0
    duration_s: tuple[float, float] = (60.0, 120.0)
    scenes: tuple[int, int] = (4, 6)
    langs: tuple[Lang, ...] = ("en", "zh")
    kinds: tuple[Kind, ...] = _ALL
    asks: tuple[Ask, ...] = ()
    """Only these; empty: all of `kinds`."""
    options: int = Field(default=5, ge=2)
    open: float = Field(default=0.0, ge=0, le=1)
    """Share of questions that are asked without options."""
    queries: float = Field(default=0.0, ge=0, le=1)
    """Share of queries for moments instead of questions."""
    taken: int = Field(default=0, ge=0)
    """So many of the frames, drawn at random; 0: all."""
    inside: float = Field(default=0.0, ge=0, le=1)
    """Share of these that lie where the answer can be seen, where there are as many."""
    still: bool = False
    """Only questions that a frame can answer: no wrong option is true of the same thing doing
    something else."""
    named: int = Field(default=0, ge=0)
    """So many names of what is in view and, all but one, of what is not come with each frame."""
    weight: float = Field(default=1.0, gt=0)


class DrawnQa:
    """Videos of shape world, each with one of the questions that it offers."""

    def __init__(self, settings: DrawnQaSettings, frames: FrameSettings) -> None:
        self.settings, self.frames = settings, frames
        self.eyes: Eyes | None = None
        """With eyes, each video is seen once; frames must be the same each time then."""
        self.notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the world and its split."""
        return f"shape world {self.settings.split}"

    def __len__(self) -> int:
        return self.settings.videos

    def sample(self, place: int, random: Random) -> QaSample:
        """The video at a place; `random` draws its frames and the question of this showing."""
        place, script, row, dice = self._asked(place, random)
        shown_s = frame_times(script)
        chosen = even_positions(len(shown_s), self.frames.frames, self.frames.way, random)
        times_s = shown_s[chosen]
        side = self.frames.size_px

        def draw() -> NDArray[np.uint8]:
            return render(script, cast("list[float]", times_s.tolist()), side, side)

        shows = shown_in(times_s, row)
        memory = None
        if self.eyes is not None:
            memory = self.eyes.see(f"{self.settings.seed}_{place}", draw)
        some = self._some(shows, random)
        if some is not None:
            shows = None if shows is None else shows[some]
            times_s, memory = times_s[some], None if memory is None else memory[some]
        empty = np.zeros((len(times_s), 0, 0, 3), np.uint8)
        pixels = empty if memory is not None else draw()
        clip = VideoClip(pixels, printed_times(times_s.tolist()), np.asarray(times_s))
        alone = bool(row.options) and dice.chance(self.settings.open)
        wrong = self.settings.named - 1
        named = tuple(
            names(script, time_s, dice.pick(self.settings.langs), dice, wrong)
            for time_s in (times_s.tolist() if wrong > 0 else ())
        )
        return QaSample(row, clip, row.video, shows, memory, alone, named)

    def texts(self, place: int, count: int = 20) -> list[QaRow]:
        """Questions and queries about a video, to learn a tokenizer from."""
        return [self._asked(place, Random(n))[2] for n in range(count)]

    def _script(self, place: int) -> Script:
        asked = self.settings
        plan = Plan(duration_s=asked.duration_s, scenes=asked.scenes)
        return draw_script(asked.seed * 10**9 + place, asked.split, plan)

    def _asked(self, place: int, random: Random) -> tuple[int, Script, QaRow, Dice]:
        """What the video at a place is asked; where it offers nothing of this, the next one is."""
        dice = Dice(_KEY, place, random.getrandbits(60))
        lang, query = dice.pick(self.settings.langs), dice.chance(self.settings.queries)
        for further in range(min(_FURTHER, len(self))):
            there = (place + further) % len(self)
            script = self._script(there)
            row = (self._query if query else self._question)(script, there, lang, dice)
            if row is not None:
                return there, script, row, dice
        raise DataError(
            f"none of {min(_FURTHER, len(self))} videos of {self.name} offers a question of "
            f"{', '.join(self.settings.asks or self.settings.kinds)}; ask for others"
        )

    def _question(self, script: Script, place: int, lang: Lang, dice: Dice) -> QaRow | None:
        """A question of one of the kinds; None where the video offers none."""
        given = self.settings
        for kind in dice.shuffled(given.kinds):
            for _ in range(_TRIES if given.asks or given.still else 1):
                asked = ask_about(script, kind, dice, given.options - 1)
                if asked is None or (given.asks and asked.ask not in given.asks):
                    continue
                if given.still and not frame_tells(script, asked):
                    continue
                said = put(asked, lang, dice)
                return QaRow(
                    "nextqa", f"{asked.kind}_{place}", f"{given.split}/{place}", said.text,
                    said.options, said.answer, None, said.spans, script.duration_s,
                )  # fmt: skip
        return None

    def _query(self, script: Script, place: int, lang: Lang, dice: Dice) -> QaRow | None:
        """A query for a moment; None where no event of the video stands out."""
        queries = list(distinct_queries(script, lang, dice))
        if not queries:
            return None
        query = dice.pick(queries)
        return QaRow(
            "qvhighlights", f"QVHighlight_{place}", f"{self.settings.split}/{place}", query.text,
            (), None, None, query.spans, script.duration_s,
        )  # fmt: skip

    def _some(self, shows: NDArray[np.bool_] | None, random: Random) -> NDArray[np.int64] | None:
        """Which frames are taken, in order; None: all."""
        taken = self.settings.taken
        if not taken or shows is None or taken >= len(shows):
            return None
        inside, outside = (np.flatnonzero(shows == want).tolist() for want in (True, False))
        near = random.sample(inside, min(len(inside), round(taken * self.settings.inside)))
        rest = sorted({*inside, *outside} - {*near})
        return np.array(sorted([*near, *random.sample(rest, taken - len(near))]), np.int64)


class QaData(Settings):
    """Sets of questions; every step takes one of them."""

    sets: dict[str, QaSetSettings] = Field(default_factory=dict[str, QaSetSettings])
    """By a name of your choice."""
    drawn: DrawnQaSettings | None = None
    """Videos of shape world, drawn while training goes on."""

    def open(self, frames: FrameSettings) -> tuple[list[FileQa | DrawnQa], list[float], list[str]]:
        """The sets, their weights, and what is odd about them."""
        found: list[FileQa | DrawnQa] = [FileQa(one, frames) for one in self.sets.values()]
        weights = [one.weight for one in self.sets.values()]
        if self.drawn is not None:
            found.append(DrawnQa(self.drawn, frames))
            weights.append(self.drawn.weight)
        return found, weights, [note for one in found for note in one.notes]


def shown_in(times_s: NDArray[np.float64], row: QaRow) -> NDArray[np.bool_] | None:
    """[T]: which frames show what a question is about; None where it is not known."""
    if row.spans is None:
        return None
    return np.array([row.holds_at(time_s) for time_s in times_s.tolist()], bool)
