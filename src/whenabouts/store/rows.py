"""What the store keeps and gives back: frozen rows, times in seconds from the first shown frame.

A *path* is a place on disk, a *video id* names content: the same bytes at two paths are two
`VideoRow`s with one id, and share frames, texts and pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Status = Literal["ok", "partial", "failed", "missing"]
"""`partial`: some passes are still due or some of the file is damaged; `missing`: not on disk."""


@dataclass(frozen=True, slots=True)
class VideoRow:
    """One file. The key is `path`; `id` names its content."""

    id: str
    path: str
    """As `os.fsdecode` gives it: bytes that are no UTF-8 survive as surrogate escapes."""
    size: int
    """Bytes."""
    mtime_ns: int
    duration_s: float = 0.0
    fps: float = 0.0
    width: int = 0
    height: int = 0
    kind: str = "video"
    created_s: float | None = None
    """When it was recorded, seconds since 1970; None when the file does not say."""
    added_s: float = 0.0
    """When it came into the library, seconds since 1970."""
    tags: dict[str, str] = field(default_factory=dict[str, str])
    status: Status = "ok"
    reason: str = ""
    """Why `status` is not `ok`."""
    passes: tuple[str, ...] = ()
    """Finished passes, for example `("keyframes", "frames", "screen", "speech")`."""
    langs: tuple[str, ...] = ()
    has_speech: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FrameRows:
    """Encoded frames of one video in order of time.

    `vectors` float32 or float16 [N,D] unit length, `logits` float32 [N], `times_s` float64 [N],
    `ends_s` float64 [N]: until when this frame stands, for near-duplicates are one row.
    """

    vectors: NDArray[np.float32] | NDArray[np.float16]
    logits: NDArray[np.float32]
    times_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        rows = self.vectors.shape[:1]
        if self.vectors.ndim != 2 or {self.logits.shape, self.times_s.shape} != {rows}:
            raise ValueError(
                f"vectors must be [N,D] with N logits and times, got {self.vectors.shape}, "
                f"{self.logits.shape}, {self.times_s.shape}"
            )
        if self.ends_s.shape != rows:
            raise ValueError(f"{rows[0]} frames need as many ends, got {self.ends_s.shape}")

    def __len__(self) -> int:
        return len(self.times_s)


StoredFrames = FrameRows
"""What `Store.frames` gives back: the same, with float32 vectors."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A piece of text of one video: said, drawn, in a subtitle track, its name or metadata."""

    start_s: float
    end_s: float
    channel: str
    lang: str
    """Language code, empty when unknown."""
    text: str


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A small JPEG that stands for one shot `[start_s, end_s)`, shown at `time_s`."""

    start_s: float
    end_s: float
    time_s: float
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Indexed:
    """One file as it goes into the store. None leaves what is stored for that content."""

    video: VideoRow
    frames: FrameRows | None = None
    texts: tuple[TextRow, ...] | None = None
    pictures: tuple[PictureRow, ...] | None = None
    channels: tuple[str, ...] | None = None
    """Which stored channels `texts` replaces; None: all of them."""


@dataclass(frozen=True, slots=True)
class EncoderMark:
    """Which encoder made the vectors: `width` is D, `fingerprint` changes when a vector would."""

    name: str
    fingerprint: str
    width: int


@dataclass(frozen=True, slots=True)
class FrameHit:
    """A stored frame near a query; `score` is the dot product."""

    video: str
    time_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class TextHit:
    """A stored piece of text that shares words with a query; `score` is BM25."""

    video: str
    start_s: float
    end_s: float
    channel: str
    lang: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a library holds."""

    format: int
    created_by: str
    encoder: EncoderMark
    videos: int
    """Files, copies counted each."""
    contents: int
    """Different contents."""
    frames: int
    texts: int
    pictures: int
    commit: int
    """Grows by one with every commit."""
