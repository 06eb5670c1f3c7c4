"""Search in what is seen: coarse neighbours, exact token-wise scores, spans with confidence."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whenabouts.library.about import video_of
from whenabouts.library.calibrate import Bank, Clip, Level, Stands, logistic
from whenabouts.library.fuse import Hit
from whenabouts.library.settings import SearchSettings
from whenabouts.library.windows import best_windows, join, standing_logits
from whenabouts.models.scoring import softmax
from whenabouts.protocols import Grounder
from whenabouts.store.rows import FrameHit, FrameRows, VideoRow
from whenabouts.store.store import Store
from whenabouts.systems.peaks import Peaks
from whenabouts.types import Encoding, Moment

Floats = NDArray[np.float32]
LONG = 64
"""Of a video with more stored frames than this only the neighbourhoods of hits are scored."""
AROUND = 24
"""Frames before and after a hit that make its neighbourhood."""
BANK_FRAMES = 4
"""Frames of a window that the bank of null queries is scored on."""
BACKGROUND = 512
"""Frames from all over the library that an example is compared with."""
FEW = 160
"""A search among so many videos scores every one of them."""
FEW_VIDEOS = 12
"""When the nearest frames are of fewer videos than this, more frames are fetched."""
MORE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A visual query: its encoding, and the bank that its scores are seen against."""

    encoding: Encoding
    bank: Bank
    settings: SearchSettings
    by_example: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A video with its best window, `first` to `last` in its stored frames, and the score."""

    video: str
    frames: FrameRows
    logits: Floats
    """Of all its frames, for as many as each stands."""
    first: int
    last: int
    score: float


@dataclass(frozen=True, slots=True)
class _Line:
    """Confidence as it falls with the score: the logit at one score, and its slope."""

    logit: float
    slope: float
    score: float
    steep: bool = False
    """Whether it falls as fast from where it is sure."""

    def at(self, score: float) -> float:
        """Confidence at another score."""
        rise = self.slope * (score - self.score)
        if self.steep:
            return logistic(self.logit) * math.exp(min(rise, 0.0))
        return logistic(self.logit + rise)


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
        candidates = self.candidates(look, rows, videos, limit)
        if not candidates:
            return []
        stands = self.stands(look, candidates)
        logits, slopes = look.settings.calibration.logits(stands, len(rows), look.by_example)
        # All rank on the scale of the best one: which of two videos fits better, the scores say;
        # how sure each is, its own frames.
        hits = [
            hit
            for candidate, logit, slope in zip(candidates, logits, slopes, strict=True)
            for hit in self._moments(
                look,
                candidate,
                rows[candidate.video],
                _Line(logit, slope, candidate.score),
                _Line(logits[0], slopes[0], candidates[0].score, look.settings.steep),
            )
        ]
        return sorted(hits, key=lambda hit: -hit.worth)

    def stands(self, look: Look, candidates: Sequence[Candidate]) -> Stands:
        """How far each candidate stands above the bank on its own frames."""
        clips = [_clip(candidate) for candidate in candidates]
        own, own_seen = (one[:, 0] for one in Bank([look.encoding]).scores(clips))
        both, seen = look.bank.scores(clips)
        level = Level.to_identical if look.by_example else Level.of
        both, seen = level(both), level(seen)
        return Stands(both.above(own), seen.above(own_seen), both.spread, seen.spread)

    def candidates(
        self, look: Look, rows: dict[str, VideoRow], videos: Collection[str] | None, limit: int
    ) -> list[Candidate]:
        """At most `limit` videos nearest to the query with their exact scores, best first.

        Of a few `videos` all are scored, of many those that have the nearest frames.
        """
        hits: dict[str, list[float]] = {}
        if videos is not None and len(videos) <= FEW:
            stored = self._store.frames([video for video in videos if video in rows])
            among = [video for video, frames in stored.items() if len(frames) > LONG]
            hits = {video: [] for video in stored}
        else:
            stored, among = {}, videos
        most = max(look.settings.candidates, limit, len(hits))
        for hit in self._near(look, among) if among is None or len(among) else []:
            if hit.video in rows and (hit.video in hits or len(hits) < most):
                hits.setdefault(hit.video, []).append(hit.time_s)
        stored = stored or self._store.frames(list(hits))
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
            if video not in found:
                logits = standing_logits(stored[video], self._step_s)
                score = float(best.scores[at])
                found[video] = Candidate(video, stored[video], logits, first, last, score)
            if len(found) == limit:
                break
        return list(found.values())

    def _near(self, look: Look, videos: Collection[str] | None) -> list[FrameHit]:
        """The nearest frames; more of them when one long video takes all places."""
        query_1D = look.encoding.pooled[None]
        limit = look.settings.near
        near = self._store.near(query_1D, limit, videos)[0]
        if len(near) == limit and len({hit.video for hit in near}) < FEW_VIDEOS:
            near = self._store.near(query_1D, limit * MORE, videos)[0]
        return near

    def _moments(
        self, look: Look, candidate: Candidate, row: VideoRow, sure: _Line, rank: _Line
    ) -> list[Hit]:
        """The spans of one video; those that fit worse than its best window are less sure."""
        frames, encoding = candidate.frames, look.encoding
        vectors = np.asarray(frames.vectors, np.float32)
        grounder = Peaks(look.settings.peaks, self._step_s)
        hits: list[Hit] = []
        for moment in locate(encoding, row, vectors, candidate.logits, frames, grounder):
            # The best window of the video may be longer than the peak that marks its moment.
            fit = candidate.score if not hits else min(moment.score, candidate.score)
            why = tuple(replace(e, score=round(fit, 4)) for e in moment.evidence)
            hits.append(
                Hit(
                    row.id,
                    moment.span,
                    sure.at(fit),
                    why,
                    moment.text,
                    moment.curve,
                    rank.at(fit),
                )
            )
        return hits

    def background(self) -> Floats:
        """Frames from all over the library, float32 [N,D]; the same until the library changes."""
        commit = self._store.commit
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


def _clip(candidate: Candidate) -> Clip:
    """Some frames of the best window with their weights, for the bank to be scored on."""
    at = np.arange(candidate.first, candidate.last)
    if len(at) > BANK_FRAMES:
        at = at[np.linspace(0, len(at) - 1, BANK_FRAMES).astype(np.intp)]
    vectors = np.asarray(candidate.frames.vectors[at], np.float32)
    return Clip(vectors, softmax(candidate.logits[at]))


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
    ranges: list[tuple[int, int]] = []
    for at in sorted(frames.times_s.searchsorted(times_s).tolist()):
        begin, end = max(at - AROUND, 0), min(at + AROUND + 1, count)
        if ranges and begin <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((begin, end))
    return ranges


def _part(frames: FrameRows, begin: int, end: int) -> FrameRows:
    if begin == 0 and end == len(frames):
        return frames
    part = slice(begin, end)
    return FrameRows(
        frames.vectors[part], frames.logits[part], frames.times_s[part], frames.ends_s[part]
    )
