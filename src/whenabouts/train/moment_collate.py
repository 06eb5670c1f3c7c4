"""Examples of moments as one padded batch.

Shapes: B examples, N steps, T tokens, P pairs of steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from whenabouts.data.moments.example import Floats, MomentExample, fewer
from whenabouts.data.moments.saliency import easy_pair, hard_pair
from whenabouts.models.moment_features import with_places
from whenabouts.train.moment_loss import MomentBatch

MOST_WINDOWS = 5
"""True windows of an example that count, as published."""


def collate(
    examples: Sequence[MomentExample],
    words: int,
    generator: np.random.Generator,
    device: torch.device | None = None,
) -> MomentBatch:
    """A batch; texts are cut to `words` tokens, more than `MOST_WINDOWS` windows at random."""
    device = device or torch.device("cpu")
    video, video_mask = padded([with_places(one.video) for one in examples])
    text, text_mask = padded([one.text[:words] for one in examples])
    windows = tuple(
        torch.from_numpy(shares[list(fewer(shares, MOST_WINDOWS, generator))]).float().to(device)
        for shares in (one.shares() for one in examples)
    )
    pairs = [pairs_of(one, generator) for one in examples]
    high, low = (
        torch.tensor([[pair[side] for pair in of_one or _NOTHING] for of_one in pairs])
        for side in (0, 1)
    )
    rated = torch.tensor([float(bool(of_one)) for of_one in pairs])
    return MomentBatch(
        video.to(device),
        video_mask.to(device),
        text.to(device),
        text_mask.to(device),
        windows,
        high.to(device),
        low.to(device),
        rated.to(device),
    )


def pairs_of(one: MomentExample, generator: np.random.Generator) -> list[tuple[int, int]]:
    """Two pairs of steps whose saliency should differ: a hard one and an easy one.

    Without raters both are easy ones. None where nothing is relevant, or everything alike.
    """
    if not one.relevant:
        return []
    steps = len(one.video)
    hard = hard_pair(one.relevant, one.totals) if one.totals else None
    first = hard or easy_pair(one.relevant, steps, generator)
    if first is None:
        return []
    return [first, easy_pair(one.relevant, steps, generator) or first]


def padded(rows: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """[B,L,D] with zeros behind the end, and the mask [B,L] of what is valid."""
    longest = max(len(row) for row in rows)
    values = np.zeros((len(rows), longest, rows[0].shape[1]), np.float32)
    mask = np.zeros((len(rows), longest), np.float32)
    for place, row in enumerate(rows):
        values[place, : len(row)], mask[place, : len(row)] = row, 1.0
    return torch.from_numpy(values), torch.from_numpy(mask)


_NOTHING = [(0, 0), (0, 0)]
