"""Which optimiser moves which parameter, how fast, and with how much decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from whenabouts.settings import Settings
from whenabouts.train.bert_adam import BertAdam
from whenabouts.train.epoch_schedule import EpochSchedule
from whenabouts.train.schedule import Schedule, share_at

_MUON_DECAY = 0.01


class StepSettings(Settings):
    """How one step moves the parameters."""

    steps: int = Field(default=0, ge=0)
    """0 where a recipe counts in epochs: it puts their number here."""
    learning_rate: float = Field(default=0.0, ge=0)
    """The full rate; without `by_epochs` alone."""
    by_epochs: EpochSchedule | None = None
    """The published schedule of video LLMs, with rates of its own."""
    optimiser: Literal["adamw", "bert_adam"] = "adamw"
    """`bert_adam`: no bias correction, the gradient of each tensor clipped alone, as the published
    retrieval models were trained."""
    muon_share: float = Field(default=0.0, ge=0)
    """Rate of Muon for the matrices inside transformer blocks, in learning rates; 0: AdamW there
    too. Muon makes all directions of an update equally long; shapes are learnt twice as fast."""
    muon_names: tuple[str, ...] = (".resblocks.",)
    """Matrices with one of these in their name are inside transformer blocks."""
    slow: str = ""
    """Parameters with this in their name learn at another rate: `clip.` for pretrained towers."""
    slow_share: float = Field(default=1.0, ge=0)
    """Their rate, in learning rates."""
    weight_decay: float = 0.05
    decay: Literal["matrices", "all-but-biases", "all"] = "matrices"
    """What decays. Moment-DETR shrinks all there is; the published retrieval models also shrink
    norms, embeddings and the logit scale. The rule of TimeChat and VTG-LLM (two dimensions, no
    `bias`, `ln` or `bn` in the name) comes to `matrices` with the names that they have."""
    betas: tuple[float, float] = (0.9, 0.98)
    schedule: Literal["level"] | Schedule = "level"
    """`level`: up, level, down in a straight line. The others are BertAdam's."""
    warmup_steps: int = 200
    """For `level`."""
    decay_from: float = Field(default=0.6, ge=0, le=1)
    """For `level`: share of the steps after which the rate falls to nothing."""
    drop_at: float = Field(default=1.0, gt=0, le=1)
    """For `level`: share of the steps after which the rate is a tenth."""
    warmup_share: float = Field(default=0.1, gt=0, lt=1)
    """For the other schedules: share of the steps on which the rate rises from 0."""
    clip_norm: float = Field(default=1.0, ge=0)
    """Longest gradient; 0: any, as the published video LLMs were trained."""

    @model_validator(mode="after")
    def _one_rate(self) -> Self:
        if (self.by_epochs is None) == (self.learning_rate == 0):
            raise ValueError("give either learning_rate or by_epochs, which has a rate of its own")
        return self

    def rate(self, step: int) -> float:
        """The learning rate of a step (0-based)."""
        if self.schedule != "level":
            return self.learning_rate * share_at(
                self.schedule, step / self.steps, self.warmup_share
            )
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        turn = int(self.steps * self.decay_from)
        if step < turn:
            late = step >= self.steps * self.drop_at
            return self.learning_rate * (0.1 if late else 1.0)
        return self.learning_rate * (self.steps - step) / max(1, self.steps - turn)


def make_optimisers(both: nn.Module, settings: StepSettings) -> list[torch.optim.Optimizer]:
    """AdamW or BertAdam, and Muon if asked for."""
    named = [(name, p) for name, p in both.named_parameters() if p.requires_grad]
    inner = [
        p
        for name, p in named
        if settings.muon_share and p.ndim == 2 and any(n in name for n in settings.muon_names)
    ]
    known = {id(p) for p in inner}
    groups = make_groups([(name, p) for name, p in named if id(p) not in known], settings)
    rate = settings.learning_rate
    found: list[torch.optim.Optimizer] = []
    if settings.optimiser == "bert_adam":
        found.append(BertAdam(groups, rate, settings.betas, settings.clip_norm))
    else:
        found.append(torch.optim.AdamW(groups, lr=rate, betas=settings.betas, fused=True))
    if inner:
        muon = {"params": inner, "share": settings.muon_share}
        found.append(torch.optim.Muon([muon], lr=rate, weight_decay=_MUON_DECAY))
    return found


def make_groups(
    named: Sequence[tuple[str, nn.Parameter]], settings: StepSettings
) -> list[dict[str, Any]]:
    """Parameters by decay and rate: first those that decay, in each half the slow ones first."""
    groups: list[dict[str, Any]] = []
    for decays in (True, False):
        for slow in (True, False):
            chosen = [
                parameter
                for name, parameter in named
                if _decays(name, parameter, settings) == decays
                and (bool(settings.slow) and settings.slow in name) == slow
            ]
            if chosen:
                decay = settings.weight_decay if decays else 0.0
                share = settings.slow_share if slow else 1.0
                groups.append({"params": chosen, "weight_decay": decay, "share": share})
    return groups


def set_rates(optimisers: Sequence[torch.optim.Optimizer], rate: float) -> None:
    """Give every group its share of the rate of this step."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]


def _decays(name: str, parameter: Tensor, settings: StepSettings) -> bool:
    if settings.decay == "all":
        return True
    if settings.decay == "matrices":
        return parameter.ndim >= 2
    return "bias" not in name
