"""Exact token-wise scores of many videos at once, on sliding windows of their stored frames.

A long video would drown a short moment, so every video is scored on windows of several lengths
and counts as its best one. All candidates lie end to end in one matrix and are scored together:
no loop over rows. Legend: T query tokens, N frames of all candidates, V videos, D width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.store.rows import FrameRows

Floats = NDArray[np.float32]
LENGTHS = (2, 4, 8, 16, 32, 64)
"""Frames of a window: each twice the one before, so that maxima are built by doubling."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """The best window of each video.

    `first` and `last` int [V] are frames in the joint matrix, `last` not included; `scores`
    float32 [V].
    """

    first: NDArray[np.intp]
    last: NDArray[np.intp]
    scores: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Frames of V videos end to end: `vectors` [N,D], `logits` [N], `starts` int [V+1]."""

    vectors: Floats
    logits: Floats
    starts: NDArray[np.intp]


def join(videos: list[FrameRows], step_s: float) -> Joint:
    """Candidates end to end. A row that stands for several alike frames weighs like all of them.

    Args:
        videos: stored frames, none empty.
        step_s: seconds between two frames as the encoder samples.
    """
    counts = np.array([len(video) for video in videos])
    vectors = np.concatenate([video.vectors for video in videos]).astype(np.float32, copy=False)
    return Joint(
        vectors,
        np.concatenate([standing_logits(video, step_s) for video in videos]),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.intp),
    )


def standing_logits(video: FrameRows, step_s: float) -> Floats:
    """Weight logits of the rows plus the log of how many samples each stands for, float32 [N]."""
    stood = np.maximum((video.ends_s - video.times_s) / max(step_s, 1e-6), 1.0)
    return (video.logits + np.log(stood)).astype(np.float32)


def best_windows(weights_T: Floats, similarity_TN: Floats, joint: Joint) -> Windows:
    """The window of each video with the highest WTI score; a short video may count as a whole."""
    starts, ends = joint.starts[:-1], joint.starts[1:]
    counts = ends - starts
    owner_N = np.repeat(np.arange(len(counts)), counts)
    end_N = ends[owner_N]
    fit_N = similarity_TN.max(axis=0)
    peak_N = np.maximum.reduceat(joint.logits, starts)[owner_N]
    mass_N = np.exp((joint.logits - peak_N).astype(np.float64))
    mass = np.concatenate([[0.0], np.cumsum(mass_N)])
    fitted = np.concatenate([[0.0], np.cumsum(mass_N * fit_N)])
    # The best window that begins at each frame, and its length: one frame at first.
    best_N = (0.5 * (weights_T @ similarity_TN + fit_N)).astype(np.float32)
    length_N = np.ones(len(best_N), np.intp)
    running_TN, length = similarity_TN, 1
    for wished in LENGTHS:
        if wished > int(counts.max(initial=0)):
            break
        reach = running_TN.shape[1] - length
        running_TN = np.maximum(running_TN[:, :reach], running_TN[:, length:])
        length = wished
        at = np.arange(running_TN.shape[1])
        # A window across two videos may weigh nothing; it is struck out below.
        inside = np.maximum(mass[at + length] - mass[at], 1e-12)
        scores = 0.5 * (weights_T @ running_TN + (fitted[at + length] - fitted[at]) / inside)
        better = np.flatnonzero((scores > best_N[: len(at)]) & (at + length <= end_N[: len(at)]))
        best_N[better], length_N[better] = scores[better], length
    best_V = np.maximum.reduceat(best_N, starts)
    hits = np.flatnonzero(best_N == best_V[owner_N])
    first_V = hits[np.unique(owner_N[hits], return_index=True)[1]]
    whole_V = 0.5 * (
        weights_T @ np.maximum.reduceat(similarity_TN, starts, axis=1)
        + (fitted[ends] - fitted[starts]) / np.maximum(mass[ends] - mass[starts], 1e-12)
    ).astype(np.float32)
    as_whole = (whole_V > best_V) & (counts <= LENGTHS[-1])
    return Windows(
        np.where(as_whole, starts, first_V),
        np.where(as_whole, ends, first_V + length_N[first_V]),
        np.where(as_whole, whole_V, best_V),
    )
