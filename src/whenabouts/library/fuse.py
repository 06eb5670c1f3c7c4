"""Hits of several channels become one list: rank fusion and overlap suppression, pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from whenabouts.types import Curve, Evidence, Span

RANK_OFFSET = 60
"""k of reciprocal rank fusion: how slowly a channel's vote falls with the rank."""


UNSURE = 0.3
"""Below this confidence a hit is no evidence for another."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of one video as one channel found it."""

    video: str
    """Video id."""
    span: Span
    confidence: float
    """How sure it is that this is meant, 0 to 1, comparable between channels."""
    evidence: tuple[Evidence, ...]
    text: str = ""
    curve: Curve | None = None
    worth: float = 0.0
    """What ranks it within its channel, 0 to 1; the confidence where that is the same."""
    vote: float = 0.0
    """What ranks it in the end: its worth, weighed by the rank in its channel's list."""


def fuse(lists: Iterable[Sequence[Hit]]) -> list[Hit]:
    """One list from several, each best first; overlapping hits of a video become one.

    The vote of a hit is its worth times a factor that falls with its rank in its own list, where
    there are several lists to be made one; what several channels found adds up, but a chance
    agreement of two weak ones cannot beat one that is sure: votes join like independent chances.
    """
    several = [hits for hits in lists if hits]
    step = 1 if len(several) > 1 else 0
    return merge_overlaps(
        [
            replace(hit, vote=hit.worth * (RANK_OFFSET + 1) / (RANK_OFFSET + 1 + step * rank))
            for hits in several
            for rank, hit in enumerate(hits)
        ]
    )


def merge_overlaps(hits: Sequence[Hit]) -> list[Hit]:
    """Hits of the same video that overlap, merged into the better one; best first.

    A hit that covers the whole of another adds its vote and its evidence to it and leaves its
    span alone: a file name speaks for every moment of its video and marks none. But a moment that
    is unsure by itself neither narrows down nor supports one that is sure.
    """
    kept: dict[str, list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: (hit.span.length_s, -hit.confidence)):
        mine = kept.setdefault(hit.video, [])
        inside = [
            at
            for at, other in enumerate(mine)
            if same_moment(hit.span, other.span)
            and (other.confidence >= UNSURE) == (hit.confidence >= UNSURE)
        ]
        for at in inside:
            mine[at] = _joined(mine[at], hit)
        if not inside:
            mine.append(hit)
    return sorted((hit for mine in kept.values() for hit in mine), key=lambda hit: -hit.vote)


def same_moment(one: Span, other: Span) -> bool:
    """Whether two spans speak of one moment: the shorter lies in the longer by half or more."""
    shorter_s = min(one.length_s, other.length_s)
    if shorter_s <= 0:  # a still picture, or an instant: inside or not
        return one.start_s <= other.end_s and other.start_s <= one.end_s
    return one.overlap_s(other) >= 0.5 * shorter_s


def _joined(hit: Hit, other: Hit) -> Hit:
    """`hit` with the vote and the evidence of `other`."""
    better, worse = (hit, other) if hit.confidence >= other.confidence else (other, hit)
    known = {(e.channel, e.text) for e in better.evidence}
    extra = tuple(e for e in worse.evidence if (e.channel, e.text) not in known)
    same_channel = {e.channel for e in better.evidence} & {e.channel for e in worse.evidence}
    return replace(
        hit,
        confidence=_either(better.confidence, worse.confidence, alone=bool(same_channel)),
        vote=_either(better.vote, worse.vote, alone=bool(same_channel)),
        evidence=better.evidence + extra,
        text=better.text or worse.text,
        curve=better.curve or worse.curve,
    )


def _either(one: float, other: float, *, alone: bool) -> float:
    """The larger for one channel seen twice; independent chances for two channels."""
    return max(one, other) if alone else 1 - (1 - one) * (1 - other)


def at_most(hits: Iterable[Hit], limit: int, per_video: int | None) -> list[Hit]:
    """The first `limit` hits with at most `per_video` of one video (None: as many as there are)."""
    counts: dict[str, int] = {}
    chosen: list[Hit] = []
    for hit in hits:
        counts[hit.video] = counts.get(hit.video, 0) + 1
        if per_video is None or counts[hit.video] <= per_video:
            chosen.append(hit)
        if len(chosen) == limit:
            break
    return chosen
