"""The five types that cross rooms, and the small values they are made of.

Times are float seconds from the first shown frame of the video; the frame shown at time t is the
last one with pts <= t. Text is `str`. Everything here is frozen and checked on creation, so nobody
has to check again.
"""

from __future__ import annotations

import base64
import html
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

Channel = Literal["visual", "speech", "screen", "subtitle", "chapter", "name", "metadata"]
"""Where evidence comes from: pictures, spoken words, drawn text, subtitle track, chapter title,
file name, container metadata."""

Act = Literal["say", "ask", "videos", "moment", "answer", "compare", "show", "play", "export"]
"""What a turn of a conversation does; the last three ask whoever shows it to do something."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time `[start_s, end_s)` in seconds, 0 <= start_s <= end_s.

    >>> Span(2, 6).iou(Span(4, 8))
    0.3333333333333333
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (0 <= self.start_s <= self.end_s and math.isfinite(self.end_s)):
            raise ValueError(
                f"a span needs 0 <= start_s <= end_s, got {self.start_s} to {self.end_s}; "
                "clamp the times to the video first"
            )

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def overlap_s(self, other: Span) -> float:
        """Seconds that both spans cover."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def iou(self, other: Span) -> float:
        """Intersection over union in [0, 1]; 0 when both spans are empty."""
        shared_s = self.overlap_s(other)
        union_s = self.length_s + other.length_s - shared_s
        return shared_s / union_s if union_s > 0 else 0.0

    def shift(self, by_s: float) -> Span:
        """The same span `by_s` seconds later (or earlier, not below 0)."""
        return Span(max(0.0, self.start_s + by_s), max(0.0, self.end_s + by_s))

    def clamp(self, limit: Span) -> Span:
        """The part inside `limit`; an empty span at its nearer edge when nothing is inside."""
        start_s = min(max(self.start_s, limit.start_s), limit.end_s)
        return Span(start_s, max(start_s, min(self.end_s, limit.end_s)))

    def union(self, other: Span) -> Span:
        """The shortest span that covers both."""
        return Span(min(self.start_s, other.start_s), max(self.end_s, other.end_s))

    def __str__(self) -> str:
        return f"{clock(self.start_s)}-{clock(self.end_s)}"


