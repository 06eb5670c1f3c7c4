"""A moment that plays in a notebook, without a server.

>>> from whenabouts import open_library, play                             # doctest: +SKIP
>>> play(open_library("my.lib").search("a dog on a skateboard")[0])       # doctest: +SKIP
"""

from __future__ import annotations

import base64
import html
import tempfile
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.types import Moment, Span, clock

AROUND_S = 2.0
MOST_BYTES = 48 << 20
"""Of a clip inside a notebook; notebooks become slow with more."""


class Clip:
    """A piece of a video; a notebook shows it as a player that stands where the moment begins."""

    def __init__(self, moment: Moment, data: bytes, shown: Span) -> None:
        """`data` is an MP4 file of the stretch `shown` of the moment's video."""
        self.moment, self.data, self.shown = moment, data, shown

    def __repr__(self) -> str:
        return f"Clip({self.moment.video.path.name} {self.shown}, {len(self.data)} bytes)"

    def _repr_html_(self) -> str:
        start_s = max(0.0, self.moment.span.start_s - self.shown.start_s)
        end_s = self.moment.span.end_s - self.shown.start_s
        encoded = base64.b64encode(self.data).decode("ascii")
        name = html.escape(self.moment.video.path.name)
        return (
            f"<figure><video controls preload='auto' style='max-width:640px;width:100%' "
            f"src='data:video/mp4;base64,{encoded}#t={start_s:.3f},{end_s:.3f}'></video>"
            f"<figcaption><b>{name}</b> {clock(self.moment.span.start_s)} to "
            f"{clock(self.moment.span.end_s)} {html.escape(self.moment.text)}</figcaption></figure>"
        )


def play(moment: Moment, around_s: float = AROUND_S) -> Clip:
    """The moment as a player for a notebook, with a little before and after.

    Raises:
        InputError: its file is not on this machine, or the clip is too large for a notebook.
    """
    from whenabouts.media.cut import cut_clip

    path = moment.video.path
    if not path.is_file():
        raise InputError(
            f"there is no file {path} on this machine; open the page of the server that has it"
        )
    wished = Span(max(0.0, moment.span.start_s - around_s), moment.span.end_s + around_s)
    with tempfile.TemporaryDirectory(prefix="whenabouts-") as folder:
        file = Path(folder) / "clip.mp4"
        shown = cut_clip(path, wished.clamp(moment.video.span), file)
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                f"the clip has {size >> 20} MB, a notebook takes {MOST_BYTES >> 20}; "
                "give a shorter moment or a smaller around_s"
            )
        return Clip(moment, file.read_bytes(), shown)
