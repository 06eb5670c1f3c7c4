"""Every objective of the catalog: how it is called, and what its loss gives."""

import inspect

import pytest
from torch import nn

from whenabouts.catalog import PARTS, part
from whenabouts.models.pixels import PixelSettings
from whenabouts.protocols import Objective
from whenabouts.train.contrastive import Contrastive
from whenabouts.train.retrieval_loss import RetrievalLossSettings, RetrievalObjective

CALLED_WITH = ["recipe_path", "overwrite", "runs", "on_progress", "stop_after_steps"]


@pytest.mark.parametrize("name", sorted(PARTS["objective"]))
def test_one_call_trains(name):
    """`whenabouts train` calls all of them alike."""
    assert list(inspect.signature(part("objective", name)).parameters) == CALLED_WITH


def objectives() -> list[Objective]:
    plain = RetrievalObjective(RetrievalLossSettings(), PixelSettings(size_px=1))
    return [Contrastive(8), plain]


@pytest.mark.parametrize("objective", objectives(), ids=lambda o: type(o).__name__)
def test_the_loop_can_step_on_it(objective):
    assert isinstance(objective, nn.Module), "its own parameters are trained too"
    assert list(inspect.signature(objective.loss).parameters) == ["model", "batch"]
