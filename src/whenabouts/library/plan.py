"""What an index run has to do: files on disk against rows in the store, without opening a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from whenabouts.library.walk import Found, Walk, absolute
from whenabouts.store.rows import VideoRow

SIDECAR_TAG = "whenabouts.sidecars"
"""Key under which a row remembers the text files beside its video."""


@dataclass(slots=True)
class Plan:
    """Files by what they need."""

    unchanged: list[VideoRow] = field(default_factory=list[VideoRow])
    look: list[Found] = field(default_factory=list[Found])
    """New, changed or touched: their content must be named before anything else is known."""
    back: list[VideoRow] = field(default_factory=list[VideoRow])
    """Flagged missing once, and here again unchanged."""
    gone: list[VideoRow] = field(default_factory=list[VideoRow])
    """In the store, below the given roots, and not on disk any more."""
    retold: list[tuple[VideoRow, Found]] = field(default_factory=list[tuple[VideoRow, Found]])
    """Unchanged videos whose subtitle files changed."""


def compare(rows: Iterable[VideoRow], seen: Walk, roots: Sequence[str], *, retry: bool) -> Plan:
    """Sort the files of a walk of `roots` by what the store knows of them.

    Args:
        rows: every row of the store.
        seen: the walk.
        roots: what was walked, absolute; rows elsewhere are left alone.
        retry: look again at files that failed before and have not changed since.
    """
    plan = Plan()
    known = {row.path: row for row in rows}
    for found in seen.files:
        row = known.pop(found.path, None)
        if row is None or (row.size, row.mtime_ns) != (found.size, found.mtime_ns):
            plan.look.append(found)
        elif row.status == "failed":
            (plan.look.append(found) if retry else plan.unchanged.append(row))
        elif row.tags.get(SIDECAR_TAG, "") != found.sidecars:
            plan.retold.append((row, found))
        else:
            (plan.back if row.status == "missing" else plan.unchanged).append(row)
    walked = Below(roots)
    unseen = Below(map(absolute, seen.unseen))
    for row in known.values():
        if row.status != "missing" and walked.holds(row.path) and not unseen.holds(row.path):
            plan.gone.append(row)
    return plan


class Below:
    """Whether a path is one of some folders or lies below one."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = set(folders)

    def holds(self, path: str) -> bool:
        """Whether `path` is one of the folders or lies below one."""
        if not self._folders:
            return False
        while path not in self._folders:
            parent = os.path.dirname(path)  # noqa: PTH120 - hot
            if parent == path:
                return False
            path = parent
        return True
