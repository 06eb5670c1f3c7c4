"""The one table of interchangeable parts.

A line reads `"name": "module:callable"` under its kind; the callable takes no or optional arguments
and is imported on first use. `tests/house/test_catalog.py` opens every line.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from whenabouts.errors import InputError

PARTS: dict[str, dict[str, str]] = {
    "encoder": {
        "tiny-clip": "systems.clip_tokens:tiny",
    },
    "grounder": {
        "peaks": "systems.peaks:peaks",
    },
    "text_reader": {
        "screen": "systems.ocr:reader",
        "speech": "systems.speech:reader",
    },
    "dataset": {
        "activitynet": "data.activitynet:open_split",
        "didemo": "data.didemo:open_split",
        "lsmdc": "data.lsmdc:open_split",
        "msrvtt": "data.msrvtt:open_split",
        "msvd": "data.msvd:open_split",
    },
    "metric": {
        "moment-retrieval": "metrics.turns:moment_retrieval",
        "video-retrieval": "metrics.turns:video_retrieval",
    },
    "objective": {
        "retrieval": "train.retrieval:run",
        "tiny-clip": "train.tiny_clip:run",
    },
}


def part(kind: str, name: str) -> Any:
    """The callable behind a line of the table; an unknown name lists the known ones."""
    try:
        line = PARTS[kind][name]
    except KeyError:
        known = ", ".join(sorted(PARTS.get(kind, PARTS))) or "none yet"
        raise InputError(f"unknown {kind} {name!r}; known: {known}") from None
    module, _, attribute = line.partition(":")
    return getattr(import_module(f"whenabouts.{module}"), attribute)
