"""The loss of next tokens, and VTG-LLM's for digits: a near miss costs less than a far one.

The latter is off in every published run.
Source: https://arxiv.org/abs/2405.13382, as its code has it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from whenabouts.models.chat_text import IGNORED

_SHARE = 0.1
_SPREAD = 0.5


def next_token_loss(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross entropy of `logits` [N,V] against `labels` [N] over those that are learnt.

    0 where nothing is learnt, so that a batch of cut texts does no harm. `weights` [N] say how much
    each counts; None: all alike.
    """
    if weights is not None:
        each = F.cross_entropy(logits.float(), labels, ignore_index=IGNORED, reduction="none")
        return (each * weights).sum() / weights.sum().clamp_min(1e-9)
    total = F.cross_entropy(logits.float(), labels, ignore_index=IGNORED, reduction="sum")
    return total / labels.ne(IGNORED).sum().clamp_min(1)


def answer_weights(labels: Tensor, power: float) -> Tensor:
    """How much each learnt token of `labels` [B,L] counts, [N] in their order.

    Of an answer of n tokens, a stretch of learnt ones, each counts n^-power: 0 is all tokens alike,
    1 all answers alike.
    """
    learnt = labels.ne(IGNORED)
    first = learnt & ~F.pad(learnt, (1, 0))[:, :-1]
    answer = first.flatten().cumsum(0)[learnt.flatten()]
    return answer.bincount()[answer].float() ** -power


def time_loss(logits: Tensor, labels: Tensor, first_id: int) -> Tensor:
    """`next_token_loss` plus the soft loss of digit tokens; `first_id` is `<TIME_ZERO>`.

    Where the label is a digit, the ten digits share its weight by how near they are.
    """
    plain = next_token_loss(logits, labels)
    digit = labels - first_id
    times = (digit >= 0) & (digit < 10)
    if not bool(times.any()):
        return plain
    away = torch.arange(10, device=labels.device) - digit[times][:, None]
    density = torch.exp(-0.5 * (away / _SPREAD) ** 2) / (_SPREAD * math.sqrt(2 * math.pi))
    density = density.masked_fill(away == 0, 0.0)
    weights = density / density.sum(dim=1, keepdim=True)
    found = logits[times][:, first_id : first_id + 10].float().log_softmax(dim=-1)
    return plain - _SHARE * (weights * found).sum(dim=1).mean()
