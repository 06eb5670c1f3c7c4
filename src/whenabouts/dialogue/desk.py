"""What a planner does with a library: looks things up, and never changes anything.

Everything comes from what is stored, so a turn on a video that is indexed opens no file; only a
`Watcher`, where one is given, may do so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from whenabouts.dialogue import joining
from whenabouts.dialogue.doubt import LEAST, share
from whenabouts.dialogue.feedback import Judged, judged, shared
from whenabouts.dialogue.planner_en import EN
from whenabouts.dialogue.planner_zh import ZH
from whenabouts.dialogue.segments import beside, edge
from whenabouts.errors import WhenaboutsError
from whenabouts.library.filters import Filters
from whenabouts.library.happenings import in_order
from whenabouts.library.library import Library
from whenabouts.library.results import Moments
from whenabouts.library.settings import SearchSettings
from whenabouts.protocols import Told, Watcher
from whenabouts.store.rows import FrameRows, TextRow, VideoRow
from whenabouts.systems.peaks import within
from whenabouts.types import Evidence, Moment, Span, Turn, Video

POOL = 40
"""Videos that each part of a wish brings."""
NEAR = 600
"""Frames that feedback brings."""
UNORDERED = 0.5
"""Share of the score of a video that was not seen to show events in the order asked for."""
KEPT = 64
"""Searches of a conversation that are remembered."""


@dataclass(frozen=True, slots=True)
class Wish:
    """All that is wanted, with moments in the place of references."""

    wants: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    channels: tuple[str, ...] = ()
    example: Moment | None = None
    liked: tuple[Moment, ...] = ()
    disliked: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Videos for a wish, best first, one moment of each."""

    moments: tuple[Moment, ...]
    sure: bool
    """Whether the best is above the floor of a search."""
    reason: str = ""
    """Why there is nothing, in the words of the search."""


