"""Several wishes as one list of videos: how the scores of their parts are joined."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from whenabouts.library.happenings import in_order, together
from whenabouts.library.results import Moments
from whenabouts.types import Moment

_LATIN, _CJK = re.compile(r"[a-z0-9'-]{3,}"), re.compile(r"[\u3400-\u9fff]")
_SMALL = frozenset(("the", "and", "are", "there", "with", "that", "this", "one", "its", "for"))
LEAST_SCORE = 1e-5
"""What a part can take from a video at most."""
FAINT = 0.02
"""Score of a part of a wish that a video does not show at all."""
CLOSER = 60
"""Videos that are scored by every part."""


def promising(found: Sequence[Moments], moments: Mapping[str, Moment]) -> list[str]:
    """The videos that may come first, by what is known of each.

    A part that did not bring a video may fit it as well as the last one that it brought.
    """
    tables = [({m.video.id: m.score for m in part}, part[-1].score) for part in found if part]
    known = {
        video: math.prod(table.get(video, last) for table, last in tables) for video in moments
    }
    return sorted(known, key=lambda video: -known[video])[:CLOSER]


def product(
    found: Sequence[Moments], pool: frozenset[str], shares: Mapping[str, float]
) -> dict[str, float]:
    """The geometric mean of the scores of all parts, each with its share."""
    weights = [shares.get(part.query, 1.0) for part in found]
    tables: list[Mapping[str, float]] = [{m.video.id: m.score for m in part} for part in found]
    scores: dict[str, float] = {}
    for video in pool:
        told = sum(
            weight * math.log(max(table.get(video, FAINT), LEAST_SCORE))
            for weight, table in zip(weights, tables, strict=True)
        )
        scores[video] = math.exp(told / sum(weights))
    return scores


def shares(wants: Sequence[str]) -> dict[str, float]:
    """The parts of all that is wanted, in order, and what each counts: as many words as it says.

    Of the many videos that fit a few words the order is chance, and should not outweigh what was
    told in full.
    """
    found: dict[str, float] = {}
    for want in wants:
        mine = parts(want)
        twice = 2 if len(mine) > 1 and mine[0] == want else 1  # told as a whole, too
        for part in mine:
            found[part] = found.get(part, 0.0) + _words(part) / twice
    return found


def _words(text: str) -> float:
    """How many words say something; two Chinese characters are one."""
    latin = [word for word in _LATIN.findall(text.lower()) if word not in _SMALL]
    return max(len(latin) + len(_CJK.findall(text)) / 2, 1.0)


def parts(want: str) -> tuple[str, ...]:
    """Things that are wanted side by side are looked for one by one, and as they were said."""
    things = (want,) if len(in_order(want)) > 1 else together(want)
    return things if len(things) == 1 or "," in want or "，" in want else (want, *things)


def both(one: Moment, other: Moment) -> Moment:
    """The better moment of a video, with the evidence of both."""
    better, worse = (one, other) if one.score >= other.score else (other, one)
    extra = tuple(e for e in worse.evidence if e not in better.evidence)
    return replace(better, evidence=better.evidence + extra)
