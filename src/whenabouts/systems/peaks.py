"""A grounder without a language model: peaks of token similarity over the time of one video.

Every stored frame gets a score against the query, the two halves of weighted token-wise
interaction (WTI) for a clip of that one frame; the curve is smoothed, cut between its floor and
its peak with hysteresis, and each piece that remains is a moment. Legend: N frames, G steps of
an even time grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.models.scoring import best_words, similarities, word_matches
from whenabouts.settings import Settings
from whenabouts.types import Curve, Encoding, Evidence, Moment, Span, Video

Floats = NDArray[np.float32]
DRAWN_POINTS = 120
"""A curve handed to people has at most so many points."""
GRID_POINTS = 50_000
"""Longer videos are looked at in coarser steps: ten hours at 1 Hz still fit."""


class PeakSettings(Settings):
    """How a score curve becomes spans; shares run from the curve's floor (0) to its peak (1)."""

    smooth_s: float = 1.5
    """Full width of the triangular smoothing window, seconds."""
    floor_quantile: float = 0.1
    """The floor of a curve is this quantile of it."""
    enter: float = 0.8
    """A moment must reach this share of the way from floor to peak."""
    leave: float = 0.6
    """A moment ends where the curve falls below this share of its own height."""
    flat: float = 0.02
    """A curve whose peak is less than this above its floor (cosine) is one moment: all of it."""
    shortest_s: float = 1.0
    """Moments are widened to at least this, seconds."""
    limit: int = 5
    """At most so many moments a video."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Scores on an even time grid: `times_s` float64 [G], `scores` float32 [G]."""

    times_s: NDArray[np.float64]
    scores: Floats

    @property
    def step_s(self) -> float:
        """Seconds between two grid times."""
        return float(self.times_s[1] - self.times_s[0]) if len(self.times_s) > 1 else 0.0


class Peaks:
    """The grounder `peaks`; see the module's head."""

    def __init__(self, settings: PeakSettings | None = None, step_s: float | None = None) -> None:
        """With `step_s`, frames were sampled so far apart, and those like the last left out."""
        self._settings = settings or PeakSettings()
        self._step_s = step_s

    def locate(self, query: Encoding, video: Video, seen: Encoding) -> list[Moment]:
        """Moments of `video` that fit `query`, best first, from its frames `seen` (with times)."""
        if seen.times_s is None or not len(seen):
            return []
        similarity_TN = similarities(query, seen.vectors)
        fit_N = similarity_TN.max(axis=0)
        scores_N = 0.5 * (query.weights @ similarity_TN + fit_N)
        grid = on_grid(scores_N, seen.times_s, video.duration_s, self._step_s)
        curve = drawn(grid)
        moments: list[Moment] = []
        for span in spans(grid, video.duration_s, self._settings):
            first, last = within(seen.times_s, span)
            weights_N = seen.weights[first:last]
            text_half = query.weights @ similarity_TN[:, first:last].max(axis=1)
            video_half = weights_N @ fit_N[first:last] / max(float(weights_N.sum()), 1e-12)
            fit = 0.5 * float(text_half + video_half)
            best = first + int(scores_N[first:last].argmax())
            words = " ".join(best_words(query, seen.vectors[best]))
            inside = Encoding(seen.vectors[first:last], weights_N, seen.times_s[first:last])
            matches = word_matches(query, inside, similarity_TN[:, first:last])
            why = Evidence("visual", fit, words, float(seen.times_s[best]), matches)
            moments.append(Moment(video, span, fit, words, (why,), curve))
        return sorted(moments, key=lambda moment: -moment.score)


def peaks(settings: PeakSettings | None = None) -> Peaks:
    """The grounder, as the catalog opens it."""
    return Peaks(settings)


def on_grid(
    scores_N: Floats,
    times_s: NDArray[np.float64],
    duration_s: float,
    step_s: float | None = None,
) -> Grid:
    """Scores of unevenly spaced frames on an even grid; a frame stands until the next one."""
    if len(times_s) == 1:
        return Grid(times_s, scores_N)
    end_s = max(duration_s, float(times_s[-1]))
    if step_s is None:
        gaps_s: NDArray[np.float64] = np.diff(times_s)
        step_s = float(gaps_s[gaps_s > 1e-3].min(initial=max(end_s, 1e-3)))
    step_s = max(step_s, end_s / GRID_POINTS)
    first_s = float(times_s[0])
    # The last sample of a video is rarely a full step before its end: one point for it, no more.
    count = max(int((end_s - first_s) / step_s + 1e-6), 1)
    grid_s = first_s + step_s * np.arange(count, dtype=np.float64)
    shown = np.searchsorted(times_s, grid_s + step_s * 1e-3, side="right") - 1
    return Grid(grid_s, scores_N[shown])


