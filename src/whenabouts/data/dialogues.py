"""Dialogues on disk in the form of IVCR-200K: read, chosen, cut into samples, written.

A file is one JSON list of `{"split", "type": [0..7], "conversations": [question, answer, ...]}`.
A question has `value` and `text_id`; an answer `value`, `video_id`, ten `candidate_videos`, best
first, and `gt_se`, which is [-1, -1] where a video is asked for and not a moment of it. Drawn
dialogues also say `lang`, and of each answer `fits`: every right video, the meant one first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from whenabouts.data.tables import read_json
from whenabouts.errors import DataError
from whenabouts.models.dialogue_text import Round, candidates_round, current_round

FILE = "IVCR-200K.json"
"""Name of the file in a dataset folder."""
CHAT = 0
"""The type of dialogues that are just talk: training and evaluation leave them out."""
SINGLE = 7
"""The type whose turns are chosen one by one."""
TURNS = 7
"""Most turns of a sample that training and evaluation look at."""
EXPANDED = 10
"""Most turns of a sample that the published files hold."""
NO_SPAN = (-1, -1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one turn: a video, perhaps a stretch of it, and words."""

    text: str
    video: str
    """Path below the folder of videos, with `/`."""
    candidates: tuple[str, ...]
    """What a retriever found for the text of the turn alone, best first."""
    span: tuple[float, float] | None = None
    """Start and end in seconds as the file has them; None: the video is asked for."""
    fits: tuple[str, ...] = ()
    """All videos that are right, where that is known."""

    @property
    def retrievable(self) -> bool:
        """Whether it can be found at all: among the candidates; for a moment, the first of them."""
        if self.span is None:
            return self.video in self.candidates
        return self.video in self.candidates[:1]