class Desk:
    """Look-ups over one library, and a video model where there is one."""

    def __init__(
        self,
        library: Library,
        watcher: Watcher | None = None,
        settings: SearchSettings | None = None,
    ) -> None:
        self.library, self.watcher = library, watcher
        self._settings = settings or SearchSettings()
        self._plain = self._settings.model_copy(update={"pictures": False})
        self._kept: dict[tuple[object, ...], Moments] = {}

    def forget(self) -> None:
        """Searches that were kept are made anew."""
        self._kept.clear()

    # Finding

    def find(self, wish: Wish, limit: int, skip: int = 0) -> Found:
        """The videos that fit, best first, after the first `skip`."""
        if not wish.wants and wish.example is None and not wish.liked:
            return self._browse(wish, limit, skip)
        asked = wish
        shares = joining.shares(wish.wants)
        wish = replace(wish, wants=tuple(shares))
        parts = [self._part(want, wish, None) for want in wish.wants]
        if wish.example is not None:
            parts.append(self._alike(wish.example, wish))
        first = parts[0] if parts else Moments()
        if not any(parts) and not wish.liked:
            return Found((), sure=False, reason=first.reason)
        scores, moments = self._joined(parts, wish, shares)
        gone = {moment.video.id for moment in wish.disliked}
        if wish.example is not None:
            gone.add(wish.example.video.id)
        ranked = sorted((v for v in scores if v not in gone), key=lambda video: -scores[video])
        shown = [replace(moments[v], score=round(scores[v], 4)) for v in ranked]
        sure = bool(shown) and self._sure(asked, parts) and not self._doubted(asked, shown[0])
        page = tuple(shown[skip : skip + limit])
        return Found(page, sure, "" if page else self._why(asked, first))

    def _part(self, want: str, wish: Wish, among: frozenset[str] | None) -> Moments:
        """One moment of each video for one description, however little it fits."""
        filters = wish.filters
        if among is not None:
            filters = filters.model_copy(update={"videos": among})
        settings = self._settings.model_copy(
            update={
                "floor": 0.0,
                "per_video": 1,
                "pictures": False,
                "channels": wish.channels or None,
                "steep": True,
            }
        )
        limit = POOL if among is None else len(among)
        found = self._search(want, limit, filters, settings)
        if len(in_order(want)) < 2:
            return found
        # Where one of several events is not seen the rest still speaks: behind what has them all.
        plain = settings.model_copy(update={"order": False})
        known = {moment.video.id for moment in found}
        least = found[-1].score if found else 1.0
        all_at_once = self._search(want, limit, filters, plain)
        rest = [moment for moment in all_at_once if moment.video.id not in known]
        behind = [replace(m, score=round(m.score * least * UNORDERED, 4)) for m in rest]
        surest = max((m.surest for m in (found, all_at_once) if m.surest is not None), default=None)
        return Moments([*found, *behind][:limit], want, found.reason, surest)

    def _search(self, want: str, limit: int, filters: Filters, settings: SearchSettings) -> Moments:
        """A search, or the same one from a moment ago."""
        how = (settings.floor, settings.channels, settings.order, settings.steep)
        key = (self.library.commit, want, limit, filters, *how)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            try:
                found = self.library.search(want, limit=limit, filters=filters, settings=settings)
            except WhenaboutsError as error:  # words that no search takes: told, not raised
                found = Moments([], want, str(error))
            self._kept[key] = found
        return self._kept[key]

    def _alike(self, example: Moment, wish: Wish) -> Moments:
        settings = self._settings.model_copy(
            update={"floor": 0.0, "per_video": 1, "pictures": False}
        )
        if not self.library.frames([example.video.id]):  # a file is never opened for it
            return Moments([], str(example), f"{example.video.path.name} is not in the library")
        return self.library.like(example, limit=POOL, filters=wish.filters, settings=settings)

    def _joined(
        self, parts: Sequence[Moments], wish: Wish, shares: Mapping[str, float]
    ) -> tuple[dict[str, float], dict[str, Moment]]:
        """Scores of videos from those of the parts of a wish, and a moment of each."""
        moments: dict[str, Moment] = {}
        for part in parts:
            for moment in part:
                known = moments.get(moment.video.id)
                moments[moment.video.id] = moment if known is None else joining.both(known, moment)
        stored, judgement = self._judgement(wish)
        if judgement.any:
            stored = self._widened(wish, judgement, moments)
        several = len(parts) > 1
        pool = frozenset(joining.promising(parts, moments) if several else moments)
        scored = [
            self._part(want, wish, pool) if several or judgement.any else part
            for want, part in zip(wish.wants, parts, strict=False)
        ] + list(parts[len(wish.wants) :])
        scores = joining.product(scored, pool, shares) if scored else dict.fromkeys(pool, 1.0)
        for word in wish.without:
            bad = {m.video.id: m.score for m in self._part(word, wish, pool)}
            best = max(bad.values(), default=0.0)
            scores = {v: s * (1 - bad.get(v, 0.0) * min(1.0, best)) for v, s in scores.items()}
        gains = {video: judgement.gain(frames) for video, frames in stored.items()}
        return shared(scores, gains if judgement.any else {}), moments

    def _judgement(self, wish: Wish) -> tuple[dict[str, FrameRows], Judged]:
        every = (*wish.liked, *wish.disliked)
        stored = self.library.frames({moment.video.id for moment in every}) if every else {}
        return stored, judged(wish.liked, wish.disliked, stored)

    def _widened(
        self, wish: Wish, judgement: Judged, moments: dict[str, Moment]
    ) -> dict[str, FrameRows]:
        """The pool with the videos near the moved query, and the frames of all of it."""
        base = judgement.liked
        if wish.wants:
            base = self.library.encoder.encode_text(wish.wants[-1]).pooled
        if base is not None:
            rows = {row.id: row for row in self._usable(wish.filters)}
            for video in self.library.near(judgement.moved(base), NEAR)[: joining.CLOSER]:
                if video in rows and video not in moments:
                    moments[video] = _whole(rows[video])
        return self.library.frames(list(moments))

    def _sure(self, wish: Wish, parts: Sequence[Moments]) -> bool:
        """Whether a plain search for each part of what was said last would find anything."""
        last = joining.parts(wish.wants[-1]) if wish.wants and not wish.channels else ()
        return all(
            part.surest >= self._settings.floor
            if part.surest is not None
            else bool(self._search(part.query, 1, wish.filters, self._plain))
            for part in parts
            if part.query in last
        )

    def _doubted(self, wish: Wish, best: Moment) -> bool:
        """Whether the best shows something like what is asked for, but hardly that; see `doubt`."""
        if not wish.wants or wish.channels or any(e.channel != "visual" for e in best.evidence):
            return False
        text = wish.wants[-1]
        if len(in_order(text)) > 1 or len(joining.parts(text)) > 1:
            return False
        frames = self.library.frames([best.video.id]).get(best.video.id)
        if frames is None or not len(frames):
            return False
        first, last = within(frames.times_s, best.span)
        inside = np.asarray(frames.vectors[first:last], np.float32)
        cues = ZH if any("\u3400" <= c <= "\u9fff" for c in text) else EN
        held = share(
            text, cues, self.library.encoder.encode_text, inside, frames.logits[first:last]
        )
        return held is not None and held < LEAST

    def _why(self, wish: Wish, first: Moments) -> str:
        if first.reason or not wish.wants:
            return first.reason
        return self._search(wish.wants[-1], 1, wish.filters, self._plain).reason

    def _usable(self, filters: Filters) -> list[VideoRow]:
        from whenabouts.library.filters import kept

        return kept(self.library.videos(), filters)

    def _browse(self, wish: Wish, limit: int, skip: int) -> Found:
        """Conditions alone: the files that pass, newest first."""
        gone = {moment.video.id for moment in wish.disliked}
        rows = {row.id: row for row in self._usable(wish.filters) if row.id not in gone}
        dated = sorted(rows.values(), key=lambda row: -date_of(row))[skip : skip + limit]
        reason = "" if rows else "no video of the library passes the filters"
        return Found(tuple(_whole(row) for row in dated), bool(rows), reason)

    # One video

    def moments(self, text: str, video: Video) -> tuple[Moments, bool]:
        """When something happens in one video, best first, and whether that is sure."""
        filters = Filters(video=video.id)
        settings = self._settings.model_copy(update={"pictures": False})
        found = self._search(text, 5, filters, settings)
        if found:
            return found, True
        return self._search(text, 5, filters, settings.model_copy(update={"floor": 0.0})), False

    def sharpened(self, moment: Moment, text: str) -> tuple[Moment, tuple[str, ...]]:
        """The span as the video model sees it, and what to know; the same without a model."""
        if self.watcher is None:
            return moment, ()
        from whenabouts.library.refine import refine

        better, notes = refine(Moments([moment], text), self.watcher, top=1)
        return better[0], notes

    def beside(self, moment: Moment, step: int) -> Moment | None:
        """The part before (-1) or after (1) a moment; None where the video ends."""
        frames = self.library.frames([moment.video.id]).get(moment.video.id)
        if frames is None:
            return None
        span = beside(frames, moment.span, moment.video.duration_s, step)
        if span is None:
            return None
        return _part(moment.video, span)

    def edge(self, moment: Moment, *, end: bool) -> Moment:
        """The first or the last part of a moment's video, as far as its picture stays the same."""
        frames = self.library.frames([moment.video.id]).get(moment.video.id)
        if frames is None:
            return replace(moment, span=moment.video.span)
        return _part(moment.video, edge(frames, moment.video.duration_s, end=end))

    def tell(
        self,
        question: str,
        video: Video,
        history: Sequence[Turn],
        on_text: Callable[[str], None] | None,
    ) -> Told | None:
        """What the video model answers; None without one."""
        if self.watcher is None:
            return None
        return self.watcher.tell(video, question, history, on_text)

    def row(self, video: Video) -> VideoRow | None:
        """What is known of the file; None when it is not in the library any more."""
        rows = [row for row in self.library.videos() if row.id == video.id]
        usable = [row for row in rows if row.path == str(video.path)]
        return (usable or rows or [None])[0]

    def texts(self, video: Video, channels: Iterable[str], span: Span | None) -> list[TextRow]:
        """What is said or written, in order of time; in a part of the video where one is given."""
        wished = set(channels)
        rows = [row for row in self.library.texts(video) if row.channel in wished]
        if span is None:
            return rows
        return [row for row in rows if row.end_s > span.start_s and row.start_s < span.end_s]

    def named(self, name: str) -> Moment | None:
        """The whole video that a file name means; None when there is none, or several."""
        try:
            video = self.library.video(name)
        except WhenaboutsError:
            return None
        return Moment(video, video.span, 1.0, "", (Evidence("name", 1.0, video.path.name),))

    def pictured(self, moments: Sequence[Moment]) -> tuple[Moment, ...]:
        """The moments with a small picture of each, where one is stored."""
        found: list[Moment] = []
        for moment in moments:
            rows = self.library.pictures(moment.video, moment.span)
            found.append(replace(moment, picture=rows[0].jpeg) if rows else moment)
        return tuple(found)


def date_of(row: VideoRow) -> float:
    """When a file was recorded, else its own date, seconds since 1970."""
    return row.mtime_ns / 1e9 if row.created_s is None else row.created_s


def _part(video: Video, span: Span) -> Moment:
    why = Evidence("visual", 0.0, "", (span.start_s + span.end_s) / 2)
    return Moment(video, span, 0.0, "", (why,))


def _whole(row: VideoRow) -> Moment:
    video = Video(row.id, Path(row.path), row.duration_s, row.fps, row.width, row.height)
    return Moment(video, video.span, 1.0, "", (Evidence("metadata", 1.0, video.path.name),))
