"""How often a search could come to its end in time if all that is said were understood and seen.

Somebody who knows what is true lists the videos that fit all that was said, those that fit alike by
lot. Where few words fit many videos, no system can do better than that.
"""

from __future__ import annotations

from whenabouts.evaluate.closed_loop import WITHIN, opened
from whenabouts.evaluate.dialogue_settings import DialogueSettings
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.library_truth import LibraryTruth

_LISTED = 10
"""Results of a list."""


def ceiling(truth: LibraryTruth, settings: DialogueSettings, lang: Lang, *, points: bool) -> float:
    """Percent of the searches whose video can come first within three turns."""
    seeds = [(seed, n) for seed in settings.seeds for n in range(settings.searches)]
    return 100.0 * sum(_chance(truth, settings, lang, s, points=points) for s in seeds) / len(seeds)


def _chance(
    truth: LibraryTruth,
    settings: DialogueSettings,
    lang: Lang,
    seeds: tuple[int, int],
    *,
    points: bool,
) -> float:
    """How likely one search succeeds: the sum over its turns."""
    user, _ = opened(truth, settings, lang, seeds, points=points)
    total, left = 0.0, 1.0
    for turn in range(WITHIN):
        fits = set[str].intersection(*(set(truth.answers(claim)) for claim in user.told))
        count = len(fits | {user.target})
        first, listed = 1 / count, min(1.0, _LISTED / count)
        more = listed - first if points and turn + 1 < WITHIN else 0.0
        total += left * (first + more)
        left *= 1 - (listed if points else first)
        user.add()
    return total
