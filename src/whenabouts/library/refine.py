"""Sharper spans for the best hits of a search: a watcher looks at them again, closely."""

from __future__ import annotations

from dataclasses import replace

from whenabouts.errors import MediaError
from whenabouts.library.results import Moments
from whenabouts.protocols import Watcher
from whenabouts.types import Evidence, Moment, Span

TOP = 3
"""Hits that are looked at."""
MARGIN_S = 30.0
"""How far around a hit."""


def refine(moments: Moments, watcher: Watcher, top: int = TOP) -> tuple[Moments, tuple[str, ...]]:
    """The same hits in the same order with the spans that `watcher` names, and what to know.

    A hit stays as it is where the watcher names nothing near it, or the file cannot be read.
    """
    notes: list[str] = []
    found: list[Moment] = []
    for rank, moment in enumerate(moments, start=1):
        if rank > top:
            found.append(moment)
            continue
        span = moment.span
        around = Span(max(0.0, span.start_s - MARGIN_S), span.end_s + MARGIN_S)
        try:
            told = watcher.ground(moment.video, moments.query, around.clamp(moment.video.span))
        except MediaError as error:
            notes.append(f"hit {rank} stays as it is: {error}")
            found.append(moment)
            continue
        notes += told.notes
        if not told.turn.moments:
            notes.append(f"hit {rank} stays as it is: {watcher.name} names no time")
            found.append(moment)
            continue
        best = told.turn.moments[0]
        why = Evidence("visual", best.score, f"span by {watcher.name}")
        found.append(replace(moment, span=best.span, evidence=(*moment.evidence, why)))
    return Moments(found, moments.query, moments.reason), tuple(dict.fromkeys(notes))
