"""How well a brain follows conversations about drawn videos that no training sees.

Turns of drawn dialogues are asked one after the other; a simulated user looks for videos until they
come first; queries without a target show how often something is found all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whenabouts.evaluate.closed_loop import search_all
from whenabouts.evaluate.conversations import nowhere, talk_all
from whenabouts.evaluate.dialogue_report import dialogue_figures
from whenabouts.evaluate.dialogue_settings import DialogueSettings
from whenabouts.evaluate.drawn_library import Corpus
from whenabouts.evaluate.report import Report
from whenabouts.protocols import Brain

OnDone = Callable[[int, int], None]


def evaluate(
    brain: Brain, corpus: Corpus, settings: DialogueSettings, on_done: OnDone | None = None
) -> Report:
    """Figures named `own.en.video R@1` and so on; intervals draw whole dialogues."""
    figures: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    rows: list[dict[str, Any]] = []
    pool = len(corpus.truth.scripts)
    total = len(settings.langs) * (len(settings.histories) + 1)
    done = 0
    for lang in settings.langs:
        for history in settings.histories:
            outcomes, told = talk_all(brain, corpus, settings, lang, history)
            if history == "own":
                outcomes += nowhere(brain, corpus.truth, settings, lang)
            found, edges = dialogue_figures(outcomes, pool, settings.resamples)
            figures |= {f"{history}.{lang}.{name}": value for name, value in found.items()}
            intervals |= {f"{history}.{lang}.{name}": value for name, value in edges.items()}
            rows += told
            done += 1
            if on_done is not None:
                on_done(done, total)
        if settings.searches:
            looked = search_all(brain, corpus, settings, lang)
            figures |= looked.figures
            intervals |= looked.intervals
            rows += looked.predictions
        done += 1
        if on_done is not None:
            on_done(done, total)
    return Report(figures, intervals, tuple(rows))
