"""A video LLM that follows a dialogue about a library: picks a video, points at a moment, talks.

It sees candidates or a current video beside any turn, as visual tokens that were made before; no
file is opened here. Source: the model of IVCR-200K.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import torch

from whenabouts.errors import InputError
from whenabouts.metrics.answers.dialogue import named_video
from whenabouts.metrics.answers.strict import read_span
from whenabouts.models.dialogue_room import within
from whenabouts.models.dialogue_text import (
    Round,
    candidates_round,
    current_round,
    dialogue_ids,
    widen,
)
from whenabouts.models.frame_times import times_in
from whenabouts.types import Span

if TYPE_CHECKING:
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.models.seen import Seen
    from whenabouts.systems.video_llm import VideoChat

By = Literal["likelihood", "generation"]
"""How a candidate is picked: by the number that is most probable where the answer names one, which
ranks them all; or by the number that the model writes."""
_LEAD = "video"
_BARE = (_LEAD, ".")
"""What an answer says in front of the number and behind it; the full stop parts 1 from 10."""

_BEHIND = re.compile(r"\s*[^\s\d]")

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A turn with what was seen of the videos beside it, in the order of its numbers."""

    round: Round
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model answered to a turn."""

    text: str
    notes: tuple[str, ...] = ()
    """What was left out of a long conversation."""


@dataclass(frozen=True, slots=True)
class Picked(Heard):
    """Which candidate it was."""

    number: int | None = None
    """From 1; None where the answer names none of them."""
    shares: tuple[float, ...] = ()
    """How probable each candidate is, 1 together; empty if only the written number is known."""


@dataclass(frozen=True, slots=True)
class Pointed(Heard):
    """Where in the current video it was."""

    span: Span | None = None
    """None where the answer names no time."""


class DialogueChat:
    """Asks a video LLM of dialogues. What it has read of one conversation is not read again."""

    def __init__(self, chat: VideoChat, answer: GenerateSettings | None = None) -> None:
        """`answer` says how answers are drawn; None: as the model's settings have it."""
        if chat.settings.talk != "dialogue":
            raise InputError(
                f"{chat.settings.name} follows no dialogues about several videos; take a model "
                "of `whenabouts convert ivcr`, or one trained on dialogues"
            )
        self._chat = chat
        self._answer = answer or chat.settings.answer
        room = min(self._answer.context_tokens, chat.sizes.language.context_tokens)
        self._room = room - min(self._answer.new_tokens, room // 4)

    @property
    def name(self) -> str:
        """Name for people."""
        return self._chat.settings.name

    def pick(
        self,
        before: Sequence[Shown],
        question: str,
        candidates: Sequence[Seen],
        by: By = "likelihood",
        on_text: OnText | None = None,
    ) -> Picked:
        """Which of the candidates the question means, after the turns before it."""
        if not candidates:
            raise InputError("there is nothing to pick from; give at least one candidate")
        asked = Shown(candidates_round(question, None, len(candidates)), tuple(candidates))
        text, raw, notes = self._write([*before, asked], on_text)
        number = named_video(text, len(candidates))
        if by == "generation":
            return Picked(text, notes, number)
        shares = self._shares([*before, asked], _around(raw, number), len(candidates))
        return Picked(text, notes, max(range(len(shares)), key=shares.__getitem__) + 1, shares)

    def rank(
        self, before: Sequence[Shown], question: str, candidates: Sequence[Seen]
    ) -> tuple[float, ...]:
        """How probable each candidate is, without an answer: by `video 1.`, `video 2.` ..."""
        asked = Shown(candidates_round(question, None, len(candidates)), tuple(candidates))
        return self._shares([*before, asked], _BARE, len(candidates))

    def point(
        self,
        before: Sequence[Shown],
        question: str,
        seen: Seen,
        duration_s: float,
        number: int = 1,
        on_text: OnText | None = None,
    ) -> Pointed:
        """When in a video that happens which the question asks for.

        `number` is the one under which the video was shown last; `duration_s` cuts the answer.
        """
        asked = Shown(current_round(question, None, number, _times(seen)), (seen,))
        text, _, notes = self._write([*before, asked], on_text)
        reading = read_span(text, duration_s)
        span = reading.events[0].span if reading.events else None
        return Pointed(text, (*notes, *reading.problems), span)

    def say(self, before: Sequence[Shown], question: str, on_text: OnText | None = None) -> Heard:
        """An answer in words to a turn that no video is shown with."""
        text, _, notes = self._write([*before, Shown(Round(question))], on_text)
        return Heard(text, notes)

    # Asking.

    def _write(
        self, turns: Sequence[Shown], on_text: OnText | None
    ) -> tuple[str, str, tuple[str, ...]]:
        """The answer for people, as written, and notes."""
        prompt, embedded, notes = self._prompt(turns)
        answer = self._chat.write(prompt, embedded, self._answer, on_text)
        return answer.text, answer.raw, notes

    def _shares(
        self, turns: Sequence[Shown], around: tuple[str, str], count: int
    ) -> tuple[float, ...]:
        """Shares of the candidates by the likelihood of their numbers between `around`."""
        prompt, embedded, _ = self._prompt(turns)
        tokens = self._chat.tokens
        last = turns[-1].round.typed()
        bare = replace(last, numbers=(), times=None, current=False)
        start = dialogue_ids([bare], tokens)
        options: list[list[int]] = []
        for number in range(1, count + 1):
            named = f"{around[0]} {number}{around[1]}"
            told = dialogue_ids([replace(bare, answer=named)], tokens)
            options.append(told[len(start) : len(told) - _end(told, tokens.end_id)])
        scores = self._chat.continuations(prompt, embedded, options)
        best = max(scores)
        weights = [math.exp(score - best) for score in scores]
        return tuple(weight / sum(weights) for weight in weights)

    def _prompt(self, turns: Sequence[Shown]) -> tuple[list[object], torch.Tensor, tuple[str, ...]]:
        """What stands at each position, the embedded prompt, and what was left out."""
        chat = self._chat
        rounds = [one.round.typed() for one in turns]
        counts = [tuple(len(seen.tokens) for seen in one.seen) for one in turns]
        kept, places, notes = within(rounds, counts, self._length, self._room)
        seen = [s for r, p in zip(kept, places, strict=True) if r.numbers for s in turns[p].seen]
        ids = dialogue_ids(kept, chat.tokens, chat.settings.system)
        wide, _ = widen(ids, ids, chat.tokens.image_id, [len(one.tokens) for one in seen])
        visual = iter([(one, place) for one in seen for place in range(len(one.tokens))])
        place = chat.tokens.image_id
        prompt: list[object] = [next(visual) if one == place else one for one in wide]
        device = chat.device
        with torch.inference_mode():
            embedded = chat.model.embed_videos(
                torch.tensor([wide], device=device),
                [torch.from_numpy(one.tokens).to(device) for one in seen],
                chat.tokens.image_id,
            )
        return prompt, embedded[0], tuple(notes)

    def _length(self, rounds: Sequence[Round], counts: Sequence[Sequence[int]]) -> int:
        """Positions of a prompt."""
        ids = dialogue_ids(rounds, self._chat.tokens, self._chat.settings.system)
        return len(ids) + sum(count - 1 for one in counts for count in one)


def current(question: str, answer: str, number: int, seen: Seen) -> Shown:
    """An earlier turn about the current video."""
    return Shown(current_round(question, answer, number, _times(seen)), (seen,))


def candidates(question: str, answer: str, seen: Sequence[Seen]) -> Shown:
    """An earlier turn with candidates."""
    return Shown(candidates_round(question, answer, len(seen)), tuple(seen))


def _times(seen: Seen) -> tuple[str, ...] | None:
    """The times that the prompt tells; small models know them from their tables."""
    return times_in(seen.message) if seen.message else None


def _around(raw: str, number: int | None) -> tuple[str, str]:
    """The answer up to where it names a video, and what stands behind the number."""
    if number is None:
        return _BARE
    head, mark, rest = raw.partition(f"{_LEAD} {number}")
    behind = _BEHIND.match(rest)
    return (f"{head}{_LEAD}", behind.group()) if mark and behind else _BARE


def _end(ids: Sequence[int], end_id: int) -> int:
    """How many ids close an answer: the blank before `</s>` and `</s>`."""
    return 2 if ids[-1] == end_id else 0
