"""How a file's row looks after a pass: done, damaged, failed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import replace

from whenabouts.errors import WhenaboutsError
from whenabouts.library.events import PASSES
from whenabouts.library.walk import Found
from whenabouts.media.damage import Damage
from whenabouts.store.rows import VideoRow
from whenabouts.types import clock

NEEDLESS = {
    "audio": ("keyframes", "frames", "screen"),
    "image": ("keyframes", "frames"),
}
"""Passes that are done with the first one, by kind: sound has no pictures, an image has one."""
FAILED_TAG = "whenabouts.failed."
"""Before the name of a pass: why it failed for this file, so that it is not tried every time."""


def finished(row: VideoRow, name: str) -> VideoRow:
    """The row after the pass `name`."""
    done = {*row.passes, name, *NEEDLESS.get(row.kind, ())}
    return replace(row, passes=tuple(one for one in PASSES if one in done))


def note_damage(row: VideoRow, damage: Damage, reason: str) -> VideoRow:
    """The row of a file that could be read in part."""
    parts = [reason] if reason else []
    if damage.bad_packets:
        where = "" if damage.first_bad_s is None else f", the first at {clock(damage.first_bad_s)}"
        parts.append(f"{damage.bad_packets} unreadable pieces{where}")
    if damage.stopped:
        parts.append(damage.stopped)
    return replace(row, status="partial", reason="; ".join(parts) or "damaged")


def failed_pass(row: VideoRow, name: str, reason: str) -> VideoRow:
    """The row of a readable file for which a later pass failed; it counts as done until retried."""
    told = f"{name}: {reason}"
    known = row.reason.split("; ") if row.reason else []
    return replace(
        finished(row, name),
        status="partial",
        reason="; ".join([*(one for one in known if one != told), told]),
        tags={**row.tags, FAILED_TAG + name: reason},
    )


def retried(row: VideoRow) -> VideoRow:
    """The row with its failed passes due again."""
    failed = [name for name in PASSES if FAILED_TAG + name in row.tags]
    if not failed:
        return row
    reasons = {f"{name}: {row.tags[FAILED_TAG + name]}" for name in failed}
    rest = [one for one in row.reason.split("; ") if one and one not in reasons]
    return replace(
        row,
        passes=tuple(name for name in row.passes if name not in failed),
        tags={key: value for key, value in row.tags.items() if not key.startswith(FAILED_TAG)},
        status="partial" if rest else "ok",
        reason="; ".join(rest),
    )


def failed_rows(files: Iterable[Found], reason: str) -> list[VideoRow]:
    """Rows of files that cannot be indexed; their ids name the path, for there is no content."""
    return [
        VideoRow(
            f"failed-{hashlib.sha256(os.fsencode(found.path)).hexdigest()[:24]}",
            found.path,
            found.size,
            found.mtime_ns,
            added_s=time.time(),
            status="failed",
            reason=reason,
        )
        for found in files
    ]


def why(error: BaseException) -> str:
    """A reason in one line."""
    if isinstance(error, WhenaboutsError):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
