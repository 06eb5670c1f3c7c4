"""Questions about times and the answers that a video LLM learns to give: values in, text out.

Two styles: `timeit` writes times as plain numbers (TimeChat), `vtg-it` as time tokens (VTG-LLM).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from whenabouts.models.phrases import Phrases, Task
from whenabouts.models.prompts_en import ENGLISH
from whenabouts.models.prompts_zh import CHINESE
from whenabouts.models.time_tokens import printed_time, spell_time

Lang = Literal["en", "zh"]
Style = Literal["timeit", "vtg-it"]
Pick = Callable[[Sequence[str]], str]
"""Chooses one of several, at random: `Random(seed).choice`."""

PHRASES: Mapping[Lang, Phrases] = {"en": ENGLISH, "zh": CHINESE}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens, in seconds; without an end where only its start is known."""

    start_s: float
    end_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Peak:
    """A moment and how salient or important it is, 1 to 5."""

    time_s: float
    score: float
    text: str = ""


def question(
    task: Task, pick: Pick, lang: Lang = "en", *, query: str = "", single: bool = False
) -> str:
    """One of the ways to ask for `task`; `single` asks for one time instead of a span.

    >>> question("moment retrieval", lambda ways: ways[1], query="a dog runs")
    "During which seconds can 'a dog runs' be seen?"
    """
    phrases = PHRASES[lang]
    ways = phrases.questions[task]
    if single:
        ways = tuple(way for way in ways if phrases.end_word not in way)
    # Not `format`: a query may have braces.
    return pick(ways).replace("{query}", query.strip().strip(phrases.stop))


def with_format(asked: str, task: Task, lang: Lang = "en") -> str:
    """The question, followed by the form that VTG-IT asks for; as it is where there is none."""
    return asked + PHRASES[lang].formats.get(task, "")


def with_speech(asked: str, said: str, lang: Lang = "en") -> str:
    """The question after what is said in the video (as `speech_lines` gives it).

    >>> with_speech("what happens?", "")
    'Transcribed speech: None. Based on the video content and possible transcribed speech, what \
happens?'
    """
    phrases = PHRASES[lang]
    head, _, tail = phrases.with_speech.partition("{question}")
    return head.replace("{speech}", said or phrases.no_speech) + asked + tail


def events_answer(events: Sequence[Event], lang: Lang = "en", style: Style = "timeit") -> str:
    """All events, each with its time and a sentence.

    >>> events_answer([Event(0, 7.94, "A man stands."), Event(8.9, None, "he sits")])
    '0.0 - 7.9 seconds, A man stands.  8.9 seconds, he sits.'
    """
    phrases = PHRASES[lang]
    told = [_event(event, phrases, style) for event in events]
    return (phrases.wide_between if style == "timeit" else phrases.between).join(told)


def span_answer(
    start_s: float, end_s: float | None, lang: Lang = "en", style: Style = "timeit"
) -> str:
    """When what was asked for happens.

    >>> span_answer(24.3, 30.4)
    'The given query happens in 24.3 - 30.4 seconds.'
    """
    phrases = PHRASES[lang]
    if end_s is None:
        return phrases.span_at.format(time=number(start_s, style))
    return phrases.span.format(start=number(start_s, style), end=number(end_s, style))


def absent_answer(lang: Lang = "en") -> str:
    """That what was asked for does not happen.

    >>> absent_answer()
    'The given query does not happen in the video.'
    """
    return PHRASES[lang].absent


def peaks_answer(
    peaks: Sequence[Peak], task: Task, lang: Lang = "en", style: Style = "timeit"
) -> str:
    """The highlights, or the moments of a summary, as two lists of times and scores."""
    phrases = PHRASES[lang]
    return (phrases.peaks if task == "highlights" else phrases.summary).format(
        count=len(peaks),
        times=phrases.comma.join(number(peak.time_s, style) for peak in peaks),
        scores=phrases.comma.join(score(peak.score) for peak in peaks),
    )


def peak_lines_answer(peaks: Sequence[Peak], lang: Lang = "en", style: Style = "vtg-it") -> str:
    """The same one by one, each with its score and text (VTG-IT's own form).

    Scores stay plain numbers: the published parser would read a time group as its last digits.
    """
    phrases = PHRASES[lang]
    told = [
        phrases.peak.format(
            time=number(peak.time_s, style), score=score(peak.score), text="{text}"
        ).replace("{text}", _bare(peak.text, phrases))
        for peak in peaks
    ]
    return phrases.between.join(told)


def speech_answer(events: Sequence[Event], lang: Lang = "en", style: Style = "timeit") -> str:
    """What is said, line by line."""
    phrases = PHRASES[lang]
    lines = phrases.between.join(_event(event, phrases, style) for event in events)
    return phrases.speech.replace("{lines}", lines)


def number(time_s: float, style: Style) -> str:
    """A time in s as this style writes it, with one decimal.

    >>> number(5, "timeit")
    '5.0'
    """
    return spell_time(time_s) if style == "vtg-it" else printed_time(time_s)


def score(value: float) -> str:
    """A score with one decimal."""
    return printed_time(value)


def _event(event: Event, phrases: Phrases, style: Style) -> str:
    start = number(event.start_s, style)
    if event.end_s is None:
        filled = phrases.event_at.format(time=start, text="{text}")
    else:
        end = number(event.end_s, style)
        filled = phrases.event.format(start=start, end=end, text="{text}")
    return filled.replace("{text}", _bare(event.text, phrases))


def _bare(text: str, phrases: Phrases) -> str:
    """A sentence without its full stop, which the form has."""
    return " ".join(text.split()).rstrip(" ." + phrases.stop)
