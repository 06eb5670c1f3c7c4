"""One content to be read, on its way through a pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from whenabouts.library.walk import Found
from whenabouts.media.damage import Damage
from whenabouts.store.rows import TextRow, VideoRow
from whenabouts.types import Video


@dataclass(slots=True, eq=False)
class Job:
    """One content to be decoded, and every file that holds it."""

    content: str
    files: tuple[Found, ...] = ()
    """For the first pass: the files, not yet opened."""
    known: frozenset[str] = frozenset()
    """Of these files, those that held something else before."""
    rows: tuple[VideoRow, ...] = ()
    """For later passes: the rows, known already."""
    video: Video | None = None
    texts: tuple[TextRow, ...] | None = None
    notes: tuple[str, ...] = ()
    damage: Damage = field(default_factory=Damage)
    reason: str = ""
    """Why it failed; empty when it did not."""

    @property
    def path(self) -> str:
        """The file that is read."""
        return self.files[0].path if self.files else self.rows[0].path

    @property
    def length_s(self) -> float:
        """Seconds, 0 before the file was opened."""
        return self.video.duration_s if self.video else 0.0
