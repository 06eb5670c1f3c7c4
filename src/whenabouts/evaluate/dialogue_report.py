"""Figures of conversations with intervals: in all, by turn, and with errors that go on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.evaluate.interval import clustered_interval
from whenabouts.metrics.dialogue import (
    Outcome,
    bri,
    by_turn,
    figures,
    hits_by_round,
    propagated,
    shares,
)

TURNS = 7
"""Turns that have figures of their own; published tables end here, too."""
Search = list[int | None]
"""Ranks of one video, round by round."""


def dialogue_figures(
    outcomes: Sequence[Outcome], pool: int, resamples: int = 1000
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Figures and their 95 % intervals, whole dialogues being drawn.

    Names: `video R@1`, by turn `turn 2.video R@1`, and `propagated.video R@1`, where all that
    follows a wrong video counts as failed. `pool`: how many videos there are to choose from.
    """
    found = figures(outcomes, pool)
    edges = _intervals(outcomes, resamples)
    failed = propagated(outcomes)
    for name, value in figures(failed, pool).items():
        if name.startswith(("video R", "moment R")):
            found[f"propagated.{name}"] = value
    edges |= {
        f"propagated.{name}": value
        for name, value in _intervals(failed, resamples).items()
        if name.startswith(("video R", "moment R"))
    }
    rounds = searches(outcomes)
    if rounds:
        found["BRI"] = bri(rounds, pool)
        for number, share in hits_by_round(rounds).items():
            found[f"hits@10 by round {number}"] = share
    for turn, row in by_turn(outcomes, pool).items():
        if turn <= TURNS:
            found |= {f"turn {turn}.{name}": value for name, value in row.items()}
            mine = [one for one in outcomes if one.turn == turn]
            some = _intervals(mine, resamples)
            edges |= {f"turn {turn}.{name}": value for name, value in some.items()}
    spent = [one.seconds for one in outcomes if one.seconds > 0]
    if spent:
        found["seconds a turn, median"] = float(np.median(spent))
        found["seconds a turn, p95"] = float(np.percentile(spent, 95))
    return found, edges


def searches(outcomes: Sequence[Outcome]) -> list[Search]:
    """Turns in a row that look for one video, by their ranks; see `Outcome.search`."""
    found: dict[tuple[str, str], Search] = {}
    for one in sorted(outcomes, key=lambda outcome: (outcome.dialogue, outcome.turn)):
        if one.asked == "video":
            found.setdefault((one.dialogue, one.search or str(one.turn)), []).append(one.rank)
    return list(found.values())


def _intervals(outcomes: Sequence[Outcome], resamples: int) -> dict[str, tuple[float, float]]:
    groups: dict[str, list[list[float]]] = {}
    by_dialogue: dict[str, list[Outcome]] = {}
    for one in outcomes:
        by_dialogue.setdefault(one.dialogue, []).append(one)
    for mine in by_dialogue.values():
        for name, values in shares(mine).items():
            groups.setdefault(name, []).append(values)
    found: dict[str, tuple[float, float]] = {}
    for name, values in groups.items():
        low, high = clustered_interval(values, resamples)
        found[name] = 100.0 * low, 100.0 * high
    return found
