"""The state of a training run in one file: tensors, optimiser and the number of the next step.

Weights that are frozen are left out: a run that goes on reads them where it read them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from whenabouts.errors import WeightsError


def write_state(
    path: Path,
    module: nn.Module,
    optimisers: Sequence[torch.optim.Optimizer],
    step: int,
    spent: tuple[float, float],
    scaler: torch.amp.GradScaler | None = None,
) -> None:
    """Write atomically; `spent` are the wall and processor seconds so far."""
    frozen = _frozen(module)
    whole = module.state_dict()
    tensors = {f"net.{name}": value for name, value in whole.items() if name not in frozen}
    for place, optimiser in enumerate(optimisers):
        for index, entry in optimiser.state_dict()["state"].items():
            head = f"opt.{place}.{index}"
            tensors |= {f"{head}.{name}": torch.as_tensor(v) for name, v in entry.items()}
    scaled = scaler.state_dict() if scaler is not None else {}
    tensors |= {f"scaler.{name}": torch.tensor(value) for name, value in scaled.items()}
    facts = {"step": str(step), "wall_s": str(spent[0]), "cpu_s": str(spent[1])}
    part = path.with_suffix(".part")
    save_file(
        {name: value.detach().cpu().contiguous() for name, value in tensors.items()}, part, facts
    )
    part.replace(path)


def read_state(
    path: Path,
    module: nn.Module,
    optimisers: Sequence[torch.optim.Optimizer],
    scaler: torch.amp.GradScaler | None = None,
) -> tuple[int, tuple[float, float]]:
    """Load what `write_state` wrote; returns the next step and the seconds spent."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata()
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read training state {path}: {error}") from error
    net = {name[4:]: value for name, value in tensors.items() if name.startswith("net.")}
    whole = module.state_dict()
    try:
        module.load_state_dict({name: whole[name] for name in _frozen(module)} | net)
    except RuntimeError as error:
        raise WeightsError(
            f"{path} is of a run with other sizes; choose another run folder or delete it: {error}"
        ) from error
    for place, optimiser in enumerate(optimisers):
        entries: dict[int, dict[str, Any]] = {}
        head = f"opt.{place}."
        for name, value in tensors.items():
            if name.startswith(head):
                index, key = name[len(head) :].split(".", 1)
                entries.setdefault(int(index), {})[key] = value
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": entries, "param_groups": groups})
    scaled = {n[7:]: value.item() for n, value in tensors.items() if n.startswith("scaler.")}
    if scaler is not None and scaler.is_enabled() and scaled:
        scaler.load_state_dict(scaled)
    return int(facts["step"]), (float(facts["wall_s"]), float(facts["cpu_s"]))


def _frozen(module: nn.Module) -> set[str]:
    """Names of the weights that no step changes."""
    return {name for name, weight in module.named_parameters() if not weight.requires_grad}
