"""Questions about times, and open ones, with the answers that a video LLM should give."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from whenabouts.models.instructions import (
    Event,
    Lang,
    Peak,
    Style,
    absent_answer,
    events_answer,
    peak_lines_answer,
    peaks_answer,
    question,
    span_answer,
    speech_answer,
    with_format,
)
from whenabouts.models.phrases import Task
from whenabouts.models.prompts_en import ENGLISH
from whenabouts.models.prompts_zh import CHINESE
from whenabouts.shapeworld.ask import put
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.forms_time import distinct_queries
from whenabouts.shapeworld.highlights import CLIP_S, important_clips, prominence, rate
from whenabouts.shapeworld.questions import Asked as About
from whenabouts.shapeworld.questions import Kind, ask_about
from whenabouts.shapeworld.say import Query, absent_query, event_caption, scene_caption
from whenabouts.shapeworld.script import Script
from whenabouts.types import Span

Asked = Task | Literal["question"]
"""What is practised: a task about times, or an open question."""
KINDS: tuple[Kind, ...] = get_args(Kind)
SUMMARY_SHARE = 0.15
"""Share of a video's 2 s clips that a summary keeps."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One question about a video, its answer, and the truth behind it."""

    task: Asked
    text: str
    answer: str
    query: str = ""
    """What is looked for."""
    events: tuple[Event, ...] = ()
    """In seconds, in order."""
    marks: tuple[tuple[int, tuple[int, int, int]], ...] = ()
    """For highlights: each relevant 2 s clip with three raters' scores, 0 to 4."""
    spans: tuple[Span, ...] = ()
    """For an open question: where its answer can be seen."""
    about: About | None = None
    """What an open question is about, without words."""


def lessons(script: Script, lang: Lang, dice: Dice, style: Style = "timeit") -> list[Lesson]:
    """Everything that can be asked about a video: all tasks, in one language and style."""
    teacher = _Teacher(script, lang, dice, style)
    found = [teacher.captions(), teacher.steps(), teacher.summary()]
    for query in distinct_queries(script, lang, dice):
        found.append(teacher.moment(query))
        found += teacher.highlights(query)
    found += teacher.speech()
    found += teacher.questions()
    return found


def absent_moment(script: Script, lang: Lang, dice: Dice) -> Lesson:
    """When something happens that never does; the answer says so."""
    query = absent_query(script, lang, dice).text
    asked = question("moment retrieval", dice.pick, lang, query=query)
    return Lesson("moment retrieval", asked, absent_answer(lang), query)


@dataclass(frozen=True, slots=True)
class _Teacher:
    script: Script
    lang: Lang
    dice: Dice
    style: Style

    def captions(self) -> Lesson:
        """All main events, one by one."""
        script, lang = self.script, self.lang
        events = tuple(
            Event(e.span.start_s, e.span.end_s, event_caption(script, e, lang, self.dice).text)
            for e in script.main_events
        )
        answer = events_answer(events, lang, self.style)
        return Lesson("dense captioning", self._ask("dense captioning"), answer, events=events)

    def steps(self) -> Lesson:
        """The scenes as the steps of the video."""
        events = tuple(
            Event(scene.span.start_s, scene.span.end_s,
                  scene_caption(self.script, place, self.lang, self.dice).text)
            for place, scene in enumerate(self.script.scenes)
        )  # fmt: skip
        answer = events_answer(events, self.lang, self.style)
        return Lesson("step localisation", self._ask("step localisation"), answer, events=events)

    def moment(self, query: Query) -> Lesson:
        """When something happens that happens once."""
        span = query.spans[0]
        event = Event(span.start_s, span.end_s, query.text)
        answer = span_answer(span.start_s, span.end_s, self.lang, self.style)
        asked = self._ask("moment retrieval", query.text)
        return Lesson("moment retrieval", asked, answer, query.text, (event,))

    def highlights(self, query: Query) -> Iterator[Lesson]:
        """The clips that show it, if any does."""
        rated = rate(self.script, query, self.dice)
        if not rated.clips:
            return
        peaks = [
            Peak(CLIP_S * clip, sum(marks) / len(marks), query.text)
            for clip, marks in zip(rated.clips, rated.scores, strict=True)
        ]
        if self.style == "vtg-it":
            answer = peak_lines_answer(peaks, self.lang, self.style)
        else:
            answer = peaks_answer(peaks, "highlights", self.lang, self.style)
        marks = tuple(zip(rated.clips, rated.scores, strict=True))
        yield Lesson(
            "highlights", self._ask("highlights", query.text), answer, query.text, marks=marks
        )

    def summary(self) -> Lesson:
        """The clips that a summary keeps, 1 to 5 by how much there is to see."""
        count = max(1, math.floor(SUMMARY_SHARE * self.script.duration_s / CLIP_S))
        caption = self.dice.pick((CHINESE if self.lang == "zh" else ENGLISH).summaries)
        peaks = [
            Peak(clip.start_s, 1 + 4 * prominence(self.script, clip.start_s + CLIP_S / 2), caption)
            for clip in important_clips(self.script, count)
        ]
        if self.style == "vtg-it":
            answer = peak_lines_answer(peaks, self.lang, self.style)
        else:
            answer = peaks_answer(peaks, "summarisation", self.lang, self.style)
        return Lesson("summarisation", self._ask("summarisation"), answer)

    def speech(self) -> Iterator[Lesson]:
        """What is said in this language, if anything is."""
        events = tuple(
            Event(line.span.start_s, line.span.end_s, line.text)
            for scene in self.script.scenes
            for line in scene.spoken
            if line.lang == self.lang
        )
        if events:
            answer = speech_answer(events, self.lang, self.style)
            yield Lesson("speech", self._ask("speech"), answer, events=events)

    def questions(self) -> Iterator[Lesson]:
        """An open question of each kind that the video offers."""
        for kind in KINDS:
            about = ask_about(self.script, kind, self.dice)
            if about is not None:
                asked = put(about, self.lang, self.dice)
                yield Lesson("question", asked.text, asked.short, spans=asked.spans, about=about)

    def _ask(self, task: Task, query: str = "") -> str:
        asked = question(task, self.dice.pick, self.lang, query=query)
        told_so = self.style == "vtg-it" and task in ("dense captioning", "highlights")
        return with_format(asked, task, self.lang) if told_so and self.dice.chance(0.5) else asked
