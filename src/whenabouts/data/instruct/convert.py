"""From what a dataset tells to questions and answers about times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from random import Random

from pydantic import Field

from whenabouts.data.instruct.records import Record
from whenabouts.data.instruct.told import Told, teller
from whenabouts.data.instruct.transcript import cleaned, read_transcript, told_lines
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import VIDEO_ENDINGS, Source
from whenabouts.errors import DataError
from whenabouts.models.instructions import (
    Lang,
    Style,
    events_answer,
    peak_lines_answer,
    peaks_answer,
    question,
    span_answer,
    speech_answer,
    with_format,
    with_speech,
)
from whenabouts.models.time_tokens import LONGEST_S
from whenabouts.settings import Settings


class ConvertSettings(Settings):
    """How instructions are written."""

    style: Style = "timeit"
    """`timeit`: times as numbers; `vtg-it`: as time tokens, highlights one by one."""
    lang: Lang = "en"
    """Language of questions and of what surrounds the captions, which stay as they are."""
    seed: int = 0
    """Chooses the wording of each question."""
    format_share: float = Field(default=0.5, ge=0, le=1)
    """Share of VTG-IT's questions that say how to write the answer."""


@dataclass(frozen=True, slots=True)
class Converted:
    """Records, and what became of the rest."""

    records: tuple[Record, ...]
    notes: tuple[str, ...]


def convert_dataset(
    name: str,
    folder: Path,
    split: str = "train",
    settings: ConvertSettings | None = None,
    places: DataSettings | None = None,
    transcripts: Path | None = None,
) -> Converted:
    """One split of a published dataset as instructions.

    `transcripts` has what is said, a file a video: it goes before the questions, as in the version
    of TimeIT with speech.

    Where `places` names a folder of videos, records have the paths below it, and what has no file
    there is left out and counted. Otherwise records have the names of the videos with `.mp4`.

    >>> convert_dataset("charades-sta", Path("charades"), "test")    # doctest: +SKIP
    """
    places = places or DataSettings()
    source = Source(name, folder, places)
    telling = teller(name)(source, split)
    if not telling.told:
        raise DataError(f"{name} has nothing in its split {split!r}; see docs/datasets.md")
    find = _named if places.videos is None else _finder(source, places.videos)
    asked = settings or ConvertSettings()
    converted = convert(telling.told, asked, name, find, transcripts)
    return Converted(converted.records, (*telling.notes, *converted.notes))


def convert(
    told: Sequence[Told],
    settings: ConvertSettings,
    source: str,
    find: Callable[[str], str | None],
    transcripts: Path | None = None,
) -> Converted:
    """A record for each thing that is told; `find` gives the path of a video, None without one."""
    records: list[Record] = []
    lost: Counter[str] = Counter()
    for number, one in enumerate(told):
        video = find(one.video)
        fault = "have no file of their video" if video is None else _fault(one, settings.style)
        if fault or video is None:
            lost[fault] += 1
            continue
        random = Random(f"{settings.seed} {number} {one.video}")
        asked = _question(one, settings, random)
        if transcripts is not None:
            said = cleaned(read_transcript(transcripts, video))
            asked = with_speech(asked, told_lines(said, settings.lang), settings.lang)
        records.append(Record(video, ((asked, _answer(one, settings)),), source))
    notes = [f"{count:,} of {len(told):,} {why} and are left out" for why, count in lost.items()]
    return Converted(tuple(records), tuple(notes))


def _fault(one: Told, style: Style) -> str:
    """What is wrong with its times; empty when nothing is."""
    times_s = one.times_s
    if not all(math.isfinite(time_s) and time_s >= 0 for time_s in times_s):
        return "have a time before 0"
    if any(event.end_s is not None and event.end_s < event.start_s for event in one.events):
        return "end before they start"
    if style == "vtg-it" and max(times_s) > LONGEST_S:
        return f"have times above {LONGEST_S} s"
    return ""


def _question(one: Told, settings: ConvertSettings, random: Random) -> str:
    single = one.task == "moment retrieval" and one.events[0].end_s is None
    asked = question(one.task, random.choice, settings.lang, query=one.query, single=single)
    told_so = settings.style == "vtg-it" and one.task in ("dense captioning", "highlights")
    if told_so and random.random() < settings.format_share:
        return with_format(asked, one.task, settings.lang)
    return asked


def _answer(one: Told, settings: ConvertSettings) -> str:
    lang, style = settings.lang, settings.style
    if one.task == "moment retrieval":
        return span_answer(one.events[0].start_s, one.events[0].end_s, lang, style)
    if one.task == "highlights" and style == "vtg-it":
        return peak_lines_answer(one.peaks, lang, style)
    if one.peaks:
        return peaks_answer(one.peaks, one.task, lang, style)
    if one.task == "speech":
        return speech_answer(one.events, lang, style)
    return events_answer(one.events, lang, style)


def _named(video: str) -> str:
    return video if _has_ending(video) else f"{video}.mp4"


def _has_ending(video: str) -> bool:
    """Whether it is the name of a file; names of videos may have dots too."""
    return PurePosixPath(video).suffix.lower() in VIDEO_ENDINGS


def _finder(source: Source, root: Path) -> Callable[[str], str | None]:
    def find(video: str) -> str | None:
        stem = PurePosixPath(video).stem if _has_ending(video) else video
        path = source.video([video], exact=True) or source.video([stem, stem.removeprefix("v_")])
        return None if path is None else path.relative_to(root).as_posix()

    return find