def clock(time_s: float) -> str:
    """A time as people write it: `0:07.5`, `12:31.0`, `1:02:03.0`.

    >>> clock(751.04)
    '12:31.0'
    """
    tenths = round(time_s * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{rest // 10:02d}.{rest % 10}"


@dataclass(frozen=True, slots=True)
class Video:
    """A video file. `id` names its content: the same bytes under another name keep their id."""

    id: str
    path: Path
    duration_s: float
    fps: float
    """Average frames per second; 0 for sound and still images."""
    width: int
    """Pixels as shown, after rotation; 0 for sound."""
    height: int

    @property
    def span(self) -> Span:
        """The whole video."""
        return Span(0.0, self.duration_s)

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; `docs/json.md` has the schema."""
        return {
            "id": self.id,
            "path": str(self.path),
            "duration_s": self.duration_s,
            "fps": self.fps,
            "width": self.width,
            "height": self.height,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Video:
        """The video that `to_json` wrote."""
        return cls(
            id=values["id"],
            path=Path(values["path"]),
            duration_s=values["duration_s"],
            fps=values["fps"],
            width=values["width"],
            height=values["height"],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Some frames of one video: `pixels` uint8 [T,H,W,3] RGB and `times_s` float64 [T]."""

    video: Video
    pixels: NDArray[np.uint8]
    times_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 4 or self.pixels.shape[3] != 3 or self.pixels.dtype != np.uint8:
            raise ValueError(
                f"pixels must be uint8 [T,H,W,3], got {self.pixels.dtype} {self.pixels.shape}"
            )
        if self.times_s.shape != self.pixels.shape[:1]:
            raise ValueError(
                f"{len(self.pixels)} frames need as many times, got {self.times_s.shape}"
            )

    def __len__(self) -> int:
        return len(self.times_s)

    def __repr__(self) -> str:
        return (
            f"Frames({self.video.path.name!r}, pixels={self.pixels.shape}, times_s={self.times_s})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Text or video as weighted vectors in one space.

    `vectors` float32 [N,D] of unit length, `weights` float32 [N] summing to 1, `times_s` float64
    [N] for video and None for text. N=1 is plain CLIP, uniform weights are token interaction (TI),
    learned weights are weighted token-wise interaction (WTI).
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    times_s: NDArray[np.float64] | None = None
    words: tuple[str, ...] = ()
    """For text: the piece of text behind each vector, for evidence; empty when unknown."""

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.weights.shape != self.vectors.shape[:1]:
            raise ValueError(
                "vectors must be [N,D] with N weights, got "
                f"{self.vectors.shape} and {self.weights.shape}"
            )
        if self.times_s is not None and self.times_s.shape != self.weights.shape:
            raise ValueError(
                f"{len(self.weights)} vectors need as many times, got {self.times_s.shape}"
            )
        if self.words and len(self.words) != len(self.weights):
            raise ValueError(
                f"{len(self.weights)} vectors need as many words, got {len(self.words)}"
            )

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def pooled(self) -> NDArray[np.float32]:
        """The weighted mean, unit length, float32 [D]: what coarse search compares."""
        mean = self.weights @ self.vectors
        return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the query and the frame of a moment that fits it best."""

    word: str
    weight: float
    """The word's share of the query; all words have 1 together."""
    time_s: float
    frame_weight: float
    """The frame's share of the moment."""
    score: float
    """Cosine of both."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a moment was found: the channel, the words or the frame time, and how well it fits."""

    channel: Channel
    score: float
    text: str = ""
    """What was said, drawn or named; for pictures, the query words that the frame matched."""
    time_s: float | None = None
    matches: tuple[Match, ...] = ()
    """For pictures: the words that count, in the order of the query, each with its frame."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; matches only where there are any."""
        values: dict[str, Any] = {
            "channel": self.channel,
            "score": self.score,
            "text": self.text,
            "time_s": self.time_s,
        }
        if self.matches:
            values["matches"] = tuple(asdict(match) for match in self.matches)
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Evidence:
        """The evidence that `to_json` wrote."""
        found = {**values, "matches": tuple(Match(**one) for one in values.get("matches", ()))}
        return cls(**cast(dict[str, Any], found))


@dataclass(frozen=True, slots=True)
class Curve:
    """A score over the time of one video, for drawing: equally long `times_s` and `scores`."""

    times_s: tuple[float, ...]
    scores: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON, rounded to what a drawing needs."""
        return {
            "times_s": np.round(self.times_s, 3).tolist(),
            "scores": np.round(self.scores, 4).tolist(),
        }

    def to_svg(self, marked: Span, width_px: int = 240, height_px: int = 40) -> str:
        """A small drawing of the curve with `marked` shaded; empty without two points."""
        if len(self.times_s) < 2 or self.times_s[-1] <= self.times_s[0]:
            return ""
        first_s, length_s = self.times_s[0], self.times_s[-1] - self.times_s[0]
        low, high = min(self.scores), max(self.scores)

        def x_px(time_s: float) -> float:
            return min(max((time_s - first_s) / length_s, 0.0), 1.0) * width_px

        points = " ".join(
            f"{x_px(time_s):.1f},{(height_px - 2) * (1 - (s - low) / ((high - low) or 1)) + 1:.1f}"
            for time_s, s in zip(self.times_s, self.scores, strict=True)
        )
        left_px, right_px = x_px(marked.start_s), x_px(marked.end_s)
        return (
            f'<svg width="{width_px}" height="{height_px}" role="img" aria-label="score over time">'
            f'<rect x="{left_px:.1f}" y="0" width="{max(right_px - left_px, 1):.1f}" '
            f'height="{height_px}" fill="#f5b942" opacity="0.45"/>'
            f'<polyline points="{points}" fill="none" stroke="#2c6e91" stroke-width="1.5"/></svg>'
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of one video with a score: the only search result.

    A whole video is the moment `[0, duration)`. Scores rank within one list only.
    """

    video: Video
    span: Span
    score: float
    text: str = ""
    evidence: tuple[Evidence, ...] = ()
    curve: Curve | None = None
    picture: bytes = field(default=b"", repr=False, compare=False)
    """A small JPEG of the key frame, empty when none is at hand."""

    def __str__(self) -> str:
        return f"{self.video.path.name} {self.span}  {self.score:.2f}  {self.text}".rstrip()

    def to_json(self, *, picture: bool = False) -> dict[str, Any]:
        """The one JSON form of a moment, described in `docs/json.md`; `picture` adds the JPEG."""
        values: dict[str, Any] = {
            "video": self.video.to_json(),
            "start_s": self.span.start_s,
            "end_s": self.span.end_s,
            "score": self.score,
            "text": self.text,
            "evidence": [evidence.to_json() for evidence in self.evidence],
            "curve": self.curve.to_json() if self.curve else None,
        }
        if picture:
            values["picture"] = base64.b64encode(self.picture).decode("ascii")
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Moment:
        """The moment that `to_json` wrote (the curve as rounded there)."""
        curve = values.get("curve")
        return cls(
            video=Video.from_json(values["video"]),
            span=Span(values["start_s"], values["end_s"]),
            score=values["score"],
            text=values.get("text", ""),
            evidence=tuple(Evidence.from_json(e) for e in values.get("evidence", ())),
            curve=Curve(tuple(curve["times_s"]), tuple(curve["scores"])) if curve else None,
            picture=base64.b64decode(values.get("picture", "")),
        )

    def _repr_html_(self) -> str:
        """A card for notebooks: picture, time, evidence and the score over time."""
        picture = (
            '<img style="height:90px;border-radius:4px" alt="key frame" '
            f'src="data:image/jpeg;base64,{base64.b64encode(self.picture).decode("ascii")}"/>'
            if self.picture
            else ""
        )
        reasons = "".join(
            f"<li>{html.escape(e.channel)}: {html.escape(e.text)}"
            f"{'' if e.time_s is None else ' at ' + clock(e.time_s)}</li>"
            for e in self.evidence
        )
        return (
            '<div style="display:flex;gap:12px;align-items:flex-start;margin:6px 0">'
            f"{picture}<div><b>{html.escape(self.video.path.name)}</b> {self.span} "
            f"<small>({self.score:.2f})</small><br/>{html.escape(self.text)}"
            f'<ul style="margin:2px 0 2px 16px;padding:0">{reasons}</ul>'
            f"{self.curve.to_svg(self.span) if self.curve else ''}</div></div>"
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; a conversation is a tuple of turns."""

    role: Literal["user", "assistant"]
    text: str
    act: Act = "say"
    moments: tuple[Moment, ...] = ()
    memo: dict[str, Any] = field(default_factory=dict[str, Any], hash=False, repr=False)
    """What whoever answered wants to find again at the next turn: plain values for JSON."""

    def to_json(self) -> dict[str, Any]:
        """The one JSON form of a turn, described in `docs/json.md`; a memo only if there is one."""
        values: dict[str, Any] = {
            "role": self.role,
            "text": self.text,
            "act": self.act,
            "moments": [moment.to_json() for moment in self.moments],
        }
        return values | ({"memo": self.memo} if self.memo else {})

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Turn:
        """The turn that `to_json` wrote."""
        moments = tuple(Moment.from_json(moment) for moment in values.get("moments", ()))
        memo = values.get("memo", {})
        return cls(values["role"], values["text"], values.get("act", "say"), moments, memo)


@dataclass(frozen=True, slots=True)
class Example:
    """What every dataset yields and every metric reads.

    `video` None means: find it in the split's pool. Dense captions and highlights are moments of
    the target (text, or saliency as score).
    """

    id: str
    video: Video | None
    turns: tuple[Turn, ...]
    target: Turn
    choices: tuple[str, ...] = ()
