"""The one row of question answering about videos: what every reader of `data.qa` yields."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from whenabouts.types import Span

QaSet = Literal["nextqa", "star", "how2qa", "tvqa", "vlep", "qvhighlights"]
OPTIONS: dict[QaSet, int] = {
    "nextqa": 5, "star": 4, "how2qa": 4, "tvqa": 5, "vlep": 2, "qvhighlights": 0,
}  # fmt: skip
"""Options of a question of each set; QVHighlights has queries instead."""


@dataclass(frozen=True, slots=True)
class QaRow:
    """A question about a video, or for QVHighlights a query and where it holds."""

    dataset: QaSet
    id: str
    """As the preprocessed files write it: `CW_4010069381_6`, `QVHighlight_9769`."""
    video: str
    """As the preprocessed files write it, without an ending: `1164/4010069381`; see `file`."""
    question: str
    """Empty for VLEP, which asks what comes next; the query for QVHighlights."""
    options: tuple[str, ...] = ()
    answer: int | None = None
    """Place of the right option; None where it is not published, or for a query."""
    clip: Span | None = None
    """The part of the video that is shown; None: all of it. It may reach beyond the video."""
    spans: tuple[Span, ...] | None = None
    """Where in the video the answer can be seen, or the query holds; None: not known."""
    duration_s: float | None = None
    """Length of the video, where the annotation says it."""
    saliency: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """QVHighlights: each relevant clip of 2 s with its raters' scores, 0 to 4."""

    @property
    def kind(self) -> str:
        """The type by which accuracies are told apart: `CW`, `Interaction`, `TVQA`."""
        return self.id.split("_", 1)[0]

    @property
    def file(self) -> str:
        """File of the video below the folder of videos.

        VLEP takes episodes from TVQA's folder, where their names lack the last three characters.
        """
        episode = self.dataset == "vlep" and ":" not in self.video
        return f"{self.video[:-3] if episode else self.video}.mp4"

    def holds_at(self, time_s: float) -> bool:
        """Whether a frame of this time shows what is asked for: both edges of a span count."""
        spans = self.spans or ()
        return any(span.start_s <= time_s <= span.end_s for span in spans)

    def held_out(self) -> QaRow:
        """The same row without what a model must find."""
        return replace(self, answer=None, spans=None, saliency=())