def smooth(grid: Grid, width_s: float) -> Grid:
    """The curve under a triangular window of full width `width_s`; ends are held."""
    half = round(width_s / 2 / grid.step_s) if grid.step_s else 0
    if half < 1:
        return grid
    ramp = np.arange(1, half + 2, dtype=np.float32)
    kernel = np.concatenate([ramp, ramp[-2::-1]]) / np.float32((half + 1) ** 2)
    ends = (np.full(half, grid.scores[0]), grid.scores, np.full(half, grid.scores[-1]))
    return Grid(grid.times_s, np.convolve(np.concatenate(ends), kernel, "valid"))


def spans(grid: Grid, duration_s: float, settings: PeakSettings) -> list[Span]:
    """The stretches of a curve around its peaks, highest first, seconds."""
    whole = Span(0.0, max(duration_s, float(grid.times_s[-1])))
    curve = smooth(grid, settings.smooth_s)
    free, count = curve.scores.copy(), len(curve.scores)
    low = round(settings.floor_quantile * (count - 1))
    floor = float(np.partition(free, low)[low])
    height = float(free.max()) - floor
    if count < 2 or height < settings.flat:
        return [whole]
    found: list[Span] = []
    while len(found) < settings.limit:
        best = int(free.argmax())
        peak = float(free[best])
        if peak < floor + settings.enter * height:
            break
        cut = floor + settings.leave * (peak - floor)
        below = np.flatnonzero(free < cut)
        place = int(below.searchsorted(best))
        left = int(below[place - 1]) + 1 if place else 0
        right = int(below[place]) - 1 if place < len(below) else count - 1
        start_s = _crossing_s(curve, left - 1, left, cut) if left else whole.start_s
        end_s = _crossing_s(curve, right, right + 1, cut) if right < count - 1 else whole.end_s
        free[left : right + 1] = -np.inf  # taken; a later moment ends where this one begins
        found.append(_at_least(Span(start_s, max(start_s, end_s)), settings.shortest_s, whole))
    return found


def _crossing_s(grid: Grid, left: int, right: int, level: float) -> float:
    """Where the straight line between two neighbours crosses `level`, seconds."""
    a, b = float(grid.scores[left]), float(grid.scores[right])
    share = 0.5 if a == b else min(max((level - a) / (b - a), 0.0), 1.0)
    return float(grid.times_s[left] + share * (grid.times_s[right] - grid.times_s[left]))


def _at_least(span: Span, length_s: float, whole: Span) -> Span:
    """`span` widened evenly to `length_s` as far as `whole` allows."""
    missing_s = max(0.0, min(length_s, whole.length_s) - span.length_s)
    start_s = max(whole.start_s, span.start_s - missing_s / 2)
    end_s = min(whole.end_s, max(span.end_s, start_s) + missing_s)
    return Span(min(start_s, end_s), end_s) if missing_s else span


def within(times_s: NDArray[np.float64], span: Span) -> tuple[int, int]:
    """The frames shown inside `span`, from the first to behind the last.

    Those that begin in it and the one it begins in; never none for a video with frames.
    """
    first = max(int(times_s.searchsorted(span.start_s + 1e-6, side="right")) - 1, 0)
    last = int(times_s.searchsorted(span.end_s - 1e-6, side="right"))
    return first, max(last, first + 1)


def drawn(grid: Grid, points: int = DRAWN_POINTS) -> Curve:
    """The curve thinned for drawing: the highest score of each of `points` equal pieces."""
    count = len(grid.times_s)
    if count <= points:
        return Curve(tuple(grid.times_s.tolist()), tuple(grid.scores.tolist()))
    starts = np.linspace(0, count, points, endpoint=False).astype(int)
    highest = np.maximum.reduceat(grid.scores, starts)
    return Curve(tuple(grid.times_s[starts].tolist()), tuple(highest.tolist()))
