"""Conversations about several videos as the tensors that a video LLM learns from.

Shapes: B conversations, L text tokens, V videos.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch

from whenabouts.data.instruct.dialogue_samples import DialogueSample, Talk, TalkTurn
from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED
from whenabouts.models.dialogue_room import within
from whenabouts.models.dialogue_text import (
    DIALOGUE_SYSTEM,
    Round,
    answer_labels,
    answer_places,
    dialogue_ids,
    widen,
)
from whenabouts.models.splice import pad_right
from whenabouts.train.dialogue_guides import (
    DialogueGuide,
    NumberGuide,
    TurnPlaces,
    guides_of_turn,
    numbers_of_turn,
)
from whenabouts.train.instruction_collate import Collate, Look, VideoLlmBatch


@dataclass(frozen=True, slots=True)
class Gold:
    """The truth of the last answer of a row, for heads that choose."""

    videos: int
    """How many stand in the whole conversation."""
    number: int | None = None
    span_s: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DialogueBatch(VideoLlmBatch):
    """Conversations of one step; their videos may stand anywhere in the rows."""

    golds: tuple[Gold, ...] = ()
    """Of each row."""
    looking: tuple[DialogueGuide, ...] = ()
    numbered: tuple[NumberGuide, ...] = ()

    def to(self, device: torch.device) -> DialogueBatch:
        """The same on a device."""
        positions = None if self.positions is None else self.positions.to(device)
        return replace(
            self,
            ids=self.ids.to(device),
            labels=self.labels.to(device),
            mask=self.mask.to(device),
            looks=tuple(look.to(device) for look in self.looks),
            positions=positions,
            looking=tuple(guide.to(device) for guide in self.looking),
            numbered=tuple(guide.to(device) for guide in self.numbered),
        )


@dataclass(slots=True)
class _Rows:
    """What is gathered on the way."""

    ids: list[list[int]] = field(default_factory=list[list[int]])
    labels: list[list[int]] = field(default_factory=list[list[int]])
    order: list[int] = field(default_factory=list[int])
    golds: list[Gold] = field(default_factory=list[Gold])
    looking: list[DialogueGuide] = field(default_factory=list[DialogueGuide])
    numbered: list[NumberGuide] = field(default_factory=list[NumberGuide])
    notes: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class DialogueCollate(Collate):
    """Puts conversations together for one model; with `find` they say what is to be looked at."""

    system: str = DIALOGUE_SYSTEM

    def __call__(self, samples: Sequence[InstructionSample]) -> DialogueBatch:
        """The batch of these conversations, on the CPU."""
        rows, videos = _Rows(), list[InstructionSample]()
        for sample in samples:
            if not isinstance(sample, DialogueSample):
                raise InputError(f"{sample.source!r} has no dialogues, which this model learns")
            for talk in sample.talks:
                self._row(talk, sample.looked, len(videos), rows)
            videos += sample.looked
        ids = pad_right(rows.ids, self.tokens.pad_id)
        mask = pad_right([[1] * len(row) for row in rows.ids], 0)
        return DialogueBatch(
            ids,
            pad_right(rows.labels, IGNORED),
            mask,
            self._looks(videos),
            tuple(rows.notes),
            tuple(rows.order),
            torch.arange(ids.shape[1]).expand(len(ids), -1),
            golds=tuple(rows.golds),
            looking=tuple(rows.looking),
            numbered=tuple(rows.numbered),
        )

    def _looks(self, videos: Sequence[InstructionSample]) -> tuple[Look, ...]:
        """One look where nothing of a video depends on the others, else one a video."""
        alike = len({len(video.clip) for video in videos}) == 1
        if alike and not self.sizes.takes_times_as_text:
            return (self._look(videos),)
        return tuple(self._look([video]) for video in videos)

    def _row(
        self, talk: Talk, looked: Sequence[InstructionSample], before: int, rows: _Rows
    ) -> None:
        """One conversation; `before` videos of the batch come before those of its sample."""
        told = [turn.round if self.message else replace(turn.round, times=None) for turn in talk]
        counts = [[self._count(looked[video]) for video in turn.videos] for turn in talk]
        kept, places, notes = within(told, counts, self._length, self.limit)
        rows.notes += notes
        turns = [talk[place] for place in places]
        # An answer whose videos are not shown any more teaches nothing but to guess.
        learnt = [
            turn.learnt and bool(one.numbers) == bool(turn.videos)
            for turn, one in zip(turns, kept, strict=True)
        ]
        shown = [turn.videos if one.numbers else () for turn, one in zip(turns, kept, strict=True)]
        flat = [video for videos in shown for video in videos]
        widths = [self._count(looked[video]) for video in flat]
        ids = dialogue_ids(kept, self.tokens, self.system)
        labels = answer_labels(ids, self.tokens, learnt)
        wide, wide_labels = widen(ids, labels, self.tokens.image_id, widths)
        row = len(rows.ids)
        if self.find is not None:
            starts = _starts(wide, self.tokens.image_id, widths)
            first = 0
            for turn, own, wants, answer in zip(
                turns, shown, learnt, answer_places(wide, self.tokens), strict=True
            ):
                these = slice(first, first + len(own))
                first += len(own)
                at = tuple(
                    (before + video, start) for video, start in zip(own, starts[these], strict=True)
                )
                if wants and own:
                    asked = at[-1][1] + widths[first - 1] if self.find.questions else None
                    told = TurnPlaces(row, answer, at, asked)
                    rows.looking += self._pointed(turn, told, wide, looked)
                    if turn.span_s is None:
                        rows.numbered += numbers_of_turn(told, widths[these], wide, self.tokens)
        rows.ids.append(wide)
        rows.labels.append(wide_labels)
        rows.order += [before + video for video in flat]
        last = talk[-1]
        rows.golds.append(Gold(len(flat), last.number, last.span_s))

    def _pointed(
        self,
        turn: TalkTurn,
        places: TurnPlaces,
        ids: Sequence[int],
        looked: Sequence[InstructionSample],
    ) -> list[DialogueGuide]:
        times_s = looked[turn.videos[0]].clip.times_s
        return guides_of_turn(turn, places, ids, self.tokens, times_s)

    def _count(self, video: InstructionSample) -> int:
        """Visual tokens of a video."""
        return self.sizes.tokens_of(len(video.clip), self._stamp_tokens(video))

    def _length(self, rounds: Sequence[Round], counts: Sequence[Sequence[int]]) -> int:
        ids = dialogue_ids(rounds, self.tokens, self.system)
        return len(ids) + sum(count - 1 for one in counts for count in one)


def _starts(ids: Sequence[int], place_id: int, widths: Sequence[int]) -> list[int]:
    """The first place of each video in a widened row."""
    found: list[int] = []
    at = 0
    for width in widths:
        at = ids.index(place_id, at)
        found.append(at)
        at += width
    return found
