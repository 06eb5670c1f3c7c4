"""Figures of conversations by turn: ranks, moments, errors that go on, false finds, BRI.

Every turn is judged on its own first (`Outcome`); figures are shares and ranks over outcomes. A
search is one video that is looked for over several rounds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Asked = Literal["video", "moment", "nothing", "talk"]
"""What a turn is after; `nothing`: what no video of the corpus shows."""
CUTS = (1, 5, 10)
LIMITS = (0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one turn."""

    dialogue: str
    turn: int
    """Place in the dialogue, from 1."""
    asked: Asked
    rank: int | None = None
    """Of the first right video, from 1; None: not among those that came."""
    meant: int | None = None
    """Of the very video that the user has in mind, where several would be right."""
    iou: float = 0.0
    """Of the first moment, end to end: 0 for one of a wrong video."""
    iou_given: float | None = None
    """Of the first moment when the right video is given; None: not tried."""
    answered: bool = True
    """Whether the answer could be read and brought anything."""
    search: str = ""
    """Turns of a dialogue with the same name look for the same video; empty: this one alone."""
    lang: str = ""
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Whether later turns can build on it: the video is first, or the moment is in it."""
        if self.asked == "video":
            return self.rank == 1
        return not self.answered if self.asked == "nothing" else True


def by_turn(outcomes: Iterable[Outcome], pool: int) -> dict[int, dict[str, float]]:
    """Figures of each turn, from 1; `pool` is how many videos there are, for those not found."""
    turns: dict[int, list[Outcome]] = {}
    for one in outcomes:
        turns.setdefault(one.turn, []).append(one)
    return {turn: figures(found, pool) for turn, found in sorted(turns.items())}


def figures(outcomes: Sequence[Outcome], pool: int) -> dict[str, float]:
    """All figures of these turns: shares in percent, ranks from 1. What was not asked is absent."""
    found: dict[str, float] = {}
    for name, values in shares(outcomes).items():
        found[name] = 100.0 * float(np.mean(values))
    ranks = [one.rank or pool for one in outcomes if one.asked == "video"]
    if ranks:
        found["video MdR"] = float(np.median(ranks))
        found["video MnR"] = float(np.mean(ranks))
    return found


def shares(outcomes: Iterable[Outcome]) -> dict[str, list[float]]:
    """The figures that are means of 0 or 1, one value a turn that counts for them."""
    found: dict[str, list[float]] = {}

    def add(name: str, hit: bool) -> None:
        found.setdefault(name, []).append(float(hit))

    for one in outcomes:
        if one.asked == "video":
            for cut in CUTS:
                add(f"video R@{cut}", one.rank is not None and one.rank <= cut)
            add("meant R@10", one.meant is not None and one.meant <= CUTS[-1])
        elif one.asked == "moment":
            for limit in LIMITS:
                add(f"moment R@1 IoU={limit}", one.iou >= limit)
                if one.iou_given is not None:
                    add(f"moment given video R@1 IoU={limit}", one.iou_given >= limit)
        elif one.asked == "nothing":
            add("false finds", one.answered)
        if one.asked in ("video", "moment"):
            add("not answered", not one.answered)
    return found


def propagated(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The same, where all that follows a wrong video in its dialogue has failed, too."""
    lost: set[str] = set()
    found: list[Outcome] = []
    for one in sorted(outcomes, key=lambda outcome: (outcome.dialogue, outcome.turn)):
        failed = replace(one, rank=None, meant=None, iou=0.0, iou_given=None)
        found.append(failed if one.dialogue in lost and one.asked in ("video", "moment") else one)
        if not one.right:
            lost.add(one.dialogue)
    return found


def hits_by_round(searches: Sequence[Sequence[int | None]], cut: int = 10) -> dict[int, float]:
    """Percent of searches whose video came among the first `cut` in any round up to this one.

    `searches` are ranks from 1 by round, None where it did not come; a search that ended early
    keeps what it had.
    """
    rounds = max(map(len, searches), default=0)
    found: dict[int, float] = {}
    for last in range(1, rounds + 1):
        hits = [any(rank is not None and rank <= cut for rank in s[:last]) for s in searches]
        found[last] = 100.0 * float(np.mean(hits))
    return found


def success(searches: Sequence[Sequence[int | None]], rank: int, rounds: int) -> float:
    """Percent of searches with the video at `rank` or better within so many rounds."""
    hits = [any(r is not None and r <= rank for r in s[:rounds]) for s in searches]
    return 100.0 * float(np.mean(hits)) if hits else 0.0


def bri(searches: Sequence[Sequence[int | None]], pool: int) -> float:
    """Mean over searches of the time-average of the best log rank so far; lower is better.

    (1/2T) sum over t < T of (b_t + b_{t+1}), b_t the least log rank of rounds 0 to t (PlugIR). A
    search of one round has b_0.
    """
    return float(np.mean([_bri([rank or pool for rank in s]) for s in searches if s]))


def _bri(ranks: Sequence[int]) -> float:
    best = [math.log(min(ranks[: last + 1])) for last in range(len(ranks))]
    if len(best) == 1:
        return best[0]
    return sum(a + b for a, b in itertools.pairwise(best)) / (2 * (len(best) - 1))
