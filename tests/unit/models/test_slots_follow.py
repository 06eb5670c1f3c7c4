"""Slots that begin as shares of a video."""

import pytest
import torch

from whenabouts.models.compress import CrossSlots, Slots


@pytest.mark.parametrize(("kind", "least"), [(Slots, 0.9), (CrossSlots, 0.25)])
@pytest.mark.parametrize("slots", [6, 12])
def test_slots_begin_at_their_share_of_the_frames(kind, least, slots):
    random = torch.Generator().manual_seed(0)
    table = 0.5 * torch.randn(12, 96, generator=random)
    part = kind(96, slots)
    part.initialise(random)
    part.follow(table, 0.3)
    tokens = torch.randn(1, 12, 4, 96, generator=random) + table[:, None]
    of_frames = part.weights(tokens.flatten(1, 2))[0].unflatten(0, (12, 4)).sum(dim=1)
    own = of_frames.unflatten(0, (slots, -1)).sum(dim=1).diagonal()
    assert own.mean() > least
