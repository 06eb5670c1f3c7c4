"""What the annotation files of a dataset say of its videos, on the way to instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from whenabouts.catalog import part
from whenabouts.data.source import Source
from whenabouts.models.instructions import Event, Peak
from whenabouts.models.phrases import Task

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
"""Start and end, as JSON has them."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a dataset tells of a video: becomes one question and its answer."""

    video: str
    """As the annotation files call it, with or without an ending."""
    task: Task
    events: tuple[Event, ...] = ()
    """In seconds; for moment retrieval the one that is looked for."""
    peaks: tuple[Peak, ...] = ()
    query: str = ""

    @property
    def times_s(self) -> list[float]:
        """All times that the answer will name."""
        found = [peak.time_s for peak in self.peaks]
        for event in self.events:
            found += [event.start_s] if event.end_s is None else [event.start_s, event.end_s]
        return found


@dataclass(frozen=True, slots=True)
class Telling:
    """All that one split of a dataset tells."""

    told: Sequence[Told]
    notes: tuple[str, ...] = ()
    """What was left out, and why."""


Tell = Callable[[Source, str], Telling]
"""Reads one split of one dataset."""


def teller(name: str) -> Tell:
    """The reader of the dataset `name`."""
    return part("instructions", name)


def moment(video: str, query: str, start_s: float, end_s: float | None) -> Told:
    """When something happens; without an end where start and end are the same."""
    end_s = None if end_s is None or end_s == start_s else end_s
    return Told(video, "moment retrieval", (Event(start_s, end_s, query),), query=query)


def left_out(count: int, why: str) -> tuple[str, ...]:
    """A note about `count` of them; none for 0."""
    return (f"{count:,} {why}",) if count else ()
