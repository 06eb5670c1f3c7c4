"""The few frames of a video that a retrieval model looks at, and their compact form on disk."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from whenabouts.errors import DataError, MediaError
from whenabouts.media.decode import Damage, read_frames
from whenabouts.media.shown import shown
from whenabouts.models.positions import Cut, second_positions, stride_positions
from whenabouts.settings import Settings
from whenabouts.types import Video

SpanS = tuple[float, float]
"""Start and end in seconds."""


class ClipSettings(Settings):
    """Which frames of a video are looked at, and how they are kept."""

    rate_hz: float = Field(default=1.0, gt=0)
    """Frames a second, before thinning to `limit`."""
    limit: int = Field(default=12, gt=0)
    """Most frames of a video."""
    way: Literal["stride", "second"] = "stride"
    """`stride`: every n-th frame, as DRL counts; `second`: from each whole second, as CLIP4Clip."""
    cut: Cut = "uniform"
    """Which frames stay when there are too many; `stride` only knows `uniform`."""
    short_px: int = Field(default=224, gt=0)
    """Shorter side of the kept frames: the side of the model's input, so that they are resized
    once. Smaller videos stay as they are."""
    picture: Literal["jpeg", "png"] = "jpeg"
    """`png` loses nothing and takes about five times the room."""
    quality: int = Field(default=92, ge=1, le=100)
    """Of the JPEG pictures."""

    def positions(self, fps: float, count: int, span_s: SpanS | None) -> list[int]:
        """Numbers of the frames to look at, of `count` frames at `fps` frames a second."""
        start_s, end_s = span_s or (None, None)
        if self.way == "stride":
            return stride_positions(
                fps, count, rate_hz=self.rate_hz, limit=self.limit, start_s=start_s, end_s=end_s
            )
        whole = max(1, round(self.rate_hz))
        return second_positions(
            fps, count, rate_hz=whole, limit=self.limit, cut=self.cut, start_s=start_s, end_s=end_s
        )[1]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Frames of one video: `pixels` uint8 [n,H,W,3], `times_s` float64 [n]."""

    pixels: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    damage: str = ""
    """What of them could not be read; empty when all is well."""


def decode_clip(path: Path, span_s: SpanS | None, settings: ClipSettings) -> Clip:
    """The frames of a video by the rules of `settings`; `MediaError` when there is none."""
    frames = shown(path)
    chosen = settings.positions(frames.fps, len(frames.times_s), span_s)
    if not chosen:
        part = "" if span_s is None else f" from {span_s[0]:g} to {span_s[1]:g} s"
        raise MediaError(
            f"{path.name!r} has no frames{part} ({len(frames.times_s)} in all); "
            "take it out of the dataset or fetch it again"
        )
    damage = Damage()
    wanted = frames.times_s[chosen]
    video = Video("", path, float(frames.times_s[-1]), frames.fps, 0, 0)
    pixels: list[NDArray[np.uint8]] = []
    times_s: list[float] = []
    for part in read_frames(video, times_s=wanted.tolist(), damage=damage):
        pixels += [_shrink(picture, settings.short_px) for picture in part.pixels]
        times_s += part.times_s.tolist()
    if not pixels:
        why = damage.stopped or f"{damage.bad_packets} packets are damaged"
        raise MediaError(
            f"no frame of {path.name!r} can be decoded: {why}; "
            "take it out of the dataset or fetch it again"
        )
    return Clip(np.stack(_of_one_size(pixels)), np.array(times_s), _told(damage, wanted, times_s))


def _told(damage: Damage, wanted: NDArray[np.float64], times_s: Sequence[float]) -> str:
    """What was lost, if any of the wanted frames was."""
    same = len(times_s) == len(wanted) and np.allclose(wanted, times_s, atol=1e-3)
    if same and not damage:
        return ""
    moved = len(wanted) - int(
        np.isclose(wanted[: len(times_s)], times_s[: len(wanted)], atol=1e-3).sum()
    )
    return (
        f"{damage.bad_packets} damaged packets, {moved} of {len(wanted)} frames replaced or lost"
        + (f"; {damage.stopped}" if damage.stopped else "")
    )


def _shrink(picture: NDArray[np.uint8], short_px: int) -> NDArray[np.uint8]:
    """Scaled down to the shorter side by the filter that CLIP's own transform uses."""
    height, width = picture.shape[:2]
    short = min(height, width)
    if short <= short_px:
        return picture
    size = int(short_px * width / short), int(short_px * height / short)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


def _of_one_size(pixels: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """A video may change its size on the way: all frames get that of the first."""
    height, width = pixels[0].shape[:2]
    return [
        picture
        if picture.shape == pixels[0].shape
        else np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))
        for picture in pixels
    ]


def pack(clip: Clip, settings: ClipSettings) -> bytes:
    """The compact form: one safetensors file of compressed pictures."""
    parts = [_compress(picture, settings) for picture in clip.pixels]
    tensors = {
        "pictures": np.frombuffer(b"".join(parts), np.uint8),
        "ends": np.cumsum([len(part) for part in parts], dtype=np.int64),
        "times_s": clip.times_s,
    }
    return save(tensors, {"damage": clip.damage})


def unpack(path: Path) -> Clip:
    """The clip that `pack` made; `DataError` when the file is not whole."""
    try:
        with safe_open(path, framework="np") as file:
            pictures, ends = file.get_tensor("pictures"), file.get_tensor("ends")
            times_s, damage = file.get_tensor("times_s"), file.metadata().get("damage", "")
        pixels = [
            np.asarray(Image.open(io.BytesIO(part.tobytes())).convert("RGB"))
            for part in np.split(pictures, ends[:-1])
        ]
        return Clip(np.stack(pixels), times_s, damage)
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError, ValueError, SyntaxError) as error:
        raise DataError(f"{path} is damaged: {error}; delete it, it is made again") from error


def damage_of(path: Path) -> str:
    """What the clip in a file lacks, without reading its pictures; errors as `unpack` has them."""
    try:
        with safe_open(path, framework="np") as file:
            return file.metadata().get("damage", "")
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path} is damaged: {error}; delete it, it is made again") from error


def _compress(picture: NDArray[np.uint8], settings: ClipSettings) -> bytes:
    data = io.BytesIO()
    image = Image.fromarray(picture)
    if settings.picture == "png":
        image.save(data, "PNG", compress_level=3)
    else:
        image.save(data, "JPEG", quality=settings.quality, subsampling=0)
    return data.getvalue()
