"""The contact sheet of a moment: key frames with times, the moment marked, the score curve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from whenabouts.errors import InputError, MediaError
from whenabouts.types import Moment

TILE_PX = 320
"""Shorter side to which frames are decoded for a sheet."""


def sheet_name(moment: Moment) -> str:
    """File name of a sheet: `boat_2.00-4.50.png`."""
    span = moment.span
    return f"{moment.video.path.stem}_{span.start_s:.2f}-{span.end_s:.2f}.png"


def write_sheet(
    moment: Moment, target: Path, query: str = "", times_s: Sequence[float] = ()
) -> None:
    """Write the contact sheet of `moment` as PNG, with frames at some times or all through it."""
    import numpy as np

    from whenabouts.media.decode import read_frames
    from whenabouts.media.preview import contact_sheet, sheet_times
    from whenabouts.types import Frames

    if target.suffix.lower() != ".png":
        raise InputError(f"a contact sheet is a PNG file; {target.name!r} must end in .png")
    if not moment.video.path.exists():
        raise MediaError(f"{moment.video.path} is not there any more; run: whenabouts index")
    times_s = list(times_s) or sheet_times(moment)
    chunks = list(read_frames(moment.video, times_s=times_s, short_side_px=TILE_PX))
    if not chunks:
        raise MediaError(f"no picture of {moment.video.path.name} can be read at {moment.span}")
    frames = Frames(
        moment.video,
        np.concatenate([chunk.pixels for chunk in chunks]),
        np.concatenate([chunk.times_s for chunk in chunks]),
    )
    contact_sheet(moment, frames, query=query).save(target, "PNG")
