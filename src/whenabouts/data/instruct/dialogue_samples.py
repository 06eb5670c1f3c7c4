"""What a trainer of dialogues reads: conversations, and the videos that are shown in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import Field

from whenabouts.data import dialogues
from whenabouts.data.dialogues import Pair
from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.data.instruct.video_clip import FrameSettings, load_clip
from whenabouts.errors import DataError
from whenabouts.models.dialogue_text import Round, video_number
from whenabouts.settings import Settings

Learn = Literal["last", "all"]
"""Which answers of a conversation are learnt. A conversation of n turns makes n samples where only
the `last` is, as published; one sample teaches `all` at once."""


@dataclass(frozen=True, slots=True)
class TalkTurn:
    """A turn, the videos beside it, and the truth."""

    round: Round
    videos: tuple[int, ...] = ()
    """Places of the videos shown, in the sample, in the order of their numbers."""
    number: int | None = None
    """The right candidate, from 1."""
    span_s: tuple[float, float] | None = None
    """The right stretch of the current video."""
    learnt: bool = True


Talk = tuple[TalkTurn, ...]
"""A conversation."""


@dataclass(frozen=True, slots=True, eq=False)
class DialogueSample(InstructionSample):
    """Conversations about a few videos; `clip` is the first of them that is damaged, if any is."""

    looked: tuple[InstructionSample, ...] = ()
    """The videos, each once, with its frames or what eyes saw of them."""
    talks: tuple[Talk, ...] = ()


class DialogueSetSettings(Settings):
    """One set of dialogues on disk, in the form of IVCR-200K."""

    annotations: Path
    """The file, or its folder."""
    videos: Path
    """What the paths in it are relative to."""
    split: str = "train"
    weight: float = Field(default=1.0, gt=0)
    """How often a step takes this set, relative to the other sets."""
    turns: int = Field(default=dialogues.TURNS, gt=0)
    """Most turns of a conversation that are read."""
    learn: Learn = "last"


class FileDialogues:
    """The conversations of one set, with frames decoded on demand."""

    def __init__(self, settings: DialogueSetSettings, frames: FrameSettings) -> None:
        """Reads the annotations; a video without a file is told when it is read."""
        self.settings, self.frames = settings, frames
        self.notes: tuple[str, ...] = ()
        found = dialogues.to_learn(dialogues.read(settings.annotations), settings.split)
        most = settings.turns
        if settings.learn == "all":
            self._rounds = [one.rounds[:most] for one in found if one.rounds]
        else:
            self._rounds = [one.rounds for one in dialogues.samples(found, most)]
        if not self._rounds:
            raise DataError(
                f"{settings.annotations} has no dialogues of the split {settings.split!r}; "
                "name another split"
            )

    @property
    def name(self) -> str:
        """The annotations."""
        return str(self.settings.annotations)

    def __len__(self) -> int:
        return len(self._rounds)

    def sample(self, place: int, random: Random) -> DialogueSample:
        """The conversation at a place; `random` draws the frames of its videos."""
        pairs = self._rounds[place]
        names = list(dict.fromkeys(name for p in pairs for name in dialogues.shown(p.answer)))
        looked: list[InstructionSample] = []
        for name in names:
            clip = load_clip(self.settings.videos / name, self.frames, random)
            looked.append(InstructionSample(clip, (), self.name, name))
        talk = talk_of(pairs, {name: n for n, name in enumerate(names)}, looked)
        if self.settings.learn == "last":
            talk = tuple(replace(one, learnt=one is talk[-1]) for one in talk)
        return sample_of([talk], looked, self.name)

    def texts(self, place: int) -> list[str]:
        """What is said in the conversation at a place."""
        return texts_of(self._rounds[place])


def sample_of(
    talks: Sequence[Talk], looked: Sequence[InstructionSample], source: str
) -> DialogueSample:
    """Conversations about the videos `looked`."""
    damaged = next((one for one in looked if one.clip.damage), looked[0])
    said = tuple((t.round.question, t.round.answer or "") for talk in talks for t in talk)
    return DialogueSample(
        damaged.clip, said, source, damaged.video, looked=tuple(looked), talks=tuple(talks)
    )


def talk_of(
    pairs: Sequence[Pair], places: dict[str, int], looked: Sequence[InstructionSample]
) -> Talk:
    """Turns as read, with the places of their videos in `looked`."""
    found: list[TalkTurn] = []
    for pair, round_ in zip(pairs, dialogues.prompt_rounds(pairs, video_number), strict=True):
        videos = tuple(places[name] for name in dialogues.shown(pair.answer))
        answer, told, number = pair.answer, round_, None
        if told.current:
            told = replace(told, times=looked[videos[0]].clip.times)
        elif answer.video in answer.candidates:
            number = answer.candidates.index(answer.video) + 1
        found.append(TalkTurn(told, videos, number, answer.span))
    return tuple(found)


def texts_of(pairs: Sequence[Pair]) -> list[str]:
    """What is said, for a tokenizer to be learnt from."""
    return [text for pair in pairs for text in (pair.text, pair.answer.text)]
