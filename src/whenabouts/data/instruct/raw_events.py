"""Events and highlights that a language model wrote about videos: the raw lines of VTG-IT.

One line a video: `{"path": ..., "prompt": ..., "response": ...}`, where prompt and response hold
JSON within JSON, often not quite right. The third list in the line is the response's. Times come in
any form ("1:02", "2 minutes 5 seconds", "end") and become seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from whenabouts.data.instruct.records import Record
from whenabouts.models.instructions import Lang, Peak, question, with_format
from whenabouts.models.phrases import Task
from whenabouts.models.prompts_en import ENGLISH

Kind = Literal["dvc", "tvg", "vhd", "vs"]
"""Dense captions, moments, highlights, summaries."""
KINDS: tuple[Kind, ...] = get_args(Kind)
_LIST = {"dvc": "events", "tvg": "events", "vhd": "highlights", "vs": "highlights"}
_TASK: dict[Kind, Task] = {
    "dvc": "dense captioning",
    "tvg": "moment retrieval",
    "vhd": "highlights",
    "vs": "summarisation",
}
POINTS = 10
"""Points that stand for an interval of highlights."""

_NUMBER = r"(\d+(?:\.\d+)?)"
_PATH = re.compile(r'"path": "(.*?)", "prompt"')
_END = re.compile(rf"{_NUMBER}(\s*-\s*)end\b", re.IGNORECASE)
_MINUTES = re.compile(r"(\d+) minutes?(?: (?:and )?(\d+) seconds?)?")
_CLOCK_MINUTES = re.compile(r"(?<!\d)(\d+):(\d{2}) minutes?")
_CLOCK = re.compile(r"(?<![\d.:])\d{1,2}(?::\d{2}){1,2}(?![\d:])")
_FAULTY_CLOCK = re.compile(r"\d{1,2}(?::\d{2}){0,2}")
_EVENT_OBJECT = re.compile(
    r'"Start - End(?: seconds)?": "(\d+) - (\d+)(?: seconds)?", '
    r'"(?:[Ee]vent(?: [Dd]escription)?)": "(.*?)"'
)
_EVENT = re.compile(rf'"\s*{_NUMBER} - {_NUMBER}(?: seconds?)?\s*[,:-]\s*(.*?)"')
_PEAK_OBJECT = re.compile(
    rf'"Second[^"]*": "?{_NUMBER}(?: seconds?)?"?, "[Ss]ignificance [Ss]core": "?{_NUMBER}"?'
)
_PEAK = re.compile(
    rf'"\s*{_NUMBER}(?: seconds?)?\s*[,:]\s*(?:significance score:\s*)?{_NUMBER}\s*,\s*.*?"'
)
_RANGE_PEAK = re.compile(
    rf'"\s*{_NUMBER} - {_NUMBER}(?: seconds?)?\s*[,:]\s*(?:significance score:\s*)?{_NUMBER}'
    r'\s*,\s*(.*?)"'
)


@dataclass(frozen=True, slots=True)
class RawSettings:
    """How raw lines are read."""

    faults: bool = False
    """Read as the published scripts do: minutes before clocks ("1:30 minutes" is garbled), numbers
    of one or two digits through `int`, and records without an answer."""
    lang: Lang = "en"
    """Language of the questions."""
    seed: int = 0


def raw_record(
    line: str, kind: Kind, duration_s: float | None = None, settings: RawSettings | None = None
) -> Record | None:
    """The record of one raw line; None where it tells nothing.

    `duration_s` is what "end" means; without it such an event is left out. Times stay plain numbers
    (`Record.numbered` makes tokens of them).
    """
    settings = settings or RawSettings()
    text = line.replace("\\n", "").replace("\\", "").replace(" " * 6, "")
    path = _PATH.search(text)
    lists = re.findall(rf'"{_LIST[kind]}": \[(.*?)\]', text)
    if path is None or len(lists) < 3 or not lists[2].strip():
        return None
    told = _in_seconds(lists[2], duration_s, faults=settings.faults)
    random = Random(f"{settings.seed} {kind} {path.group(1)}")
    answers = _ANSWERS[kind](told, random)
    if not answers and not settings.faults:
        return None
    if kind == "dvc":
        answers = [(" ".join(answer for answer, _ in answers), "")]
    turns = tuple((_question(kind, query, random, settings), answer) for answer, query in answers)
    return (
        Record(path.group(1), turns, f"VTG-IT-{kind.upper()}") if turns or settings.faults else None
    )


def raw_video(line: str) -> str | None:
    """The path of the video that a raw line is about."""
    found = _PATH.search(line.replace("\\", ""))
    return None if found is None else found.group(1)


def needs_length(line: str) -> bool:
    """Whether a raw line says "end" instead of a time."""
    return _END.search(line) is not None


def file_name(kind: Kind, records: int) -> str:
    """How the published scripts name the file of so many records.

    >>> file_name("tvg", 12345)
    'tvg_12k_v3.json'
    """
    version = {"tvg": "_v3", "vs": "_v2"}.get(kind, "")
    return f"{kind}_{records // 1000}k{version}.json"


def _question(kind: Kind, query: str, random: Random, settings: RawSettings) -> str:
    task = _TASK[kind]
    asked = question(task, random.choice, settings.lang, query=query)
    return with_format(asked, task, settings.lang) if random.random() < 0.5 else asked


def _in_seconds(text: str, duration_s: float | None, *, faults: bool) -> str:
    """The text with all its times in seconds."""
    if duration_s is not None:
        text = _END.sub(lambda found: f"{found[1]}{found[2]}{duration_s:.1f}", text)
    if not faults:
        # "1:30 minutes" before "30 minutes" is found in it.
        text = _CLOCK_MINUTES.sub(lambda found: str(60 * int(found[1]) + int(found[2])), text)
    text = _MINUTES.sub(lambda found: str(60 * int(found[1]) + int(found[2] or 0)), text)
    return (_FAULTY_CLOCK if faults else _CLOCK).sub(lambda found: _seconds(found.group()), text)


def _seconds(clock: str) -> str:
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return str(seconds)


Answers = list[tuple[str, str]]
"""Answers, each with what is looked for."""


def _events(text: str, _random: Random) -> Answers:
    found = _EVENT_OBJECT.findall(text) or _EVENT.findall(text)
    return [(f"{start} - {end} seconds, {_stopped(said)}", said) for start, end, said in found]


def _summary(text: str, random: Random) -> Answers:
    """Points of time alone; what the model said of them gives way to one of a few captions."""
    found = _PEAK_OBJECT.findall(text) or _PEAK.findall(text)
    if not found:
        return []
    caption = random.choice(ENGLISH.summaries)
    lines = [_line(Peak(0.0, 0.0, caption), time, marks) for time, marks in found]
    return [(" ".join(lines), caption)]


def _highlights(text: str, _random: Random) -> Answers:
    """Intervals alone, each as ten points of the same score."""
    found: Answers = []
    for start, end, marks, said in _RANGE_PEAK.findall(text):
        first, step = float(start), (float(end) - float(start)) / POINTS
        times = [str(first + step * i) for i in range(POINTS)]
        found.append((" ".join(_line(Peak(0, 0, said), time, marks) for time in times), said))
    return found


def _line(peak: Peak, time: str, marks: str) -> str:
    return f"{time} seconds, significance score: {marks}, {_stopped(peak.text)}"


def _stopped(said: str) -> str:
    return said if said.endswith(".") else f"{said}."


_ANSWERS: dict[Kind, Callable[[str, Random], Answers]] = {
    "dvc": _events,
    "tvg": _events,
    "vhd": _highlights,
    "vs": _summary,
}
