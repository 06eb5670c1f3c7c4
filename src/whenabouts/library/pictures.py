"""A small picture for each shot, made while its frames pass by on their way to the encoder."""

from __future__ import annotations

from whenabouts.media.preview import jpeg
from whenabouts.media.shots import Shot, ShotFinder
from whenabouts.store.rows import PictureRow
from whenabouts.types import Frames


class Pictures:
    """Takes sampled frames in order; `rows` gives a picture for each shot."""

    def __init__(self, width_px: int) -> None:
        self._width_px = width_px
        self._finder = ShotFinder()
        self._rows: list[PictureRow] = []

    def take(self, frames: Frames) -> None:
        """Look at some frames; none of them is kept longer than its shot."""
        self._rows += map(self._row, self._finder.take(frames))

    def rows(self, duration_s: float) -> tuple[PictureRow, ...]:
        """The pictures, after all frames were taken."""
        self._rows += map(self._row, self._finder.finish(duration_s))
        return tuple(self._rows)

    def _row(self, shot: Shot) -> PictureRow:
        picture = jpeg(shot.pixels, self._width_px)
        return PictureRow(shot.span.start_s, shot.span.end_s, shot.time_s, picture)
