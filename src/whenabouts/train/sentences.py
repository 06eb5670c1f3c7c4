"""Sentences of the shape world for the tokenizer: all kinds, both languages."""

from __future__ import annotations

from collections.abc import Iterator

from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import caption, coarse_caption, frame_caption, moment_query
from whenabouts.shapeworld.scene import draw_script

FIRST_SEED = 7_000_000
"""Far from the videos that training shows."""


def sentences(videos: int) -> Iterator[str]:
    """Eight sentences about each of so many videos of the training split."""
    for index in range(videos):
        script = draw_script(FIRST_SEED + index)
        dice = Dice(5, index)
        for lang in ("en", "zh"):
            yield caption(script, lang, dice).text
            yield frame_caption(script, script.duration_s / 2, lang, dice).text
            yield moment_query(script, dice.pick(script.events), lang, dice).text
            yield coarse_caption(script, lang, dice).text
