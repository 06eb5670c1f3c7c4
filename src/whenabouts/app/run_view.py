"""An index run as a person sees it: a bar a pass, and the report at the end."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from whenabouts.app.progress import SECONDS, Bar
from whenabouts.app.screen import note, plain, say

if TYPE_CHECKING:
    from whenabouts.library.events import Event, Report

TITLES = {
    "walk": "Looking for files",
    "keyframes": "Key frames",
    "frames": "All frames",
    "screen": "On-screen text",
    "speech": "Speech",
    "tidy": "Tidying up",
}
MAX_LISTED = 20
"""Failed files shown at the end; `whenabouts status` has the rest."""


class RunView:
    """Listens to the events of an index run; draws only on a terminal."""

    def __init__(self) -> None:
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def __call__(self, event: Event) -> None:
        """Hear one event of the run."""
        if event.kind == "stage":
            self._close()
            unit = SECONDS if event.total_s > 0 else "files"
            title = TITLES.get(event.stage, event.stage)
            self._bar = Bar(title, event.total_s or event.total or None, unit).__enter__()
        if self._bar is None:
            return
        by_time = event.total_s > 0
        where = event.path.name if event.path is not None else event.text
        if event.total > 1 and event.path is not None:
            where = f"{min(event.done + 1, event.total)}/{event.total} {where}"
        self._bar.to(
            event.done_s if by_time else event.done,
            (event.total_s if by_time else event.total) or None,
            detail=where,
        )

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def tell_report(report: Report) -> None:
    """Print what an index run did, its failures and what was left out."""
    say(str(report))
    for title, failures, style in (
        ("read in part", report.partial, "yellow"),
        ("failed", report.failed, "red"),
    ):
        for failure in failures[:MAX_LISTED]:
            note(f"{title}: {plain(failure.path)}: {plain(failure.reason)}", style=style)
        if len(failures) > MAX_LISTED:
            note(f"and {len(failures) - MAX_LISTED} more {title}; see: whenabouts status")
    for text in report.notes:
        note(plain(text), style="dim")


def report_json(report: Report) -> dict[str, Any]:
    """The report as docs/json.md says."""
    return {
        "new": report.new,
        "changed": report.changed,
        "moved": report.moved,
        "copies": report.copies,
        "unchanged": report.unchanged,
        "missing": report.missing,
        "failed": [{"path": str(f.path), "reason": f.reason} for f in report.failed],
        "partial": [{"path": str(f.path), "reason": f.reason} for f in report.partial],
        "notes": list(report.notes),
        "frames": report.frames,
        "alike": report.alike,
        "stage_s": {stage: round(taken_s, 3) for stage, taken_s in report.stage_s.items()},
    }


Listener = Callable[["Event"], None]