@dataclass(frozen=True, slots=True)
class Pair:
    """A turn of the user, and the answer."""

    text: str
    """As the file has it, blanks around it included: the published scores look it up."""
    answer: Answer
    text_id: str = ""

    def stripped(self) -> Pair:
        """Without the blanks around both texts, as models are given them."""
        answer = replace(self.answer, text=self.answer.text.strip())
        return replace(self, text=self.text.strip(), answer=answer)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation. `number` is its place in the file, by which predictions are joined to it."""

    number: int
    split: str
    kind: int
    """`type` of the file, 0 to 7."""
    rounds: tuple[Pair, ...]
    lang: str = ""


class _Words(BaseModel):
    model_config = ConfigDict(extra="ignore")
    from_: Literal["human"] = Field(alias="from")
    value: str
    text_id: str = ""


class _Found(BaseModel):
    model_config = ConfigDict(extra="ignore")
    from_: Literal["gpt"] = Field(alias="from")
    value: str
    video_id: str
    candidate_videos: list[str] = []
    gt_se: Annotated[list[float], Field(min_length=2, max_length=2)] = [-1, -1]
    fits: list[str] = []


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")
    split: str
    type: Annotated[list[int], Field(min_length=1)]
    conversations: list[Annotated[_Words | _Found, Field(discriminator="from_")]]
    lang: str = ""


_ENTRIES = TypeAdapter(list[_Entry])


def read(path: Path) -> list[Dialogue]:
    """All dialogues of a file, or of the folder that holds `IVCR-200K.json`."""
    file = path / FILE if path.is_dir() else path
    return [_dialogue(n, entry, str(file)) for n, entry in enumerate(read_json(file, _ENTRIES))]


def parse(entries: Sequence[dict[str, Any]]) -> list[Dialogue]:
    """Dialogues from the values of a file."""
    found = _ENTRIES.validate_python(list(entries))
    return [_dialogue(number, entry, "the entries") for number, entry in enumerate(found)]


def write(dialogues: Iterable[Dialogue], path: Path) -> None:
    """Write a file of the same form."""
    text = json.dumps([to_json(dialogue) for dialogue in dialogues], ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def to_json(dialogue: Dialogue) -> dict[str, Any]:
    """One entry of a file."""
    said: list[dict[str, Any]] = []
    for one in dialogue.rounds:
        said.append({"from": "human", "value": one.text, "text_id": one.text_id})
        answer: dict[str, Any] = {
            "from": "gpt",
            "value": one.answer.text,
            "video_id": one.answer.video,
            "candidate_videos": list(one.answer.candidates),
            "gt_se": list(NO_SPAN if one.answer.span is None else one.answer.span),
        }
        said.append(answer | ({"fits": list(one.answer.fits)} if one.answer.fits else {}))
    entry = {"split": dialogue.split, "type": [dialogue.kind], "conversations": said}
    return entry | ({"lang": dialogue.lang} if dialogue.lang else {})


def to_evaluate(
    dialogues: Iterable[Dialogue], split: str = "test", *, faults: bool = False
) -> list[Dialogue]:
    """The dialogues of a split that are evaluated: those whose first turn can be found at all.

    Of type 7 every turn that can be found is kept on its own. The published script keeps only the
    users' halves of these, so that none is left: `faults` has it so, with dialogues of no rounds.
    """
    found: list[Dialogue] = []
    for one in dialogues:
        if one.split != split or one.kind == CHAT or not one.rounds:
            continue
        if one.kind == SINGLE:
            kept = tuple(turn for turn in one.rounds if turn.answer.retrievable)
            if kept:
                found.append(replace(one, rounds=() if faults else kept))
        elif one.rounds[0].answer.retrievable:
            found.append(one)
    return found


def to_learn(dialogues: Iterable[Dialogue], split: str = "train") -> list[Dialogue]:
    """The dialogues that are learnt from: all of the split that are not just talk."""
    return [one for one in dialogues if one.split == split and one.kind != CHAT]


@dataclass(frozen=True, slots=True)
class Sample:
    """The first turns of a dialogue; the last of them is to be answered."""

    dialogue: int
    """Place of the dialogue in its file."""
    rounds: tuple[Pair, ...]

    @property
    def turn(self) -> int:
        """Which turn is to be answered, from 1."""
        return len(self.rounds)


def samples(dialogues: Iterable[Dialogue], most: int = TURNS) -> Iterator[Sample]:
    """A dialogue of n turns makes samples of 1, 2, ... n turns, at most `most`."""
    for one in dialogues:
        for turns in range(1, min(len(one.rounds), most) + 1):
            yield Sample(one.number, tuple(pair.stripped() for pair in one.rounds[:turns]))


def prompt_rounds(pairs: Sequence[Pair], numbered: Callable[[str], int | None]) -> list[Round]:
    """The turns as a model is given them, all with their answers.

    Args:
        pairs: turns of one dialogue.
        numbered: the number that an answer names. The video in view is shown under the number of
            the gold answer, as published; None where it names none.
    """
    return [
        candidates_round(pair.text, pair.answer.text, len(pair.answer.candidates))
        if pair.answer.span is None
        else current_round(pair.text, pair.answer.text, numbered(pair.answer.text))
        for pair in pairs
    ]


def shown(answer: Answer) -> tuple[str, ...]:
    """The videos that the model is shown for a turn: the candidates, or the one in view."""
    return answer.candidates if answer.span is None else (answer.video,)


def _dialogue(number: int, entry: _Entry, name: str) -> Dialogue:
    said = entry.conversations
    pairs = list(zip(said[0::2], said[1::2], strict=False))
    rounds: list[Pair] = []
    for question, answer in pairs:
        if not isinstance(question, _Words) or not isinstance(answer, _Found):
            raise DataError(
                f"dialogue {number} of {name}: turns are not by `human` and `gpt` in turn; each "
                "question needs its answer behind it"
            )
        rounds.append(Pair(question.value, _answer(answer), question.text_id))
    if len(said) != 2 * len(rounds):
        raise DataError(
            f"dialogue {number} of {name} ends with a question; every question needs its answer"
        )
    return Dialogue(number, entry.split, entry.type[0], tuple(rounds), entry.lang)


def _answer(found: _Found) -> Answer:
    start_s, end_s = found.gt_se
    return Answer(
        found.value,
        found.video_id,
        tuple(found.candidate_videos),
        None if (start_s, end_s) == NO_SPAN else (start_s, end_s),
        tuple(found.fits),
    )
