"""A query becomes moments: what is seen and what is said, fused, cut at a floor, explained."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from whenabouts.library.about import video_of
from whenabouts.library.calibrate import Bank
from whenabouts.library.example import Example
from whenabouts.library.filters import Filters, kept
from whenabouts.library.fuse import Hit, at_most, fuse, same_moment
from whenabouts.library.grounders import usual_grounder
from whenabouts.library.happenings import in_order
from whenabouts.library.order import chains
from whenabouts.library.query import checked
from whenabouts.library.results import Moments
from whenabouts.library.said import said
from whenabouts.library.seen import Look, Seen
from whenabouts.library.settings import SearchSettings
from whenabouts.library.windows import standing_logits
from whenabouts.models.scoring import softmax
from whenabouts.protocols import Encoder, Grounder
from whenabouts.store.rows import VideoRow
from whenabouts.store.store import Store
from whenabouts.types import Encoding, Moment, Video, clock

MORE_VIDEOS = 2
"""So many more videos than moments are asked for are looked at in detail."""
ORDER_VIDEOS = 40
"""Videos that each of several events brings: events are paired in all of them."""
KEPT = 64
"""Texts whose encodings are remembered."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scope:
    """The files of one search: rows by content, and which contents, or None for all."""

    rows: dict[str, VideoRow]
    videos: Collection[str] | None


