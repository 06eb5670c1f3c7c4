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
        "tiny-moment-detr": "systems.moment_detr:tiny",
    },
    "watcher": {
        "frames": "library.watchers:by_frames",
        "tiny-timechat": "library.watchers:tiny_timechat",
        "tiny-vtgllm": "library.watchers:tiny_vtgllm",
    },
    "chat-model": {
        "transformers": "systems.chat_model:open_chat_model",
    },
    "conversation": {
        "standard": "dialogue.conversation:about",
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
    "instructions": {
        "activitynet": "data.instruct.activitynet_captions:read",
        "charades-sta": "data.instruct.charades_sta:read",
        "coin": "data.instruct.youcook2:read_coin",
        "didemo": "data.instruct.didemo:read",
        "hirest-grounding": "data.instruct.hirest:moments",
        "hirest-step": "data.instruct.hirest:steps",
        "queryd": "data.instruct.queryd:read",
        "qvhighlights": "data.instruct.qvhighlights:read",
        "summe": "data.instruct.summaries:summe",
        "tvsum": "data.instruct.summaries:tvsum",
        "vitt": "data.instruct.vitt:read",
        "youcook2": "data.instruct.youcook2:read",
    },
    "questions": {
        "how2qa": "data.qa.clips:read_how2qa",
        "nextqa": "data.qa.nextqa:read",
        "qvhighlights": "data.qa.qvhighlights:read",
        "star": "data.qa.star:read",
        "tvqa": "data.qa.clips:read_tvqa",
        "vlep": "data.qa.vlep:read",
    },
    "metric": {
        "answers": "metrics.watching:answers",
        "dense-captioning": "metrics.watching:dense_captioning",
        "highlights": "metrics.watching:highlight_detection",
        "moment-retrieval": "metrics.turns:moment_retrieval",
        "video-retrieval": "metrics.turns:video_retrieval",
    },
    "objective": {
        "instruction": "train.instruction:run",
        "moments": "train.moments:run",
        "retrieval": "train.retrieval:run",
        "sevila": "train.sevila:run",
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
