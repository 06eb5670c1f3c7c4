"""Search in what is said, shown, named and noted: full-text hits with a confidence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from whenabouts.library.fuse import Hit
from whenabouts.library.settings import SearchSettings
from whenabouts.store.rows import TextHit, VideoRow
from whenabouts.store.segment import query_words, segment
from whenabouts.store.store import Store
from whenabouts.types import Channel, Evidence, Span

TEXT_CHANNELS: tuple[Channel, ...] = (
    "speech",
    "subtitle",
    "screen",
    "chapter",
    "name",
    "metadata",
)
_EMPTY_EN = """
a an and are as at be by do does for from has have he her his i in is it its me my of on or our she
that the their them they this to was we were what when where which who why will with you your
"""
_EMPTY_ZH = "的 了 在 是 和 与 有 着 个 一 这 那 吗 呢 吧 把 被 它 他 她 们 也 都 就 很 到 从"
EMPTY = frozenset((_EMPTY_EN + _EMPTY_ZH).split())
"""Words that every text has: matching them says nothing."""
SURE = 0.95
"""Confidence of a text that has every word: the words may be there and mean something else."""
ENDINGS = ("s", "ed", "ing", "er")
"""Endings of English words that do not change what is meant."""
_WORD = re.compile("[a-z0-9]+")
LONGEST = 200
"""Words of a widened query; the store takes a few more."""
_SHORT_SPAN_S = 2.0
"""A line shown for less is given at least this long to watch."""


def said(
    store: Store,
    text: str,
    rows: dict[str, VideoRow],
    videos: Collection[str] | None,
    settings: SearchSettings,
) -> list[Hit]:
    """Moments whose texts share words with the query, best first."""
    wished = settings.channels
    channels = TEXT_CHANNELS if wished is None else tuple(c for c in TEXT_CHANNELS if c in wished)
    asked = weights_of(text)
    if not channels or not asked:
        return []
    found = store.match(widened(asked), settings.texts, channels, videos)
    hits = [
        hit
        for one in found
        if one.video in rows and (hit := _hit(one, asked, rows[one.video])) is not None
    ]
    enough = 0.5 * max((hit.confidence for hit in hits), default=0.0)
    return sorted((h for h in hits if h.confidence >= enough), key=lambda hit: -hit.confidence)


def _hit(found: TextHit, asked: dict[str, float], row: VideoRow) -> Hit | None:
    share = covered(asked, _words_in(found.text))
    if share <= 0:
        return None
    channel: Channel = found.channel  # pyright: ignore[reportAssignmentType]  # asked for these only
    whole = channel in ("name", "metadata")
    start_s, end_s = (0.0, row.duration_s) if whole else (found.start_s, found.end_s)
    end_s = min(max(end_s, start_s + _SHORT_SPAN_S), max(row.duration_s, start_s))
    why = Evidence(channel, round(share, 4), found.text, None if whole else start_s)
    return Hit(
        found.video, Span(start_s, end_s), SURE * share, (why,), found.text, worth=SURE * share
    )


def weights_of(text: str) -> dict[str, float]:
    """The words of a query that count, with their weights; they sum to 1."""
    counted = [
        word
        for word in query_words(text)
        if word not in EMPTY and (word.isascii() or len(word) < 2 or not set(word) & EMPTY)
    ]
    return {word: 1.0 / len(counted) for word in counted}


def widened(asked: Iterable[str]) -> str:
    """The words with their usual endings and without, for a store that compares whole words."""
    wide: list[str] = []
    for word in asked:
        wide.append(word)
        if word.isascii() and len(word) > 2:
            wide += [word + ending for ending in ENDINGS[:3]]
            wide += _roots(word)
    return " ".join(wide[:LONGEST])


def _words_in(text: str) -> Iterable[str]:
    """The search words of a stored text, as the store has them."""
    if text.isascii():  # the usual case, in a tenth of the time
        return _WORD.findall(text.lower().replace("'", ""))
    return segment(text).split()


def covered(asked: dict[str, float], there: Iterable[str]) -> float:
    """The share of the query's words that a text has, in [0, 1]; word endings may differ."""
    known = set(there)
    share = sum(weight for word, weight in asked.items() if word in known)
    for word in asked.keys() - known:
        if len(word) > 2 and word.isascii() and any(map(known.__contains__, _forms(word))):
            share += 0.9 * asked[word]
    return min(share, 1.0)


@lru_cache(maxsize=256)
def _forms(word: str) -> tuple[str, ...]:
    """The word with other endings: skateboard for skateboarding, and the other way round."""
    roots = [word, *_roots(word)]
    return tuple(dict.fromkeys(root + ending for root in roots for ending in ("", *ENDINGS)))


def _roots(word: str) -> list[str]:
    """What is left of a word without its ending."""
    return [word[: -len(e)] for e in ENDINGS if word.endswith(e) and len(word) - len(e) > 2]
