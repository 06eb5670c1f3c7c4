"""Candidates of dialogues from one's own retriever; the numbers in the answers are kept right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from whenabouts.data.dialogues import CHAT, Dialogue, Pair

CANDIDATES = 10
_NUMBER = re.compile(r"\b(video\s+)(?:10|[0-9])\b", re.IGNORECASE)

Find = Callable[[str], list[str]]
"""The words of one turn alone to videos, best first."""


@dataclass(slots=True)
class Found:
    """How the retriever did: turns that ask for a video, by the place of the right one."""

    asked: int = 0
    first: int = 0
    """The right video came first."""
    among: int = 0
    """It came among the candidates."""
    put_in: int = 0
    """It did not, and was put in at the last place."""


def with_candidates(
    dialogues: Iterable[Dialogue], find: Find, found: Found, *, most: int = CANDIDATES
) -> Iterator[Dialogue]:
    """The same dialogues with what `find` brings for each turn.

    A gold answer names the place of its video among the new candidates; about a moment, the number
    under which the video was shown last, or 1. What is not found is put in at the last place in
    training alone: elsewhere it stays a failure of retrieval, and its answer keeps its number.
    `found` counts.
    """
    for one in dialogues:
        if one.kind == CHAT:
            yield one
            continue
        numbers: dict[str, int] = {}
        pairs: list[Pair] = []
        for pair in one.rounds:
            listed = list(dict.fromkeys(find(pair.text.strip())))[:most]
            learnt = one.split == "train"
            pairs.append(_renewed(pair, listed, numbers, found, most if learnt else 0))
        yield replace(one, rounds=tuple(pairs))


def _renewed(
    pair: Pair, listed: list[str], numbers: dict[str, int], found: Found, fill: int
) -> Pair:
    """One turn with these candidates; `fill`: how many there may be with the right one put in."""
    answer = pair.answer
    if answer.span is not None:
        if numbers or fill:
            # The video in view is what the turn is about, whatever its words alone would find. A
            # dialogue that begins with a moment has none in view: the first one found is it.
            listed = [answer.video, *(video for video in listed if video != answer.video)]
        number: int | None = numbers.get(answer.video, 1)
    else:
        found.asked += 1
        found.first += listed[:1] == [answer.video]
        found.among += answer.video in listed
        if answer.video not in listed and fill:
            listed = [*listed[: fill - 1], answer.video]
            found.put_in += 1
        number = listed.index(answer.video) + 1 if answer.video in listed else None
        numbers |= {video: n for n, video in enumerate(listed, 1)}
    text = answer.text
    if number is not None:
        text = _NUMBER.sub(lambda match: f"{match[1]}{number}", text, count=1)
    return replace(pair, answer=replace(answer, text=text, candidates=tuple(listed)))
