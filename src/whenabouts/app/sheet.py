"""The contact sheet of a moment: key frames with times, the moment marked, the score curve."""

from __future__ import annotations

from whenabouts.types import Moment


def sheet_name(moment: Moment) -> str:
    """File name of a sheet: `boat_2.00-4.50.png`."""
    span = moment.span
    return f"{moment.video.path.stem}_{span.start_s:.2f}-{span.end_s:.2f}.png"
