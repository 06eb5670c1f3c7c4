"""Dense captions from files, in the forms of YouCook2 (as TimeChat has them) and ActivityNet."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from whenabouts.errors import InputError, MissingPartError
from whenabouts.evaluate.score_files import (
    Answers,
    Record,
    Scored,
    as_records,
    is_table,
    name_of,
    read_captions,
    read_json,
    told,
    video_name,
)
from whenabouts.metrics import ptb
from whenabouts.metrics.activitynet_captions import (
    activitynet,
    start_time_navigation,
    story_figures,
)
from whenabouts.metrics.captions import Events
from whenabouts.metrics.dense_captions import (
    activitynet_captions,
    dense_captions,
    mean_figures,
    paragraphs,
    youcook2_captions,
)
from whenabouts.metrics.fields import need, need_list, need_number
from whenabouts.metrics.java_tools import Meteor, find_java_tools

UseMeteor = Literal["auto", "yes", "no"]

_COUNTS = ("predictions",)
"""Figures that are no shares."""


def score_captions(
    predictions: Path,
    references: Path,
    answers: Answers,
    use_meteor: UseMeteor = "auto",
    jars: Path | None = None,
) -> Scored:
    """Figures in percent (CIDEr x 100 too, as they are printed) by the references' own evaluator.

    References `{"annotations": [{"image_id", "segments", "pure_cap"}, ..]}` are scored as TimeChat
    scores YouCook2; `{id: {"duration", "timestamps", "sentences"}}` as ActivityNet Captions, with
    SODA and start times. Predictions: `{video: [{"timestamp", "caption" or "sentence"}]}`, the
    same under `results`, or records with `vname` and an answer text.
    """
    value = read_json(references)
    if is_table(value) and "annotations" in value:
        truths, lengths = _annotations(as_records(value["annotations"], references))
        youcook2 = True
    elif is_table(value):
        truths = {video_name(name): _timed(row) for name, row in value.items()}
        lengths = {video_name(n): _length_s(row) for n, row in value.items()}
        youcook2 = False
    else:
        raise InputError(
            f"{references} has neither `annotations` nor records by video with `timestamps` and "
            "`sentences`"
        )
    found = _predicted(predictions, lengths, answers)
    notes = [_about(found, truths)]
    with _meteor(use_meteor, jars, notes) as meteor:
        if youcook2:
            figures = mean_figures(dense_captions(found, truths, ptb.tokens, meteor))
            figures |= paragraphs(found, truths, ptb.tokens, meteor)
        else:
            figures = activitynet(found, truths, ptb.tokens, meteor)
            for variant in ("c", "a", "b", "d") if meteor else ("d",):
                story = story_figures(found, truths, ptb.tokens, meteor, variant)
                figures[f"SODA_{variant}"] = story.f1
            starts = start_time_navigation(found, truths)
            figures |= {f"start {name}": value for name, value in starts.items()}
    return Scored(
        {name: share if name in _COUNTS else 100.0 * share for name, share in figures.items()},
        notes=tuple(notes),
    )


@contextmanager
def _meteor(
    use: UseMeteor, jars: Path | None, notes: list[str]
) -> Generator[Meteor | None, None, None]:
    """METEOR, or None and a note that says what is missing."""
    if use == "no":
        notes.append("no METEOR, SODA_c: not asked for")
        yield None
        return
    try:
        tools = find_java_tools(jars)
    except MissingPartError as error:
        if use == "yes":
            raise
        notes.append(f"no METEOR, SODA_c: {error}")
        yield None
        return
    with Meteor(tools) as meteor:
        yield meteor


def _annotations(rows: Sequence[Record]) -> tuple[dict[str, Events], dict[str, float]]:
    truths: dict[str, Events] = {}
    lengths: dict[str, float] = {}
    for row in rows:
        name = video_name(str(need(row, "image_id")))
        if "pure_cap" in row:
            captions = youcook2_captions(str(row["pure_cap"]))
        else:
            captions = activitynet_captions(str(need(row, "caption")))
        truths[name] = Events.of(need_list(row, "segments"), captions)
        lengths[name] = _length_s(row)
    return truths, lengths


def _timed(row: Any) -> Events:
    return Events.of(need_list(row, "timestamps"), map(str, need_list(row, "sentences")))


def _length_s(row: Any) -> float:
    return need_number(row, "duration") if is_table(row) and "duration" in row else math.inf


def _predicted(path: Path, lengths_s: Mapping[str, float], answers: Answers) -> dict[str, Events]:
    value = read_json(path)
    if is_table(value):
        value = value.get("results", value)
    if is_table(value):
        return {video_name(name): _events(rows) for name, rows in value.items()}
    read = read_captions(answers)
    found: dict[str, Events] = {}
    for row in as_records(value, path):
        name = video_name(name_of(row, ("vname", "video", "id")))
        found[name] = Events.of(*read(told(row), lengths_s.get(name, math.inf)))
    return found


def _events(rows: Any) -> Events:
    if not isinstance(rows, list):
        raise InputError(f"{str(rows)[:60]!r} is no list of events of a video")
    key = "sentence" if rows and is_table(rows[0]) and "sentence" in rows[0] else "caption"
    return Events.predicted(rows, key)


def _about(found: Mapping[str, Events], truths: Mapping[str, Events]) -> str:
    shared = [name for name in truths if name in found]
    empty = sum(not len(found[name]) for name in shared)
    text = f"{len(shared)} of {len(truths)} videos predicted"
    return f"{text}, {empty} of them without an event" if empty else text
