"""The text of a dialogue about several videos, learnt and asked alike: LLaMA-2's chat template.

One `<VIDEOTOKEN>` stands for a video and becomes as many places as the video has visual tokens.
Source: the model of IVCR-200K.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED, harmless
from whenabouts.models.frame_times import video_sentence
from whenabouts.models.llama_tokens import VIDEO_PLACE, LlamaTokens

DIALOGUE_TOKENS = ("<VID>", "</VID>", "<VIDEO>", "</VIDEO>", VIDEO_PLACE)
"""In the order of their ids, behind the vocabulary."""
DIALOGUE_SYSTEM = "You are an excellent video retrieval AI assistant."
CANDIDATES = 10
"""Videos of a turn that looks for one."""
_START, _END = "<s>", "</s>"
_OPEN, _CLOSE = "[INST]", "[/INST]"
_NUMBERS = {
    0: re.compile(r"\bvideo\s+(10|[0-9])\b", re.IGNORECASE),
    1: re.compile(r"\bvideo\s+(10|[1-9])\b", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of the user with what is shown beside it, and the answer."""

    question: str
    answer: str | None = None
    """None: it is asked for."""
    numbers: tuple[int | None, ...] = ()
    """Under which numbers videos are shown, in order. None where a gold answer named none."""
    times: tuple[str, ...] | None = None
    """Printed times of the frames of the current video; None: the videos are candidates, or the
    times are not told."""
    current: bool = False
    """The one video is the current one, not a candidate."""

    @property
    def shown(self) -> str:
        """What stands before the question."""
        if not self.numbers:
            return ""
        items = ",".join(f"<VID> {n} </VID> <VIDEO> {VIDEO_PLACE} </VIDEO>" for n in self.numbers)
        told = "" if self.times is None else f" {video_sentence(self.times).rstrip()}"
        return f"{'Current video' if self.current else 'Candidate videos'} : {items}.{told}"

    def unseen(self) -> Round:
        """The same words without the videos."""
        return replace(self, numbers=(), times=None, current=False)

    def typed(self) -> Round:
        """The same, what people typed and models wrote having no mark of the template in it."""
        marks = (*DIALOGUE_TOKENS, _START, _END, _OPEN, _CLOSE)
        answer = None if self.answer is None else harmless(self.answer, marks)
        return replace(self, question=harmless(self.question, marks), answer=answer)


def candidates_round(question: str, answer: str | None = None, count: int = CANDIDATES) -> Round:
    """A turn that looks for one of `count` videos."""
    return Round(question, answer, tuple(range(1, count + 1)))


def current_round(
    question: str,
    answer: str | None = None,
    number: int | None = 1,
    times: Sequence[str] | None = None,
) -> Round:
    """A turn about one video, last shown under `number`, with the printed times of its frames."""
    told = None if times is None else tuple(times)
    return Round(question, answer, (number,), told, current=True)


def video_number(answer: str, least: Literal[0, 1] = 0) -> int | None:
    """The first `video k` with k of `least` to 10; evaluation takes 0 for a number, training not.

    The current video of a prompt stands under the number that the right answer names.

    >>> video_number("The query matches Video 4."), video_number("the 12th video")
    (4, None)
    """
    found = _NUMBERS[least].search(answer)
    return int(found[1]) if found else None


def dialogue_text(rounds: Sequence[Round], system: str = DIALOGUE_SYSTEM) -> str:
    """All rounds, `<s>` included; ends where the answer begins if the last one has none."""
    parts: list[str] = []
    for place, one in enumerate(rounds):
        said = f"{one.shown}{one.question}"
        if place == 0:
            said = f"<<SYS>>\n{system}\n<</SYS>>\n\n{said}"
        parts.append(f"{_START}{_OPEN} {said.strip()} {_CLOSE}")
        if one.answer is not None:
            parts.append(f" {one.answer.strip()} {_END}")
        elif place + 1 < len(rounds):
            raise InputError(f"turn {place + 1} of {len(rounds)} has no answer; only the last may")
    return "".join(parts)


def dialogue_ids(
    rounds: Sequence[Round], tokens: LlamaTokens, system: str = DIALOGUE_SYSTEM
) -> list[int]:
    """Ids of all rounds, with one place a video."""
    return tokens.encode(dialogue_text(rounds, system), start=False)


def answer_places(ids: Sequence[int], tokens: LlamaTokens) -> list[tuple[int, int]]:
    """Where each answer stands in a whole dialogue, its end included: [first, end) in order."""
    mark = tokens.encode(_CLOSE, start=False)
    width = len(mark)
    found: list[tuple[int, int]] = []
    for first in range(width, len(ids) + 1):
        if list(ids[first - width : first]) == mark:
            rest = list(ids[first:])
            length = rest.index(tokens.end_id) + 1 if tokens.end_id in rest else len(rest)
            found.append((first, first + length))
    return found


def answer_labels(
    ids: Sequence[int], tokens: LlamaTokens, learnt: Sequence[bool] | None = None
) -> list[int]:
    """Labels of a whole dialogue: the last answer alone, or those that `learnt` says, in order."""
    places = answer_places(ids, tokens)
    if not places:
        raise InputError("the dialogue has no turn of the user; nothing of it is learnt")
    wanted = [*[False] * (len(places) - 1), True] if learnt is None else learnt
    labels = [IGNORED] * len(ids)
    for (first, end), wants in zip(places, wanted, strict=True):
        if wants:
            labels[first:end] = ids[first:end]
    return labels


def widen(
    ids: Sequence[int], labels: Sequence[int], place_id: int, counts: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Ids and labels with as many places a video as `counts` say, none of them learnt."""
    places = sum(one == place_id for one in ids)
    if places != len(counts):
        raise InputError(f"the dialogue has {places} places for {len(counts)} videos")
    left = iter(counts)
    wide_ids: list[int] = []
    wide_labels: list[int] = []
    for one, label in zip(ids, labels, strict=True):
        count = next(left) if one == place_id else 1
        wide_ids += [one] * count
        wide_labels += [IGNORED if one == place_id else label] * count
    return wide_ids, wide_labels
