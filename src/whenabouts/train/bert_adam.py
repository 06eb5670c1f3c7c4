"""BertAdam, with which the published retrieval models were trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

_BETAS = (0.9, 0.98)
_EPS = 1e-6


class BertAdam(torch.optim.Optimizer):
    """Adam without bias correction; decay is added to the update; each tensor is clipped alone.

    u = m / (sqrt(v) + eps) + decay * p; p -= rate * u. The rate of a step is set from outside.
    Moments have the dtype of their parameter, as published: with float16 weights that matters.
    """

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        lr: float,
        betas: tuple[float, float] = _BETAS,
        clip_norm: float = 1.0,
    ) -> None:
        """`clip_norm` bounds the gradient of each tensor; 0 leaves it as it is."""
        defaults = {"lr": lr, "betas": betas, "weight_decay": 0.0, "clip_norm": clip_norm}
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # pyright: ignore[reportIncompatibleMethodOverride] (torch types its overloads more loosely)
        """One update of every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)
        return loss

    def _update(self, parameter: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state["m"] = torch.zeros_like(parameter)
            state["v"] = torch.zeros_like(parameter)
        if group["clip_norm"]:
            nn.utils.clip_grad_norm_(parameter, group["clip_norm"])
        gradient, (fast, slow) = parameter.grad, group["betas"]
        state["m"].mul_(fast).add_(gradient, alpha=1 - fast)
        state["v"].mul_(slow).addcmul_(gradient, gradient, value=1 - slow)
        update = state["m"] / (state["v"].sqrt() + _EPS)
        if group["weight_decay"]:
            update.add_(parameter, alpha=group["weight_decay"])
        parameter.add_(update, alpha=-group["lr"])
