"""Which times the tokens of an answer are about: what guided attention teaches to look at.

All of it is read from the answers: a time is a number before "seconds" or a group of time tokens,
two of them with a dash between are a span, and the words behind a time are about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from whenabouts.data.instruct.records import spell_times
from whenabouts.models.chat_text import IGNORED
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.time_tokens import TIME_TOKENS

Times = tuple[float, float]
"""Start and end in s; the same for a point."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SPELLED = re.compile(rf"(?P<time>(?:{'|'.join(TIME_TOKENS)})+)|{_NUMBER.pattern}")
_DASHES = frozenset("-–—~至到")
_OTHER = "x"


@dataclass(frozen=True, slots=True)
class Target:
    """What to look at, in s; None where there is nothing to teach."""

    time_s: float | None = None
    """When this token is about to be written: the time that it is a part of."""
    span_s: Times | None = None
    """When this token has been read: what the text speaks of."""
    answer_tokens: int = 1
    """Length of the answer that it belongs to."""


NOWHERE = Target()


@dataclass(frozen=True, slots=True)
class _Time:
    first: int
    end: int
    value_s: float


class TargetFinder:
    """Finds them for one tokenizer."""

    def __init__(self, tokens: LlamaTokens, *, time_tokens: bool, questions: bool = False) -> None:
        """With `questions` their words are taught too, where an answer is about one stretch."""
        self._tokens = tokens
        self.questions = questions
        self._spelled = time_tokens
        if time_tokens:
            named = zip(TIME_TOKENS, "0123456789.", strict=True)
            self._character = {tokens.id_of(token): one for token, one in named}
            return
        texts = ((i, tokens.decode([i]).strip()) for i in range(tokens.vocab_tokens))
        self._character = {i: text for i, text in texts if len(text) == 1 and text in "0123456789."}

    def __call__(
        self,
        ids: Sequence[int],
        labels: Sequence[int],
        answers: Sequence[str],
        shown: Sequence[Times | None] = (),
    ) -> list[Target]:
        """A target a token. `answers` in their order; `shown` says of each what it is about.

        Without `shown` an answer with one time is about that time; one with several or none is
        about nothing as a whole.
        """
        found = [NOWHERE] * len(ids)
        about = [*shown, *[None] * (len(answers) - len(shown))]
        asked = 0
        for (first, end), answer, whole in zip(_runs(labels), answers, about, strict=False):
            whole = self._answer(found, ids, (first, end), answer, whole)
            if self.questions and whole is not None:
                for index in range(self._question(ids, asked, first), first - 1):
                    found[index] = Target(span_s=whole, answer_tokens=end - first)
            asked = end
        return found

    def _question(self, ids: Sequence[int], asked: int, first: int) -> int:
        """Where the words begin that stand before an answer: behind the video, if it is there."""
        images = (at for at in range(first - 1, asked - 1, -1) if ids[at] == self._tokens.image_id)
        return next(images, asked - 1) + 1

    def _answer(
        self,
        found: list[Target],
        ids: Sequence[int],
        place: tuple[int, int],
        answer: str,
        whole: Times | None,
    ) -> Times | None:
        """Fill in what an answer is about; the stretch that all of it is about, if there is one."""
        first, end = place
        length = end - first
        times = self._times(ids, first, end, answer)
        for time in times:
            for index in range(time.first, time.end):
                found[index] = replace(found[index], time_s=time.value_s, answer_tokens=length)
        events = self._events(ids, times)
        if whole is None and len(events) == 1:
            whole = events[0][1]
        if whole is not None:
            for index in range(max(0, first - 1), end):
                found[index] = replace(found[index], span_s=whole, answer_tokens=length)
            return whole
        borders = [at for at, _ in events] + [end]
        starts = {time.first for time in times}
        for (at, span), (_, until) in zip(events, pairwise(borders), strict=True):
            stop = min((start for start in starts if at <= start < until), default=until)
            for index in range(at, stop):
                found[index] = replace(found[index], span_s=span, answer_tokens=length)
        return None

    def _times(self, ids: Sequence[int], first: int, end: int, answer: str) -> list[_Time]:
        """The times of an answer and where they stand."""
        read = "".join(self._character.get(one, _OTHER) for one in ids[first:end])
        groups = list(_NUMBER.finditer(read))
        if self._spelled:
            kept = groups
        else:
            said = list(_SPELLED.finditer(spell_times(answer)))
            # A cut answer has fewer numbers than were said.
            kept = [g for g, number in zip(groups, said, strict=False) if number["time"]]
        return [_Time(first + g.start(), first + g.end(), float(g.group())) for g in kept]

    def _events(self, ids: Sequence[int], times: Sequence[_Time]) -> list[tuple[int, Times]]:
        """Spans and points: the place behind each, and its times."""
        found: list[tuple[int, Times]] = []
        place = 0
        while place < len(times):
            start = times[place]
            after = times[place + 1] if place + 1 < len(times) else None
            dash = after and self._tokens.decode(ids[start.end : after.first]).strip()
            if after and dash in _DASHES:
                low, high = sorted((start.value_s, after.value_s))
                found.append((after.end, (low, high)))
                place += 2
            else:
                found.append((start.end, (start.value_s, start.value_s)))
                place += 1
        return found


def _runs(labels: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches [first, end) of tokens that are learnt: one an answer."""
    learnt = [False, *(label != IGNORED for label in labels), False]
    edges = [place for place, (a, b) in enumerate(pairwise(learnt)) if a != b]
    return list(zip(edges[::2], edges[1::2], strict=True))
