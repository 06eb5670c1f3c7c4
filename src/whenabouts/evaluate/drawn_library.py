"""A library of drawn videos without files: frames go from the brush straight into the store.

Indexing a thousand files spends most of its time on encoding and decoding H.264, which says nothing
about a conversation. The library is kept on disk and filled up where a run was cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.data.instruct.video_clip import FrameSettings, VideoClip
from whenabouts.errors import InputError
from whenabouts.library.encoders import mark_of
from whenabouts.library.library import Library, open_library
from whenabouts.models.frame_times import printed_times
from whenabouts.models.positions import even_positions
from whenabouts.protocols import Encoder
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import Split
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.render import frame_times, render, sample_times
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.store.rows import FrameRows, Indexed, VideoRow
from whenabouts.store.store import Store
from whenabouts.types import Span, Video

_BATCH = 20
"""Videos of one commit."""

OnDone = Callable[[int, int], None]
"""Hears how many of how many videos are in the library."""


class DrawnSettings(Settings):
    """Which videos make the corpus."""

    split: Split = "test"
    videos: int = Field(default=60, gt=0)
    first_seed: int = 50_000
    duration_s: tuple[float, float] = (10.0, 40.0)
    scenes: tuple[int, int] = (1, 4)
    folder: Path = Path("runs/dialogue")
    """Where libraries are kept; what is there is not drawn again."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A library and what is true of it."""

    library: Library
    truth: LibraryTruth
    """Scripts by video id."""

    def clip(self, video: Video, frames: FrameSettings, span: Span | None) -> VideoClip:
        """What a model that looks for itself is shown of a video: whole ones are drawn again.

        Raises:
            InputError: only a stretch of it is wanted.
        """
        if span is not None:
            raise InputError(f"{video.id} is drawn as a whole, not from {span.start_s} s")
        script = self.truth.scripts[video.id]
        shown_s = frame_times(script)
        times_s = shown_s[even_positions(len(shown_s), frames.frames, frames.way)]
        pixels = render(script, times_s.tolist(), frames.size_px, frames.size_px)
        return VideoClip(pixels, printed_times(times_s.tolist()), times_s)


def drawn_corpus(
    settings: DrawnSettings, encoder: Encoder, on_done: OnDone | None = None
) -> Corpus:
    """The library of these videos as this encoder sees them, drawn as far as it is not there."""
    scripts = drawn_scripts(settings)
    place = settings.folder.expanduser() / _name(settings, encoder)
    library = open_library(place, encoder)
    known = {row.id for row in library.videos()}
    missing = [name for name in scripts if name not in known]
    for first in range(0, len(missing), _BATCH):
        names = missing[first : first + _BATCH]
        rows = [_indexed(name, scripts[name], encoder, place) for name in names]
        with Store(place, "w", encoder=mark_of(encoder)) as store:
            store.put(rows)
            if first + _BATCH >= len(missing):
                store.optimize()
        if on_done is not None:
            on_done(len(scripts) - len(missing) + first + len(names), len(scripts))
    if missing:
        library.close()
    return Corpus(library, LibraryTruth(scripts))


def drawn_scripts(settings: DrawnSettings) -> dict[str, Script]:
    """What is true of these videos, by id."""
    plan = Plan(duration_s=settings.duration_s, scenes=settings.scenes)
    seeds = range(settings.first_seed, settings.first_seed + settings.videos)
    return {f"{settings.split}-{seed}": draw_script(seed, settings.split, plan) for seed in seeds}


def _name(settings: DrawnSettings, encoder: Encoder) -> str:
    (low, high), (few, many) = settings.duration_s, settings.scenes
    what = f"{settings.split}_{low:g}-{high:g}_{few}-{many}_{settings.first_seed}"
    return f"{what}_{settings.videos}_{encoder.fingerprint[:8]}.lib"


def _indexed(name: str, script: Script, encoder: Encoder, place: Path) -> Indexed:
    """One video as the index would have it, its frames as small as the encoder takes them."""
    rate_hz = encoder.sampling.rate_hz
    times_s = sample_times(script, rate_hz)
    seen = encoder.encode_frames(_frames(script, list(map(float, times_s)), encoder))
    ends_s = np.append(times_s[1:], script.duration_s)
    row = VideoRow(
        id=name,
        path=str(place.parent / f"{name}.mp4"),
        size=1,
        mtime_ns=0,
        duration_s=script.duration_s,
        fps=script.fps,
        width=script.width,
        height=script.height,
        passes=("keyframes", "frames", "screen", "speech"),
    )
    return Indexed(row, FrameRows(seen.vectors, seen.logits, times_s, ends_s), (), ())


def _frames(script: Script, times_s: Sequence[float], encoder: Encoder) -> NDArray[np.uint8]:
    scale = min(1.0, encoder.input_px / min(script.width, script.height))
    return render(script, times_s, round(script.width * scale), round(script.height * scale))
