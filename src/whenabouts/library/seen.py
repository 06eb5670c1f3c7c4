"""Search in what is seen: coarse neighbours, exact token-wise scores, spans with confidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.about import video_of
from whenabouts.library.calibrate import BACKGROUND, Bank, above, confidence, z_null
from whenabouts.library.fuse import Hit
from whenabouts.library.settings import SearchSettings
from whenabouts.library.windows import best_windows, join, standing_logits
from whenabouts.models.scoring import frame_scores, softmax
from whenabouts.protocols import Grounder
from whenabouts.store.rows import FrameHit, FrameRows, VideoRow
from whenabouts.store.store import Store
from whenabouts.systems.peaks import Peaks, within
from whenabouts.types import Encoding, Evidence, Moment, Span

Floats = NDArray[np.float32]
LONG = 384
"""Of a video with more stored frames than this only the neighbourhoods of hits are scored."""
AROUND = 64
"""Frames before and after a hit that make its neighbourhood."""
FEW_VIDEOS = 12
"""When the nearest frames are of fewer videos than this, more frames are fetched."""
MORE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A visual query: its encoding, and the bank that its scores are seen against."""

    encoding: Encoding
    bank: Bank
    settings: SearchSettings


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A video with its best window, `first` to `last` in its stored frames, and the score."""

    video: str
    frames: FrameRows
    first: int
    last: int
    score: float


class Seen:
    """Visual search over one store."""

    def __init__(self, store: Store, step_s: float) -> None:
        self._store, self._step_s = store, step_s
        self._background: tuple[int, Floats] | None = None

    def find(
        self,
        look: Look,
        rows: dict[str, VideoRow],
        videos: Collection[str] | None,
        limit: int,
    ) -> list[Hit]:
        """Moments that look like the query, surest first, of at most `limit` videos."""
        candidates = self.candidates(look, rows, videos)[:limit]
        rest = self.background_scores(look.encoding)
        hits = [
            hit
            for candidate in candidates
            for hit in self._moments(look, candidate, rows[candidate.video], rest)
        ]
        return sorted(hits, key=lambda hit: -hit.confidence)

    def candidates(
        self, look: Look, rows: dict[str, VideoRow], videos: Collection[str] | None
    ) -> list[Candidate]:
        """The videos nearest to the query with their exact scores, best first."""
        near = self._near(look, videos)
        hits: dict[str, list[float]] = {}
        for hit in near:
            if hit.video in rows and (hit.video in hits or len(hits) < look.settings.candidates):
                hits.setdefault(hit.video, []).append(hit.time_s)
        stored = self._store.frames(list(hits))
        pieces = [
            (video, begin, end)
            for video, frames in stored.items()
            for begin, end in neighbourhoods(frames, hits[video])
        ]
        if not pieces:
            return []
        joint = join([_part(stored[video], b, e) for video, b, e in pieces], self._step_s)
        similarity_TN = look.encoding.vectors @ joint.vectors.T
        best = best_windows(look.encoding.weights, similarity_TN, joint)
        found: dict[str, Candidate] = {}
        for at in np.argsort(-best.scores):
            video, begin, _ = pieces[at]
            shift = begin - int(joint.starts[at])
            first, last = int(best.first[at]) + shift, int(best.last[at]) + shift
            one = Candidate(video, stored[video], first, last, float(best.scores[at]))
            found.setdefault(video, one)
        return list(found.values())

    def _near(self, look: Look, videos: Collection[str] | None) -> list[FrameHit]:
        """The nearest frames; more of them when one long video takes all places."""
        query_1D = look.encoding.pooled[None]
        limit = look.settings.near
        near = self._store.near(query_1D, limit, videos)[0]
        if len(near) == limit and len({hit.video for hit in near}) < FEW_VIDEOS:
            near = self._store.near(query_1D, limit * MORE, videos)[0]
        return near

    def _moments(self, look: Look, candidate: Candidate, row: VideoRow, rest: Floats) -> list[Hit]:
        """The spans of one video, each with how sure it is."""
        frames, encoding = candidate.frames, look.encoding
        logits = standing_logits(frames, self._step_s)
        vectors = np.asarray(frames.vectors, np.float32)
        moments = locate(
            encoding, row, vectors, logits, frames, Peaks(look.settings.peaks, self._step_s)
        )
        hits: list[Hit] = []
        for number, moment in enumerate(moments):
            inside = within(frames.times_s, moment.span)
            clip = slice(int(inside[0]), int(inside[-1]) + 1)
            fit = moment.score
            if number == 0 and candidate.score > fit:
                clip, fit = slice(candidate.first, candidate.last), candidate.score
            sure = confidence(
                z_null(look.bank, fit, vectors[clip], logits[clip]),
                above(float(frame_scores(encoding, vectors[clip]).max()), rest),
                len(rest),
                look.settings.calibration,
            )
            why = tuple(
                Evidence("visual", round(fit, 4), e.text, e.time_s) for e in moment.evidence
            )
            hits.append(Hit(row.id, moment.span, sure, why, moment.text, moment.curve))
        return hits

    def background_scores(self, encoding: Encoding) -> Floats:
        """The query's scores on frames from all over the library, float32 [at most BACKGROUND]."""
        vectors = self.background()
        return frame_scores(encoding, vectors) if len(vectors) else np.zeros(0, np.float32)

    def background(self) -> Floats:
        """Frames from all over the library, float32 [N,D]; the same until the library changes."""
        commit = self._store.info().commit
        if self._background is None or self._background[0] != commit:
            self._background = (commit, self._sample())
        return self._background[1]

    def _sample(self) -> Floats:
        videos = sorted({row.id for row in self._store.videos() if row.status != "failed"})
        random = np.random.default_rng(0)
        chosen = random.permutation(len(videos))[: BACKGROUND // 4]
        stored = self._store.frames([videos[at] for at in chosen])
        if not stored:
            return np.zeros((0, 1), np.float32)
        each = max(1, BACKGROUND // len(stored))
        picked = [
            frames.vectors[np.linspace(0, len(frames) - 1, min(each, len(frames))).astype(int)]
            for frames in stored.values()
        ]
        return np.concatenate(picked).astype(np.float32)


def locate(
    encoding: Encoding,
    row: VideoRow,
    vectors: Floats,
    logits: Floats,
    frames: FrameRows,
    grounder: Grounder,
) -> list[Moment]:
    """The grounder's moments in a stored video."""
    seen = Encoding(vectors, softmax(logits), frames.times_s)
    return grounder.locate(encoding, video_of(row), seen)


def neighbourhoods(frames: FrameRows, times_s: Sequence[float]) -> list[tuple[int, int]]:
    """Ranges of rows that are scored: all of a short video, else what lies around the hits."""
    count = len(frames)
    if count <= LONG:
        return [(0, count)]
    at = np.unique(np.searchsorted(frames.times_s, times_s))
    begins, ends = np.maximum(at - AROUND, 0), np.minimum(at + AROUND + 1, count)
    # A new range begins where the neighbourhood starts behind the end of all before.
    fresh = np.flatnonzero(np.concatenate([[True], begins[1:] > ends[:-1]]))
    last = np.append(fresh[1:], len(at)) - 1
    return [(int(b), int(e)) for b, e in zip(begins[fresh], ends[last], strict=True)]


def _part(frames: FrameRows, begin: int, end: int) -> FrameRows:
    if begin == 0 and end == len(frames):
        return frames
    part = slice(begin, end)
    return FrameRows(
        frames.vectors[part], frames.logits[part], frames.times_s[part], frames.ends_s[part]
    )


def span_of(frames: FrameRows, first: int, last: int) -> Span:
    """The time that stored frames `first` to `last` (not included) cover, seconds."""
    start_s = float(frames.times_s[first])
    return Span(start_s, max(start_s, float(frames.ends_s[last - 1])))
