"""Whether a result shows what was asked for, or something like it: each word against its kind.

The floor of a search keeps out what is unlike all that was asked for. It lets a red ring beside a
green star pass for a green ring beside a red star, since all of it is there. So each word of a kind
(a colour, a shape, an animal) is put against others of its kind, in the same words around it: where
the picture says `red` no louder than `green` in that place, nobody should claim to have found it.
Legend: N frames, D width.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from whenabouts.dialogue.cues import Cues
from whenabouts.models.scoring import score
from whenabouts.types import Encoding

SLOTS = 3
"""A text with fewer words of a kind is not put to this test."""
RIVALS = 8
"""Others of its kind that a word has to beat."""
WORDS = 10
"""Kinds of fewer words are none to compare in."""
TEMPERATURE = 0.02
"""Of scores; how much one has to be above another to be believed."""
LEAST = 0.6
"""The share that the words must have against their rivals, the geometric mean of all. The small
encoder hardly tells who is left of whom, so that few relations are claimed from here on, whether a
video shows them or not."""
_ALIKE = (
    frozenset(("circle", "disc", "dot")), frozenset(("square", "box")),
    frozenset(("ring", "hoop")), frozenset(("cross", "plus sign")),
    frozenset(("diamond", "rhombus")), frozenset(("grey", "gray")),
    frozenset(("purple", "violet")), frozenset(("cyan", "turquoise")),
    frozenset(("bike", "bicycle")), frozenset(("motorcycle", "motorbike")),
    frozenset(("city", "town")), frozenset(("beach", "coast", "sea")),
)  # fmt: skip


def share(
    text: str,
    cues: Cues,
    encode: Callable[[str], Encoding],
    vectors: NDArray[np.float32],
    logits: NDArray[np.floating],
) -> float | None:
    """How well a text holds against its rivals in some frames, 0 to 1; None where it is untested.

    Args:
        text: one description.
        cues: the words of its language.
        encode: a text as the frames' encoder has it.
        vectors: the frames [N,D] of the result.
        logits: their weights [N].
    """
    found = slots(text, cues)
    if len(found) < SLOTS or not len(vectors):
        return None
    own = score(encode(text), vectors, logits)
    total = 0.0
    for start, end, rivals in found:
        others = (
            score(encode(text[:start] + word + text[end:]), vectors, logits) for word in rivals
        )
        total -= math.log1p(sum(math.exp((other - own) / TEMPERATURE) for other in others))
    return math.exp(total / len(found))


def slots(text: str, cues: Cues) -> list[tuple[int, int, Sequence[str]]]:
    """Where words of a kind stand in a text, and what may stand there instead."""
    found: list[tuple[int, int, Sequence[str]]] = []
    taken = [False] * len(text)
    rows = [row for row in cues.kinds if len(row) >= WORDS]
    known = sorted(((word, row) for row in rows for word in row), key=lambda one: -len(one[0]))
    for word, row in known:
        edge = "" if cues.lang == "zh" else r"\b"
        for match in re.finditer(f"{edge}{re.escape(word)}{edge}", text, re.IGNORECASE):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * len(word)
                found.append((match.start(), match.end(), _rivals(word, row)))
    return sorted(found)


def _rivals(word: str, row: frozenset[str]) -> list[str]:
    same: set[str] = {word}.union(*(alike for alike in _ALIKE if word in alike))
    near = {other for other in row if not other.isascii() and (other in word or word in other)}
    others = sorted(row - same - near)
    step = max(1, len(others) // RIVALS)
    return others[::step][:RIVALS]
