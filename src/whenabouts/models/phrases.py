"""What has to be said in each language to ask a video LLM for times and to answer with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Task = Literal[
    "dense captioning",
    "moment retrieval",
    "step localisation",
    "highlights",
    "summarisation",
    "speech",
]
"""The tasks of TimeIT; VTG-IT has the first five."""
TASKS: tuple[Task, ...] = get_args(Task)


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases of one language. Names in braces are filled in."""

    questions: Mapping[Task, tuple[str, ...]]
    """Ways to ask for each task; `{query}` is what is looked for."""
    end_word: str
    """What a question says that asks for an end: left out where the answer is one time."""
    event: str
    event_at: str
    """An event without a known end."""
    stop: str
    """Full stop."""
    between: str
    """Between the events of an answer."""
    wide_between: str
    """The same as TimeIT has it."""
    span: str
    span_at: str
    absent: str
    """What was asked for does not happen. No published set has this answer."""
    peaks: str
    """All highlights in two lists, with their count: TimeIT."""
    summary: str
    """The same for a summary."""
    peak: str
    """One highlight: VTG-IT."""
    comma: str
    """Between the times, and between the scores."""
    speech: str
    line: str
    """One spoken line."""
    no_speech: str
    with_speech: str
    """A question after what is said in the video."""
    formats: Mapping[Task, str]
    """What may follow a question of VTG-IT: how to write the answer."""
    summaries: tuple[str, ...]
    """What a moment of a summary is called."""
    describe: str
    """A request to say what a video shows."""
