"""What the published training of IVCR's model adds to its loss: two figures of the text it writes.

They are read from the most probable tokens under the right ones, so no gradient comes of them;
here they are figures alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from whenabouts.metrics.answers.ivcr import overlap, training_window

WEIGHT = 0.01
_NAMED, _OTHER, _VIDEOS = 10.0, 0.01, 10
_DIGITS = re.compile(r"\d+")


def moment_figure(answer: str, gold: Sequence[float]) -> float:
    """Overlap of the window that an answer names with the right one; 1 where it names none."""
    found = training_window(answer)
    return overlap(found[0], gold) if found else 1.0


def video_figure(answer: str, gold: int) -> float:
    """Cross entropy of a made-up choice of the number in the second sentence; 0 without one.

    An answer without a full stop has no second sentence; the published code fails there.
    """
    parts = answer.split(".")
    found = _DIGITS.search(parts[1]) if len(parts) > 1 else None
    if found is None or not 1 <= int(found.group()) <= _VIDEOS:
        return 0.0
    total = math.exp(_NAMED) + (_VIDEOS - 1) * math.exp(_OTHER)
    return math.log(total) - (_NAMED if int(found.group()) == gold else _OTHER)


def added_to_loss(answer: str, videos: int, gold: int | Sequence[float]) -> float:
    """What is added where so many videos stand in the whole dialogue."""
    overlapped, chosen = 0.0, 0.0
    if videos == 1 and not isinstance(gold, int):
        overlapped = moment_figure(answer, gold)
    elif videos == _VIDEOS and isinstance(gold, int):
        overlapped, chosen = 1.0, video_figure(answer, gold)
    return WEIGHT * (1 - overlapped + chosen)
