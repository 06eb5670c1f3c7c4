"""HiREST: which part of a how-to video answers a request, and which steps it has."""

from __future__ import annotations

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.instruct.told import Telling, Told, left_out, moment
from whenabouts.data.source import Source
from whenabouts.data.tables import read_json
from whenabouts.models.instructions import Event


class _Step(BaseModel):
    heading: str
    absolute_bounds: list[float] | None = None


class _Video(BaseModel):
    relevant: bool | None = None
    clip: bool | None = None
    bounds: list[float] | None = None
    steps: list[_Step] | None = None


_SHAPE = TypeAdapter(dict[str, dict[str, _Video]])


def moments(source: Source, split: str) -> Telling:
    """The part of each relevant video that answers the request."""
    found = [
        moment(name, request, video.bounds[0], video.bounds[1])
        for request, name, video in _videos(source, split)
        if video.bounds is not None and len(video.bounds) == 2
    ]
    return Telling(found)


def steps(source: Source, split: str) -> Telling:
    """The steps of each video that has some."""
    found: list[Told] = []
    open_ended = 0
    for _, name, video in _videos(source, split):
        events = tuple(
            Event(step.absolute_bounds[0], step.absolute_bounds[1], step.heading)
            for step in video.steps or ()
            if step.absolute_bounds is not None and len(step.absolute_bounds) == 2
        )
        open_ended += len(video.steps or ()) - len(events)
        if events:
            found.append(Told(name, "step localisation", events))
    return Telling(found, left_out(open_ended, "steps have no start and end and are left out"))


def _videos(source: Source, split: str) -> list[tuple[str, str, _Video]]:
    """Request, video and what is said of it, where the video answers it and was cut."""
    (path,) = source.files(f"all_data_{split}.json")
    return [
        (request, name, video)
        for request, videos in read_json(path, _SHAPE).items()
        for name, video in videos.items()
        if video.relevant and video.clip
    ]
