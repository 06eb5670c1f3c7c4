"""What an index run tells while it goes on, and what it says at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

PassName = Literal["keyframes", "frames", "screen", "speech"]
PASSES: tuple[PassName, ...] = ("keyframes", "frames", "screen", "speech")
"""The passes of an index run, cheapest first; the library is searchable after each."""

Kind = Literal["found", "stage", "started", "progress", "done", "failed", "saved"]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of an index run.

    `found` comes once, after the folders were walked. `stage` opens a stage with its totals;
    `started`, `done` and `failed` name a file; `progress` comes now and then inside a long file;
    `saved` says that everything done so far would survive a power cut. Counts are of the stage.
    """

    kind: Kind
    stage: str
    """A pass, `walk` or `tidy`."""
    path: Path | None = None
    done: int = 0
    """Files of this stage that are finished, failed ones included."""
    total: int = 0
    """Files of this stage."""
    done_s: float = 0.0
    """Seconds of video finished in this stage; rate and remaining time follow from it."""
    total_s: float = 0.0
    frames: int = 0
    """Frames encoded so far in this stage."""
    elapsed_s: float = 0.0
    """Since the stage began."""
    text: str = ""
    """The reason of `failed`; a few words for `found` and `stage`."""


Listener = Callable[[Event], None]


def nobody(event: Event) -> None:
    """The listener of those who do not want to hear."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed (or only in part), and why."""

    path: Path
    reason: str


@dataclass(slots=True)
class Report:
    """What an index run did. Counts are of files."""

    unchanged: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    """Same content under another path; nothing was decoded again."""
    copies: int = 0
    """Same content at one more path; they share what is stored."""
    missing: int = 0
    """Were there, are not any more; `prune` removes them."""
    failed: list[Failure] = field(default_factory=list[Failure])
    partial: list[Failure] = field(default_factory=list[Failure])
    """Readable in part: what could be read is indexed."""
    notes: list[str] = field(default_factory=list[str])
    """What was left out on purpose or for want of a part, and how to get it."""
    frames: int = 0
    """Frames encoded."""
    alike: int = 0
    """Frames not encoded because they look like the one before."""
    stage_s: dict[str, float] = field(default_factory=dict[str, float])
    """Wall seconds of each stage."""

    @property
    def ok(self) -> bool:
        """Whether every file was indexed in full."""
        return not self.failed

    def __str__(self) -> str:
        counts = {
            "new": self.new,
            "changed": self.changed,
            "moved": self.moved,
            "copies": self.copies,
            "unchanged": self.unchanged,
            "missing": self.missing,
            "read in part": len(self.partial),
            "failed": len(self.failed),
        }
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
