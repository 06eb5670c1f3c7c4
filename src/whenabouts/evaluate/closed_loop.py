"""Searches of a simulated user: how many turns and seconds until the video in mind comes first."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whenabouts.evaluate.dialogue_settings import DialogueSettings
from whenabouts.evaluate.drawn_library import Corpus
from whenabouts.evaluate.interval import interval
from whenabouts.evaluate.report import Report
from whenabouts.evaluate.simulated_user import SimulatedUser
from whenabouts.metrics.dialogue import LIMITS, bri, hits_by_round, success
from whenabouts.protocols import Brain
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.types import Turn

_KEY = 97
WITHIN = 3
"""Turns in which a search should be over."""


@dataclass(slots=True)
class Search:
    """One search: ranks of the video and seconds of each turn, and the moment asked for then."""

    ranks: list[int | None] = field(default_factory=list[int | None])
    seconds: list[float] = field(default_factory=list[float])
    iou: float | None = None
    """End to end: 0 where the video was never found."""
    words: list[str] = field(default_factory=list[str])

    @property
    def found(self) -> bool:
        """Whether the video came first at last."""
        return bool(self.ranks) and self.ranks[-1] == 1


def search_all(brain: Brain, corpus: Corpus, settings: DialogueSettings, lang: Lang) -> Report:
    """Figures `search.en.R@1 within 3 turns`; of `pointing` users, who name the place they see."""
    figures: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    rows: list[dict[str, Any]] = []
    for way, points in (("search", False), ("pointing", True)):
        found = [
            search(brain, corpus, settings, lang, (seed, number), points=points)
            for seed in settings.seeds
            for number in range(settings.searches)
        ]
        name = f"{way}.{lang}"
        some, edges = _figures(found, len(corpus.truth.scripts), settings)
        figures |= {f"{name}.{key}": value for key, value in some.items()}
        intervals |= {f"{name}.{key}": value for key, value in edges.items()}
        rows += [
            {"search": name, "ranks": s.ranks, "iou": s.iou, "words": s.words,
             "seconds": round(sum(s.seconds), 4)}
            for s in found
        ]  # fmt: skip
    return Report(figures, intervals, tuple(rows))


def search(
    brain: Brain,
    corpus: Corpus,
    settings: DialogueSettings,
    lang: Lang,
    seeds: tuple[int, int],
    *,
    points: bool,
) -> Search:
    """One user looks for one video, then asks for a moment of it."""
    user, text = opened(corpus.truth, settings, lang, seeds, points=points)
    target = user.target
    found = Search()
    turns: tuple[Turn, ...] = ()
    for _ in range(settings.rounds):
        reply = _said(brain, turns, text, found)
        turns = (*turns, Turn("user", text), reply)
        shown = list(dict.fromkeys(moment.video.id for moment in reply.moments))
        found.ranks.append(shown.index(target) + 1 if target in shown else None)
        if found.found:
            break
        text = user.next(reply)
    found.iou = 0.0
    if found.found:
        text, spans = user.moment()
        reply = _said(brain, turns, text, found)
        first = reply.moments[:1]
        if first and first[0].video.id == target:
            found.iou = max(first[0].span.iou(span) for span in spans)
    return found


def opened(
    truth: LibraryTruth,
    settings: DialogueSettings,
    lang: Lang,
    seeds: tuple[int, int],
    *,
    points: bool,
) -> tuple[SimulatedUser, str]:
    """A user who has one video in mind, and the first words."""
    dice = Dice(_KEY, *seeds, settings.langs.index(lang))
    target = dice.pick(list(truth.scripts))
    user = SimulatedUser(truth.scripts[target], target, lang, dice, points)
    return user, user.opening(coarse=dice.chance(settings.coarse))


def _said(brain: Brain, turns: tuple[Turn, ...], text: str, found: Search) -> Turn:
    begun = time.perf_counter()
    reply = brain.reply((*turns, Turn("user", text)))
    found.seconds.append(time.perf_counter() - begun)
    found.words.append(text)
    return reply


def _figures(
    found: list[Search], pool: int, settings: DialogueSettings
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    ranks = [one.ranks for one in found]
    hits = np.array([1 in one.ranks[:WITHIN] for one in found], float)
    figures = {f"R@1 within {WITHIN} turns": 100.0 * float(hits.mean())}
    edges = {
        f"R@1 within {WITHIN} turns": tuple(100.0 * e for e in interval(hits, settings.resamples))
    }
    figures[f"R@1 within {settings.rounds} turns"] = success(ranks, 1, settings.rounds)
    for number, share in hits_by_round(ranks).items():
        figures[f"hits@10 by round {number}"] = share
    figures["BRI"] = bri(ranks, pool)
    ended = [one for one in found if one.found]
    if ended:
        figures["turns to success"] = float(np.mean([len(one.ranks) for one in ended]))
        spent = [sum(one.seconds[: len(one.ranks)]) for one in ended]
        figures["seconds to success"] = float(np.mean(spent))
    ious = np.array([one.iou or 0.0 for one in found])
    for limit in LIMITS:
        key = f"moment end to end R@1 IoU={limit}"
        figures[key] = 100.0 * float((ious >= limit).mean())
        low, high = interval((ious >= limit).astype(float), settings.resamples)
        edges[key] = 100.0 * low, 100.0 * high
    return figures, {key: (edge[0], edge[1]) for key, edge in edges.items()}
