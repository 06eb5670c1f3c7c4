"""Guided attention in dialogues: where two heads are taught to look at the videos of a turn.

Head 0, about to write a time, at the frame of that time; head 1, behind a question, or at each of
its words, at the right candidate among all of them, or at the frames of the right stretch of the
current video. A help for small models trained from nothing, in training alone.

Shapes: B rows of L positions, heads of width E, T frames, K visual tokens of a video, M positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.data.instruct.dialogue_samples import TalkTurn
from whenabouts.models.llama_tokens import LlamaTokens

TIMES, CHOICE = 0, 1
"""Heads."""
_LEAST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class DialogueGuide:
    """What positions of a row are taught to look at, among the videos of one turn."""

    row: int
    head: int
    places: Tensor
    """int64 [M]: positions that look."""
    videos: tuple[tuple[int, int], ...]
    """Number in the batch of each video of the turn, and the place of its first visual token."""
    right: int
    """Which of them is to be looked at."""
    frames: Tensor | None
    """bool [M,T]: at which frames of it; None: at any."""

    def to(self, device: torch.device) -> DialogueGuide:
        """The same on a device."""
        frames = None if self.frames is None else self.frames.to(device)
        return DialogueGuide(
            self.row, self.head, self.places.to(device), self.videos, self.right, frames
        )


@dataclass(frozen=True, slots=True, eq=False)
class NumberGuide:
    """Visual tokens of a candidate, which are taught to look at its number."""

    row: int
    places: Tensor
    """int64 [K]."""
    number: int
    """Place of the last digit, which no other of ten candidates has."""

    def to(self, device: torch.device) -> NumberGuide:
        """The same on a device."""
        return NumberGuide(self.row, self.places.to(device), self.number)


@dataclass(frozen=True, slots=True)
class TurnPlaces:
    """Where a turn stands in a row."""

    row: int
    answer: tuple[int, int]
    videos: tuple[tuple[int, int], ...]
    """As in `DialogueGuide`."""
    question: int | None = None
    """Where its words begin, if they are taught too."""

    @property
    def looking(self) -> int:
        """The first position that looks: that before the answer, or the first word."""
        return self.answer[0] - 1 if self.question is None else self.question


def guides_of_turn(
    turn: TalkTurn,
    places: TurnPlaces,
    ids: Sequence[int],
    tokens: LlamaTokens,
    times_s: NDArray[np.float64],
) -> list[DialogueGuide]:
    """Of a learnt turn with videos; `ids` are the row's, `times_s` [T] are of the current video."""
    first, end = places.answer
    numbers = _numbers(ids[first:end], tokens)
    if turn.span_s is None:
        if turn.number is None:
            return []
        written = [begin for begin, _, value in numbers if value == turn.number]
        until = first + written[0] if written else first
        looking = torch.arange(places.looking, until)
        return [DialogueGuide(places.row, CHOICE, looking, places.videos, turn.number - 1, None)]
    inside = (times_s >= turn.span_s[0]) & (times_s <= turn.span_s[1])
    if not inside.any():
        inside[_nearest(sum(turn.span_s) / 2, times_s)] = True
    written = [n for n in numbers if n[2] in turn.span_s][-2:]
    until = first + written[0][0] if written else first
    looking = torch.arange(places.looking, until)
    frames = torch.from_numpy(np.tile(inside, (len(looking), 1)))
    found = [DialogueGuide(places.row, CHOICE, looking, places.videos, 0, frames)]
    timed: list[int] = []
    shown: list[NDArray[np.bool_]] = []
    for begin, stop, value in written:
        one = np.zeros(len(times_s), bool)
        one[_nearest(value, times_s)] = True
        for place in range(begin, stop):
            timed.append(first + place - 1)
            shown.append(one)
    if timed:
        frames = torch.from_numpy(np.stack(shown))
        found.append(
            DialogueGuide(places.row, TIMES, torch.tensor(timed), places.videos, 0, frames)
        )
    return found


def numbers_of_turn(
    places: TurnPlaces, widths: Sequence[int], ids: Sequence[int], tokens: LlamaTokens
) -> list[NumberGuide]:
    """Of the candidates of a turn, which have so many visual tokens each."""
    found: list[NumberGuide] = []
    for (_, first), width in zip(places.videos, widths, strict=True):
        at = first - 1
        while not tokens.decode([ids[at]]).strip().isdecimal():
            at -= 1
        found.append(NumberGuide(places.row, torch.arange(first, first + width), at))
    return found


def number_loss(heads: tuple[Tensor, Tensor], guides: Sequence[NumberGuide]) -> Tensor:
    """Mean of -log of the attention of head 0 that lies on the number, of all that came before."""
    query, key = heads
    if not guides:
        return query.sum() * 0
    lost: list[Tensor] = []
    for guide in guides:
        end = int(guide.places[-1]) + 1
        scores = query[guide.row, 0, guide.places] @ key[guide.row, 0, :end].T
        later = torch.arange(end, device=scores.device) > guide.places[:, None]
        scores = (scores / query.shape[-1] ** 0.5).masked_fill(later, float("-inf"))
        lost.append(-scores.log_softmax(dim=-1)[:, guide.number])
    return torch.cat(lost).mean()


def _numbers(ids: Sequence[int], tokens: LlamaTokens) -> list[tuple[int, int, float]]:
    """Numbers of an answer whose digits are apart: first and end token, and value."""
    texts = [tokens.decode([one]).strip() for one in ids]
    digits = [len(text) == 1 and text in "0123456789." for text in texts]
    edges = [place for place, (a, b) in enumerate(pairwise([False, *digits, False])) if a != b]
    found: list[tuple[int, int, float]] = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        text = "".join(texts[begin:end]).strip(".")
        if text.replace(".", "", 1).isdigit():
            found.append((begin, end, float(text)))
    return found


def _nearest(time_s: float, times_s: NDArray[np.float64]) -> int:
    return int(np.abs(times_s - time_s).argmin())


def guide_loss(
    heads: tuple[Tensor, Tensor], guides: Sequence[DialogueGuide], shares: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Mean of -log of the attention that lies where it should, of head 0 and of head 1.

    Attention is that over all that came before, words as well: a head that looks at words alone
    finds no candidate. `heads` are queries and keys [B,2,L,E], `shares` [T,K] a video of the batch:
    how much of each frame lies in each token.
    """
    query, key = heads
    lost: tuple[list[Tensor], list[Tensor]] = ([], [])
    for guide in guides:
        head, places = guide.head, guide.places
        end = int(places[-1]) + 1
        scores = query[guide.row, head, places] @ key[guide.row, head, :end].T
        later = torch.arange(end, device=scores.device) > places[:, None]
        scores = (scores / query.shape[-1] ** 0.5).masked_fill(later, float("-inf"))
        video, at = guide.videos[guide.right]
        share = shares[video]
        looked = scores.softmax(dim=-1)[:, at : at + share.shape[1]]
        if guide.frames is not None:
            looked = looked * (guide.frames.to(share.dtype) @ share).clamp(max=1)
        lost[head].append(-looked.sum(dim=-1).clamp_min(_LEAST).log())
    means = [torch.cat(one).mean() if one else query.sum() * 0 for one in lost]
    return means[0], means[1]
