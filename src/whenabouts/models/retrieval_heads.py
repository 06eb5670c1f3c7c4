"""Two heads beside the language model's: one chooses a candidate video, one a moment.

They read what the model has gathered where its answer begins. An option of IVCR's model, off in its
official version. Shapes: B rows of L positions, D width, C candidates.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from whenabouts.models.chat_text import IGNORED
from whenabouts.models.dialogue_text import CANDIDATES

_DROPOUT = 0.1
_BEFORE = 5
"""Positions before the last one that are averaged with it."""
_EPS = 1e-6
_LEAST_DURATION_S, _LONGER = 100.0, 1.5
WEIGHT = 0.1
"""Beside the loss of the answer."""


class RetrievalHeads(nn.Module):
    """Ten scores of candidates, and two numbers that a sigmoid makes shares of the duration."""

    def __init__(self, width: int, inner: int, candidates: int = CANDIDATES) -> None:
        super().__init__()
        self.video = _head(width, inner, candidates)
        self.moment = _head(width, inner, 2)

    def initialise(self, generator: torch.Generator) -> None:
        """Random start."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02, generator=generator)
                nn.init.zeros_(module.bias)


def _head(width: int, inner: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(width, inner), nn.ReLU(), nn.Dropout(_DROPOUT), nn.Linear(inner, outputs)
    )


def before_answer(hidden: Tensor, labels: Tensor) -> Tensor:
    """Mean of the last hidden states up to the one that predicts the answer: [B,L,D] to [B,D].

    `labels` [B,L] are ignored up to there.
    """
    rows: list[Tensor] = []
    for states, wanted in zip(hidden, labels, strict=True):
        last = int(wanted.eq(IGNORED).nonzero()[-1, 0])
        rows.append(states[max(0, last - _BEFORE) : last + 1].mean(dim=0))
    return torch.stack(rows)


def video_loss(scores: Tensor, number: int) -> Tensor:
    """Cross entropy of scores [C] with the right candidate, from 1; 0 if that is none of them."""
    if not 1 <= number <= len(scores):
        return scores.sum() * 0
    wanted = torch.tensor([number - 1], device=scores.device)
    return nn.functional.cross_entropy(scores[None], wanted)


def moment_of(raw: Tensor, duration_s: float | Tensor) -> Tensor:
    """Start and end in s, in order, from the head's two numbers [2]."""
    return (raw.sigmoid() * duration_s).sort().values


def assumed_duration_s(end_s: float) -> float:
    """What the published training scales by: it knows the right end, which use does not."""
    return max(_LONGER * end_s, _LEAST_DURATION_S)


def moment_loss(raw: Tensor, span_s: tuple[float, float], duration_s: float) -> Tensor:
    """1 - overlap of the head's moment with the right one; no gradient where they are apart."""
    found = moment_of(raw, duration_s)
    low, high = span_s
    inside = (found[1].clamp(max=high) - found[0].clamp(min=low)).clamp(min=0)
    both = (found[1] - found[0]) + (high - low) - inside
    return 1 - inside / (both + _EPS)
