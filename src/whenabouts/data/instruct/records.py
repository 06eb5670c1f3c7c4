"""Instruction data on disk: the records of TimeIT, VTG-IT and Valley, read and written.

TimeIT and VTG-IT: a JSON list of `{"video", "QA": [{"q", "a"}, ...], "source"}`; VTG-IT writes
times as time tokens. Valley: `{"video", "conversations": [{"from", "value"}, ...], "source"}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from whenabouts.data.tables import read_json
from whenabouts.errors import DataError
from whenabouts.models.time_tokens import TIME_TOKENS, plain_times, printed_time, spell_number

Form = Literal["timeit", "vtg-it", "valley"]
Numbers = Literal["as written", "plain", "tokens"]
"""How times are wanted: as the file has them, as numbers, or as time tokens."""

_PARTS = ("instruct_*.json", "time_token.json")
"""Files of one set each. TimeIT's merged file repeats them and is read when it is named itself."""
_MERGED = "instruct_time-sensitive"
_VIDEO = re.compile(r"<video>\n?|\n<video>")
_TIMES = re.compile(r"(?<![\d.<])\d+(?:\.\d+)?(?:(?:, | - )\d+(?:\.\d+)?)*(?= ?(?:seconds?\b|秒))")
_GROUP = re.compile(f"(?:{'|'.join(TIME_TOKENS)})+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Record:
    """A video and what is asked about it."""

    video: str
    """Path below the folder of videos, with `/`."""
    turns: tuple[tuple[str, str], ...]
    """Question and answer, one after the other."""
    source: str = ""
    """Name of the set it comes from."""

    def numbered(self, numbers: Numbers) -> Record:
        """With its times as plain numbers or time tokens."""
        if numbers == "as written":
            return self
        change = print_times if numbers == "plain" else spell_times
        return replace(self, turns=tuple((change(q), change(a)) for q, a in self.turns))


def spell_times(text: str) -> str:
    """The text with the numbers before "seconds" as time tokens; other numbers stay.

    >>> spell_times("2 dogs in 5.0 seconds.").endswith(" seconds.")
    True
    """
    return _TIMES.sub(
        lambda found: _NUMBER.sub(lambda one: spell_number(one.group()), found.group()), text
    )


def print_times(text: str) -> str:
    """The text with each group of time tokens as a plain number.

    Blanks stay, unlike in what a model decodes (`time_tokens.plain_times`).

    >>> print_times(spell_times("2 dogs in 5.0 seconds."))
    '2 dogs in 5.0 seconds.'
    """
    return _GROUP.sub(lambda found: printed_time(float(plain_times(found.group()))), text)


class _Turn(BaseModel):
    q: str
    a: str


class _Instruct(BaseModel):
    video: str
    turns: list[_Turn] = Field(alias="QA")
    source: str = ""


class _Said(BaseModel):
    who: str = Field(alias="from")
    value: str


class _Conversation(BaseModel):
    video: str
    conversations: list[_Said]
    source: str = ""


_SHAPE = TypeAdapter(list[_Instruct | _Conversation])


def read_records(path: Path, leave_out: Sequence[str] = ()) -> list[Record]:
    """The records of a file of any of the forms, or of all sets below a folder.

    Sets below a folder are known by the folder that their file lies in; `leave_out` names some.
    """
    if path.is_file():
        return _read(path)
    files = sorted({file for name in _PARTS for file in path.rglob(name)})
    files = [file for file in files if not file.name.startswith(_MERGED)]
    if not files:
        raise DataError(
            f"{path} has no instructions: neither a file nor a folder with {' or '.join(_PARTS)}; "
            "name the JSON file itself"
        )
    wanted = [file for file in files if file.parent.name not in leave_out]
    return [_from_set(record, file.parent.name) for file in wanted for record in _read(file)]


def _from_set(record: Record, name: str) -> Record:
    return record if record.source else replace(record, source=name)


def _read(path: Path) -> list[Record]:
    found: list[Record] = []
    for number, item in enumerate(read_json(path, _SHAPE)):
        if isinstance(item, _Instruct):
            turns = [(turn.q, turn.a) for turn in item.turns]
        else:
            turns = _paired(item.conversations, path, number)
        if not turns:
            raise DataError(
                f"entry {number} of {path} asks nothing about {item.video!r}; take it out"
            )
        found.append(Record(item.video, tuple(turns), item.source))
    return found


def _paired(said: Sequence[_Said], path: Path, number: int) -> list[tuple[str, str]]:
    """Questions and answers, without the marks that stand for the video."""
    roles = [one.who for one in said]
    if roles != ["human", "gpt"] * (len(said) // 2):
        raise DataError(
            f"entry {number} of {path} is said by {', '.join(roles)}; turns go human, gpt, human, "
            "gpt: take it out"
        )
    texts = [_VIDEO.sub("", one.value) for one in said]
    return list(zip(texts[::2], texts[1::2], strict=True))


def write_records(path: Path, records: Iterable[Record], form: Form = "timeit") -> int:
    """Write the records and return how many; `vtg-it` looks like `timeit`."""
    lines = [_valley(record) if form == "valley" else _timeit(record) for record in records]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(lines, ensure_ascii=False, indent=1), encoding="utf-8")
    return len(lines)


def _timeit(record: Record) -> dict[str, Any]:
    turns = [{"q": question, "a": answer} for question, answer in record.turns]
    return {"video": record.video, "QA": turns, "source": record.source}


def _valley(record: Record) -> dict[str, Any]:
    said: list[dict[str, str]] = []
    for number, (question, answer) in enumerate(record.turns):
        mark = "<video>\n" if number == 0 else ""
        said += [{"from": "human", "value": mark + question}, {"from": "gpt", "value": answer}]
    return {"video": record.video, "conversations": said, "source": record.source}
