"""Predictions and references of anybody's, as JSON, JSON lines or either of them gzipped."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from whenabouts.errors import InputError
from whenabouts.metrics.answers import strict, timechat, vtgllm

Record = Mapping[str, Any]
Answers = Literal["timechat", "vtgllm", "strict"]
"""Whose rules read times out of free text."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Figures in percent, their intervals where queries can be drawn anew, and what to know."""

    figures: dict[str, float]
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_json(path: Path) -> Any:
    """The value of a JSON file, or the list of the values of a file of JSON lines."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as whole:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2:
            raise InputError(f"{path} is no JSON: {whole}") from whole
        return [_line(path, number, line) for number, line in lines]


def _line(path: Path, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {number}, is neither JSON nor part of it: {error}"
        ) from error


def records(path: Path) -> list[Record]:
    """The records of a file that holds a list of them, or one alone."""
    value = read_json(path)
    return as_records([value] if isinstance(value, Mapping) else value, path)


def as_records(rows: Any, path: Path) -> list[Record]:
    """A value of a file as a list of records."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(f"{path} is no list of records (objects in braces)")
    return cast("list[Record]", rows)


def is_table(value: Any) -> bool:
    """Whether a value maps names to records or lists, rather than being a list."""
    return isinstance(value, Mapping)


def told(row: Record) -> str:
    """The free text of a record of a result file."""
    for key in ("generated_cap", "answer", "prediction", "pred", "response"):
        if isinstance(row.get(key), str):
            return row[key]
    raise InputError(
        f"a record has no answer text; known keys are generated_cap, answer, prediction, pred and "
        f"response, seen {sorted(row)}"
    )


def name_of(row: Record, keys: Sequence[str]) -> str:
    """What a record calls itself, by the first of `keys` that it has."""
    for key in keys:
        if key in row:
            return str(row[key])
    raise InputError(f"a record has none of {', '.join(keys)}; it has {sorted(row)}")


def video_name(text: str) -> str:
    """The name of a video without folder and ending, so that files of different sources agree."""
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    head, dot, ending = last.rpartition(".")
    return head if dot and ending.lower() in ("mp4", "mkv", "webm", "avi", "mov") else last


def read_windows(rules: Answers) -> Callable[[str, float], list[list[float]]]:
    """Answer and duration in s to no or one window."""
    if rules == "strict":
        return lambda text, duration_s: [
            [event.span.start_s, event.span.end_s]
            for event in strict.read_span(text, duration_s).events
        ]
    reader = timechat if rules == "timechat" else vtgllm
    return lambda text, _: reader.grounding(text)


def read_captions(rules: Answers) -> Callable[[str, float], tuple[list[list[float]], list[str]]]:
    """Answer and duration in s to windows and captions."""
    if rules == "strict":

        def strictly(text: str, duration_s: float) -> tuple[list[list[float]], list[str]]:
            events = strict.read_events(text, duration_s).events
            windows = [[event.span.start_s, event.span.end_s] for event in events]
            return windows, [event.text for event in events]

        return strictly
    reader = timechat if rules == "timechat" else vtgllm
    return lambda text, _: reader.dense_captions(text)


def read_curve(rules: Answers) -> Callable[[str, float], list[float]]:
    """Answer and duration in s to a score a clip of two seconds."""
    if rules == "strict":
        return lambda text, duration_s: strict.clip_scores(
            strict.read_highlights(text, duration_s), duration_s
        )
    reader = timechat if rules == "timechat" else vtgllm
    return lambda text, duration_s: reader.clip_scores(*reader.highlights(text), duration_s)
