"""A picture, a clip or a moment as a query: its frames as vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError
from whenabouts.media.decode import read_frames
from whenabouts.media.probe import content_id, probe
from whenabouts.models.scoring import softmax
from whenabouts.protocols import Encoder
from whenabouts.store.store import Store
from whenabouts.systems.peaks import within
from whenabouts.types import Encoding, Moment, Span

MOST_FRAMES = 32
"""Frames of a longer clip are thinned to this many."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """What a search looks like, and where it comes from: that place is no answer."""

    encoding: Encoding
    name: str
    video: str = ""
    """Content id; empty for pixels."""
    span: Span | None = None


def example_of(
    what: Moment | str | Path | NDArray[np.uint8], span: Span | None, encoder: Encoder, store: Store
) -> Example:
    """The frames of `what`, from the store where they are stored, encoded anew otherwise."""
    if isinstance(what, Moment):
        span = span or what.span
        stored = store.frames([what.video.id]).get(what.video.id)
        if stored is not None:
            inside = _thinned(np.arange(*within(stored.times_s, span)))
            encoding = _encoding(
                stored.vectors[inside].astype(np.float32),
                stored.logits[inside],
                stored.times_s[inside],
            )
            return Example(encoding, str(what), what.video.id, span)
        what = what.video.path
    if isinstance(what, str | Path):
        return _from_file(Path(what).expanduser(), span, encoder)
    if what.ndim != 3 or what.shape[2] != 3 or what.dtype != np.uint8 or what.size == 0:
        raise InputError(f"pixels must be uint8 [H,W,3], got {what.dtype} {what.shape}")
    encoded = encoder.encode_frames(what[None])
    return Example(_encoding(encoded.vectors, encoded.logits, np.zeros(1)), "a picture")


def _from_file(path: Path, span: Span | None, encoder: Encoder) -> Example:
    info = probe(path)
    if info.kind == "audio":
        raise InputError(f"{path.name!r} holds no pictures; give a picture or a video")
    video = info.video(path, content_id(path))
    part = video.span if span is None else span.clamp(video.span)
    if span is not None and part.length_s <= 0:
        raise InputError(f"{path.name!r} lasts {video.duration_s:.1f} s; {span} is behind it")
    rate_hz = min(encoder.sampling.rate_hz, MOST_FRAMES / max(part.length_s, 1e-3))
    count = max(1, min(MOST_FRAMES, int(part.length_s * rate_hz)))
    times_s = part.start_s + (np.arange(count) + 0.5) * part.length_s / count
    frames = list(read_frames(video, times_s=list(times_s), short_side_px=encoder.input_px))
    if not frames:
        raise InputError(f"no frame of {path.name!r} can be read there; give another part")
    encoded = [encoder.encode_frames(chunk.pixels) for chunk in frames]
    encoding = _encoding(
        np.concatenate([one.vectors for one in encoded]),
        np.concatenate([one.logits for one in encoded]),
        np.concatenate([chunk.times_s for chunk in frames]),
    )
    return Example(encoding, path.name, video.id, part)


def _encoding(
    vectors: NDArray[np.float32], logits: NDArray[np.float32], times_s: NDArray[np.float64]
) -> Encoding:
    return Encoding(vectors, softmax(logits), times_s)


def _thinned(places: NDArray[np.intp]) -> NDArray[np.intp]:
    if len(places) <= MOST_FRAMES:
        return places
    return places[np.linspace(0, len(places) - 1, MOST_FRAMES).astype(int)]