class Finder:
    """Answers queries over one store; keeps what several of them need."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        self._store, self._encoder = store, encoder
        self._seen = Seen(store, 1.0 / encoder.sampling.rate_hz)
        self._bank: Bank | None = None
        self._rows: tuple[int, _Scope] | None = None
        self._encoded = lru_cache(KEPT)(encoder.encode_text)

    def find(self, text: str, limit: int, filters: Filters, settings: SearchSettings) -> Moments:
        """Moments that fit a description; see `Library.search`."""
        text = checked(text)
        scope = self._scope(filters)
        if not scope.rows:
            return Moments([], text, self._why_empty(filters))
        events = in_order(text) if settings.order else (text,)
        if len(events) > 1:
            hits = self._in_order(events, scope, settings, limit)
            if hits and hits[0].confidence >= settings.floor:
                return self._shown(hits, limit, text, scope, settings)
        hits = self._fused(text, scope, settings, limit + MORE_VIDEOS)
        moments = self._shown(hits, limit, text, scope, settings)
        if moments and len(events) > 1:
            moments.reason = "no video shows this in this order; these fit the words"
        return moments

    def find_like(
        self, example: Example, limit: int, filters: Filters, settings: SearchSettings
    ) -> Moments:
        """Moments that look like an example; the example itself is no answer."""
        scope = self._scope(filters)
        if not scope.rows:
            return Moments([], example.name, self._why_empty(filters))
        background = self._seen.background()
        ones = [Encoding(vector[None], np.ones(1, np.float32)) for vector in background]
        look = Look(example.encoding, Bank(ones), settings, by_example=True)
        hits = [
            hit
            for hit in self._seen.find(look, scope.rows, scope.videos, limit + MORE_VIDEOS)
            if not _is_itself(hit, example)
        ]
        return self._shown(fuse([hits]), limit, example.name, scope, settings)

    def locate(self, text: str, video: Video, grounder: Grounder | None) -> list[Moment]:
        """Moments of one video that fit a description."""
        seen = self.seen(video)
        row = self._scope(Filters(video=video.id)).rows.get(video.id)
        if seen is None or row is None:
            return []
        encoding = self._encoder.encode_text(checked(text))
        chosen = grounder or usual_grounder(self._encoder)
        return chosen.locate(encoding, video_of(row), seen)

    def seen(self, video: Video) -> Encoding | None:
        """The stored frames of one video, each weighing for as long as it stands."""
        frames = self._store.frames([video.id]).get(video.id)
        if frames is None or not len(frames):
            return None
        logits = standing_logits(frames, 1.0 / self._encoder.sampling.rate_hz)
        return Encoding(np.asarray(frames.vectors, np.float32), softmax(logits), frames.times_s)

    # Inside

    def _fused(self, text: str, scope: _Scope, settings: SearchSettings, videos: int) -> list[Hit]:
        """What is said and what is seen, as one list."""
        lists = [said(self._store, text, scope.rows, scope.videos, settings)]
        if _looks(settings):
            lists.append(
                self._seen.find(self._look(text, settings), scope.rows, scope.videos, videos)
            )
        return fuse(lists)

    def _look(self, text: str, settings: SearchSettings) -> Look:
        return Look(self._encoded(text), self._text_bank(), settings)

    def _in_order(
        self, events: Sequence[str], scope: _Scope, settings: SearchSettings, limit: int
    ) -> list[Hit]:
        """Each event is searched where all of them may be, then they are chained."""
        pool = self._pool(events, scope, settings, max(ORDER_VIDEOS, limit))
        inside = _Scope({key: scope.rows[key] for key in pool}, pool)
        return chains([self._fused(event, inside, settings, len(pool)) for event in events])

    def _pool(
        self, events: Sequence[str], scope: _Scope, settings: SearchSettings, limit: int
    ) -> set[str]:
        """At most `limit` videos that look most like all events together, and where they are said.

        Those that any event brings are scored for all of them: what is unlike one event may be
        the only one that has the others.
        """
        told: set[str] = set()
        for event in events:
            hits = said(self._store, event, scope.rows, scope.videos, settings)
            told |= {hit.video for hit in hits[:limit]}
        if not _looks(settings) or not scope.rows:
            return told
        looks = [self._look(event, settings) for event in events]
        wide = {
            one.video
            for look in looks
            for one in self._seen.candidates(look, scope.rows, scope.videos, limit)
        }
        totals = dict.fromkeys(wide, 0.0)
        for look in looks:
            scored = self._seen.candidates(look, scope.rows, wide, len(wide))
            known = {one.video: one.score for one in scored}
            least = min(known.values(), default=0.0)
            totals = {video: total + known.get(video, least) for video, total in totals.items()}
        return told | set(sorted(totals, key=lambda video: -totals[video])[:limit])

    def _shown(
        self, hits: list[Hit], limit: int, query: str, scope: _Scope, settings: SearchSettings
    ) -> Moments:
        """The hits above the floor as moments, or the reason why there is none."""
        sure = [hit for hit in hits if hit.confidence >= settings.floor]
        if not sure:
            return Moments([], query, self._why_unsure(hits, scope, settings), _surest(hits))
        chosen = at_most(sure, limit, settings.per_video)
        pictures = [b"" for _ in chosen]
        if settings.pictures:
            pictures = self._store.pictures_at([(hit.video, _time_of(hit)) for hit in chosen])
        return Moments(
            [
                Moment(
                    video_of(scope.rows[hit.video]),
                    hit.span,
                    round(hit.vote, 4),
                    hit.text,
                    hit.evidence,
                    hit.curve,
                    picture,
                )
                for hit, picture in zip(chosen, pictures, strict=True)
            ],
            query,
            surest=_surest(hits),
        )

    def _scope(self, filters: Filters) -> _Scope:
        """The usable files; None as their ids while all are, which spares the store a filter."""
        if not filters.any:
            commit = self._store.commit
            if self._rows is None or self._rows[0] != commit:
                self._rows = (commit, self._all())
            return self._rows[1]
        rows = {row.id: row for row in kept(self._store.videos(), filters)}
        return _Scope(rows, rows.keys())

    def _all(self) -> _Scope:
        every = self._store.videos()
        rows = {row.id: row for row in kept(every, Filters())}
        hidden = {row.id for row in every if row.status == "missing"} - rows.keys()
        return _Scope(rows, rows.keys() if hidden else None)

    def _text_bank(self) -> Bank:
        if self._bank is None:
            self._bank = Bank.of_texts(self._encoder, self._store.path)
        return self._bank

    def _why_empty(self, filters: Filters) -> str:
        if filters.any and self._scope(Filters()).rows:
            return "no video of the library passes the filters"
        return "the library is empty; add a folder first, for example `whenabouts index ~/Videos`"

    def _why_unsure(self, hits: Sequence[Hit], scope: _Scope, settings: SearchSettings) -> str:
        """Not in your library, and how near the nearest came."""
        count = f"{len(scope.rows)} video{'s' if len(scope.rows) != 1 else ''}"
        if not hits:
            return f"nothing like it in {count}"
        best = max(hits, key=lambda hit: hit.confidence)
        name = video_of(scope.rows[best.video]).path.name
        return (
            f"nothing like it in {count}; the nearest, {name} at {clock(best.span.start_s)}, "
            f"fits with {best.confidence:.2f}, less than the floor {settings.floor:g}"
        )


def _looks(settings: SearchSettings) -> bool:
    """Whether what is seen counts."""
    return settings.channels is None or "visual" in settings.channels


def _surest(hits: Sequence[Hit]) -> float:
    return max((hit.confidence for hit in hits), default=0.0)


def _time_of(hit: Hit) -> float:
    """The time whose picture stands for a hit."""
    times_s = [e.time_s for e in hit.evidence if e.channel == "visual" and e.time_s is not None]
    return times_s[0] if times_s else (hit.span.start_s + hit.span.end_s) / 2


def _is_itself(hit: Hit, example: Example) -> bool:
    return (
        hit.video == example.video
        and example.span is not None
        and same_moment(hit.span, example.span)
    )
