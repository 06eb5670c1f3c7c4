"""Events in the order in which they were asked for: pure functions on hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from whenabouts.library.fuse import Hit

OVERLAP = 0.5
"""A later event may begin before the earlier one ends, by this share of the shorter of both."""
FAR_S = 60.0
"""A gap of this length between two events halves what the later one adds."""
ASTRAY = 0.1
"""What a video counts, for each event that was not seen to come after the one before it."""


def chains(events: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The best chain of hits of each video, one hit an event in order; surest first.

    A chain is as sure as its least sure event, spans from the first to the last, and holds the
    evidence of all. Where a video shows the events in another order, or at once, its chain counts
    little and is unsure: when something is seen is not known to the second.
    """
    by_video: dict[str, list[list[Hit]]] = {}
    for number, hits in enumerate(events):
        for hit in hits:
            by_video.setdefault(hit.video, [[] for _ in events])[number].append(hit)
    found = [
        chain for steps in by_video.values() if all(steps) and (chain := _best(steps)) is not None
    ]
    return sorted(found, key=lambda hit: -hit.vote)


def _best(steps: Sequence[Sequence[Hit]]) -> Hit | None:
    """The best way through the events of one video, by dynamic programming over its hits."""
    ways: list[tuple[float, tuple[Hit, ...]]] = [(hit.vote, (hit,)) for hit in steps[0]]
    for hits in steps[1:]:
        longer = [
            (worth * _step(way[-1], hit) * hit.vote, (*way, hit))
            for hit in hits
            for worth, way in ways
        ]
        # One way to each hit is enough: the best.
        best: dict[int, tuple[float, tuple[Hit, ...]]] = {}
        for worth, way in longer:
            if worth > best.get(id(way[-1]), (-1.0, ()))[0]:
                best[id(way[-1])] = (worth, way)
        ways = list(best.values())
    if not ways:
        return None
    worth, way = max(ways, key=lambda one: one[0])
    straight = all(_follows(one, other) for one, other in pairwise(way))
    span = way[0].span
    for hit in way[1:]:
        span = span.union(hit.span)
    return replace(
        way[0],
        span=span,
        confidence=min(hit.confidence for hit in way) * (1.0 if straight else ASTRAY),
        vote=worth ** (1 / len(way)),
        evidence=tuple(evidence for hit in way for evidence in hit.evidence),
        text=", then ".join(dict.fromkeys(hit.text for hit in way if hit.text)),
    )


def _follows(one: Hit, other: Hit) -> bool:
    """Whether `other` comes after `one`: begins and ends later, and overlaps it little."""
    shared_s = one.span.overlap_s(other.span)
    shorter_s = min(one.span.length_s, other.span.length_s)
    return (
        other.span.start_s > one.span.start_s
        and other.span.end_s > one.span.end_s
        and shared_s <= OVERLAP * shorter_s
    )


def _step(one: Hit, other: Hit) -> float:
    """What is left of the worth of two events for how they lie in time."""
    return _nearness(one, other) * (1.0 if _follows(one, other) else ASTRAY)


def _nearness(one: Hit, other: Hit) -> float:
    """1 for events that touch, falling with the gap between them."""
    gap_s = max(0.0, other.span.start_s - one.span.end_s)
    return FAR_S / (FAR_S + gap_s)
