"""The frames of a video as a video LLM sees them: which, at which times, of which size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from whenabouts.errors import InputError, MediaError
from whenabouts.media.decode import Damage, read_frames
from whenabouts.media.probe import probe
from whenabouts.media.shown import shown
from whenabouts.media.stills import frame_times_s, is_still, open_still
from whenabouts.models.frame_times import printed_times
from whenabouts.models.positions import Even, even_positions
from whenabouts.settings import Settings
from whenabouts.types import Span, Video


class FrameSettings(Settings):
    """Which frames of a video a video LLM is shown, and how."""

    frames: int = Field(default=96, gt=0)
    """Most frames of a video; shorter videos give all they have."""
    way: Even = "uniform"
    """`uniform` to answer; `rand` to train: one frame drawn from each of as many intervals. SeViLA:
    `middle` and `part`."""
    crop: Literal["whole", "random"] = "whole"
    """`random` to train: one random crop for all frames, of half the picture or more."""
    size_px: int = Field(default=224, gt=0)
    """Side of the square frames; the ratio of the sides is lost."""
    clock: Literal["shown", "rate"] = "shown"
    """`shown`: times as the file has them. `rate`: number of the frame by the average rate, as the
    published systems count; the same where the rate does not change."""

    @property
    def random(self) -> bool:
        """Whether anything of it is drawn."""
        return self.way not in ("uniform", "middle") or self.crop != "whole"


@dataclass(frozen=True, slots=True, eq=False)
class VideoClip:
    """T frames of one video: `pixels` uint8 [T,S,S,3] RGB, not yet normalised."""

    pixels: NDArray[np.uint8]
    times: tuple[str, ...]
    """[T]: seconds of each frame, as prompts print them."""
    times_s: NDArray[np.float64]
    """[T] float64, not rounded."""
    damage: str = ""
    """What of it could not be read; empty when all is well."""

    def __len__(self) -> int:
        return len(self.times)


def load_clip(
    path: Path,
    settings: FrameSettings,
    random: Random | None = None,
    span: Span | None = None,
) -> VideoClip:
    """The frames of a video or a picture; `MediaError` when there are none.

    A still picture is one frame at 0 s. `random` is needed where `settings.random`. Of a `span`
    only the frames inside are shown, as if it were a video of its own: times begin where it does.
    """
    if settings.random and random is None:
        raise InputError("these frames are drawn at random; give random=Random(seed)")
    shown_s, fps = _shown(path)
    first, last = 0, len(shown_s)
    if span is not None:
        first, last = np.searchsorted(shown_s, (span.start_s - 1e-6, span.end_s - 1e-6)).tolist()
        # A span between two frames, or behind the end, still shows one frame.
        first = min(first, max(len(shown_s) - 1, 0))
        last = min(max(last, first + 1), len(shown_s))
    start_s = 0.0 if span is None else span.start_s
    chosen = even_positions(last - first, settings.frames, settings.way, random)
    wanted = shown_s[first:last][chosen]
    told = wanted if settings.clock == "shown" else (first + np.array(chosen)) / fps
    damage = Damage()
    video = Video("", path, float(wanted[-1]) if len(wanted) else 0.0, 0.0, 0, 0)
    read: list[NDArray[np.uint8]] = []
    at_s: list[float] = []
    if len(wanted):
        for part in read_frames(
            video, times_s=wanted.tolist(), square_px=settings.size_px, damage=damage
        ):
            read += list(part.pixels)
            at_s += part.times_s.tolist()
    if not read:
        why = damage.stopped or f"{damage.bad_packets} damaged packets"
        raise MediaError(f"no frame of {path.name!r} can be decoded: {why}; fetch it again")
    lost = "" if len(at_s) == len(wanted) and not damage else str(damage.stopped or "damaged")
    times_s = np.maximum((told if not lost else np.array(at_s)) - start_s, 0.0)
    pixels = np.stack(read)
    if settings.crop == "random" and random is not None:
        pixels = _cropped(pixels, settings, random)
    return VideoClip(pixels, printed_times(times_s.tolist()), times_s, lost)


def _shown(path: Path) -> tuple[NDArray[np.float64], float]:
    """When each frame is shown, in seconds, and the average rate; a still picture has one frame."""
    if not is_still(path):
        frames = shown(path)
        return frames.times_s, frames.fps
    if probe(path).kind == "image":
        return np.zeros(1), 1.0
    with open_still(path) as image:
        starts, end_s = frame_times_s(image)
    return np.array(starts), len(starts) / end_s


def _cropped(
    pixels: NDArray[np.uint8], settings: FrameSettings, random: Random
) -> NDArray[np.uint8]:
    from whenabouts.models.clip_crop import crop_clip, draw_box

    height, width = pixels.shape[1:3]
    box = draw_box(height, width, random)
    return crop_clip(pixels, box, settings.size_px)
