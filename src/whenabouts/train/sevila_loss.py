"""What SeViLA learns from: answers, labels of frames, and the answerer's own mistakes.

Shapes: N texts, J words of a target, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from whenabouts.models.t5 import Ids


def yes_no(labels: Tensor, yes: Sequence[int], no: Sequence[int]) -> Ids:
    """Targets of frames: `labels` bool [N] as the ids of "yes" or "no", ends included."""
    return Ids.of([yes if label else no for label in labels.tolist()])


def option_right(scores: Tensor, letters: Sequence[int], truth: Tensor) -> tuple[Tensor, Tensor]:
    """The option chosen [N], and whether it is `truth` [N], of scores [N,J,V] of taught answers.

    The second word is the letter; the first one was given, so it need not be what the answerer
    would have written itself.
    """
    chosen = scores[:, 1, list(letters)].argmax(dim=-1)
    return chosen, chosen == truth
