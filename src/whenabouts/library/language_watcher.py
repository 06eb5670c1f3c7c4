"""A video language model that watches single videos: asked in words, its answers read for times.

What it sees of a video is computed once and kept, so a second question does not open the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.library.facts import language_of
from whenabouts.library.frame_watcher import FrameWatcher, stretches
from whenabouts.library.kept_looks import KeptLooks
from whenabouts.library.query import checked
from whenabouts.metrics.answers.strict import (
    clip_scores,
    read_events,
    read_highlights,
    read_span,
)
from whenabouts.metrics.highlights import CLIP_S
from whenabouts.models.instructions import Lang, question
from whenabouts.models.phrases import Task
from whenabouts.models.prompts_published import filled, published_prompt
from whenabouts.protocols import Told
from whenabouts.types import Act, Curve, Evidence, Moment, Span, Turn, Video

if TYPE_CHECKING:
    from whenabouts.models.generate_settings import GenerateSettings
    from whenabouts.systems.video_llm import VideoChat

STEP_S = 4.0
"""Frames further apart than this would miss events: longer videos are watched in windows."""
OVERLAP = 0.1
"""Share of a window that the next one shows again."""

OnText = Callable[[str], None]


@dataclass(slots=True)
class _Heard:
    """What the windows of one question say."""

    notes: list[str]
    texts: list[str] = field(default_factory=list[str])

    def told(self, act: Act, moments: tuple[Moment, ...], curve: Curve | None = None) -> Told:
        """All of it, each note once."""
        turn = Turn("assistant", "\n".join(self.texts), act, moments)
        return Told(turn, curve, tuple(dict.fromkeys(self.notes)))


class LanguageWatcher:
    """A `Watcher` on a video LLM."""

    def __init__(
        self,
        chat: VideoChat,
        folder: Path | None = None,
        by_frames: FrameWatcher | None = None,
        answer: GenerateSettings | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """`folder` keeps visual tokens between runs; `by_frames` ranks moments of windows.

        `answer` says how answers are drawn; None: the most probable words, the same each time.
        `notes` are told with every answer.
        """
        self._chat = chat
        self._answer = answer or chat.settings.answer.model_copy(update={"sample": False})
        self._looks = KeptLooks(chat, folder)
        self._by_frames = by_frames
        self._notes = tuple(notes)
        self._raw: dict[str, str] = {}

    @property
    def name(self) -> str:
        """Name for people."""
        return self._chat.settings.name

    @property
    def fingerprint(self) -> str:
        """Changes with the weights."""
        return self._chat.fingerprint

    def ground(self, video: Video, query: str, within: Span | None = None) -> Told:
        """The moment that the model names; one of each window where there are several."""
        query = checked(query)
        asked = self._question("moment retrieval", _lang(query), query)
        windows = self._windows(within or video.span)
        heard = _Heard([*self._notes, *_merging(windows)])
        moments: list[Moment] = []
        for window, text in self._through(video, windows, asked, heard):
            reading = read_span(text, window.length_s)
            heard.notes += reading.problems
            for event in reading.events:
                span = event.span.shift(window.start_s)
                score = self._fit(video, query, span) if len(windows) > 1 else 1.0
                why = Evidence("visual", score, text)
                moments.append(Moment(video, span, score, query, (why,)))
        found = tuple(sorted(moments, key=lambda moment: -moment.score))
        return heard.told("moment", found)

    def highlights(self, video: Video, query: str = "") -> Told:
        """Scores of 2 s clips as the model tells them, 0 where it tells nothing."""
        task: Task = "highlights" if query else "summarisation"
        asked = self._question(task, _lang(query), checked(query) if query else "")
        windows = self._windows(video.span)
        heard = _Heard([*self._notes, *_merging(windows)])
        scores = np.zeros(max(1, int(video.duration_s / CLIP_S)))
        for window, text in self._through(video, windows, asked, heard):
            reading = read_highlights(text, window.length_s)
            heard.notes += reading.problems
            first = round(window.start_s / CLIP_S)
            part = np.array(clip_scores(reading, window.length_s))[: len(scores) - first]
            here = scores[first : first + len(part)]
            np.maximum(here, part, out=here)
        times_s = np.arange(len(scores)) * CLIP_S
        curve = Curve(tuple(times_s.tolist()), tuple(scores.tolist()))
        moments = stretches(curve, video) if scores.any() else ()
        return heard.told("moment", moments, curve)

    def captions(self, video: Video, lang: str = "en") -> Told:
        """Events with their sentences; what two windows both saw is told once."""
        asked = self._question("dense captioning", "zh" if lang == "zh" else "en", "")
        windows = self._windows(video.span)
        heard = _Heard([*self._notes, *_merging(windows)])
        moments: list[Moment] = []
        for window, text in self._through(video, windows, asked, heard):
            reading = read_events(text, window.length_s, starts=True)
            heard.notes += reading.problems
            for event in reading.events:
                span = event.span.shift(window.start_s)
                known = any(m.span.iou(span) > 0.5 and m.text == event.text for m in moments)
                if not known:
                    moments.append(Moment(video, span, 1.0, event.text))
        found = tuple(sorted(moments, key=lambda moment: moment.span))
        return heard.told("answer", found)

    def tell(
        self,
        video: Video,
        question: str,
        history: Sequence[Turn] = (),
        on_text: OnText | None = None,
    ) -> Told:
        """A free answer from frames of the whole video; its times are the moments."""
        heard = _Heard([*self._notes])
        if len(self._windows(video.span)) > 1:
            frames = self._chat.settings.frames
            step_s = video.duration_s / frames
            heard.notes.append(
                f"seen as {frames} frames, {step_s:.0f} s apart: short events are missed"
            )
        turns = tuple(
            (said.text, self._raw.get(answer.text, answer.text))
            for said, answer in zip(history[::2], history[1::2], strict=False)
        )
        text = self._ask(video, video.span, checked(question), heard, turns, on_text)
        reading = read_events(text, video.duration_s)
        moments = tuple(Moment(video, event.span, 1.0, event.text) for event in reading.events)
        return heard.told("answer", moments)

    # Asking

    def _through(
        self, video: Video, windows: Sequence[Span], asked: str, heard: _Heard
    ) -> Iterator[tuple[Span, str]]:
        """Each window with the answer to the same question."""
        for window in windows:
            yield window, self._ask(video, window, asked, heard)

    def _ask(
        self,
        video: Video,
        window: Span,
        asked: str,
        heard: _Heard,
        turns: tuple[tuple[str, str], ...] = (),
        on_text: OnText | None = None,
    ) -> str:
        from whenabouts.systems.video_llm import Question

        seen = self._looks.look(video, window)
        answer = self._chat.ask(Question(seen, asked, turns), self._answer, on_text)
        heard.notes += seen.notes
        heard.texts.append(answer.text)
        if answer.cut_tokens:
            heard.notes.append(f"{answer.cut_tokens} tokens of a long conversation were left out")
        self._raw[answer.text] = answer.raw
        return answer.text

    def _question(self, task: Task, lang: Lang, query: str) -> str:
        """In the words that the model knows."""
        system = self._chat.settings.prompts
        if system == "own" or task not in ("moment retrieval", "highlights", "dense captioning"):
            return question(task, lambda ways: ways[0], lang, query=query)
        return filled(published_prompt(system, task), query=query, dataset="Charades-STA")

    def _fit(self, video: Video, query: str, span: Span) -> float:
        return 1.0 if self._by_frames is None else self._by_frames.fit(video, query, span)

    # Looking

    def _windows(self, whole: Span) -> list[Span]:
        """The stretches that are watched one by one; the whole where it fits."""
        given = self._chat.settings
        longest_s = STEP_S * given.frames
        if given.sizes.second_positions:
            longest_s = min(longest_s, given.sizes.second_positions - 1.0)
        if given.longest_s:
            longest_s = min(longest_s, given.longest_s)
        if whole.length_s <= longest_s:
            return [whole]
        length_s = max(CLIP_S, CLIP_S * int(longest_s / CLIP_S))
        # Starts fall on clips, so that the scores of windows can be laid over each other.
        step_s = max(CLIP_S, CLIP_S * int(length_s * (1 - OVERLAP) / CLIP_S))
        count = 1 + int(np.ceil((whole.length_s - length_s) / step_s))
        starts_s = [whole.start_s + step_s * place for place in range(count)]
        return [Span(s, min(s + length_s, whole.end_s)) for s in starts_s]


def _lang(text: str) -> Lang:
    return "zh" if language_of(text) == "zh" else "en"


def _merging(windows: Sequence[Span]) -> list[str]:
    """The first of the notes."""
    if len(windows) == 1:
        return []
    return [f"watched in {len(windows)} windows of {windows[0].length_s:.0f} s, then merged"]
