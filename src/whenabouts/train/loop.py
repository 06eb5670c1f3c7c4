"""The only training loop: steps, schedule, validation, checkpoints, resume.

What is learnt lies in an objective, which turns a batch into a loss; where batches come from lies
in a function of the step number. So a run that was cut off goes on exactly as if it had not been:
the state is the tensors and the number of the next step, nothing else.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from pydantic import Field
from torch import Tensor, nn

from whenabouts.errors import InputError, WeightsError
from whenabouts.settings import Settings
from whenabouts.train.state import read_state, write_state

Logs = dict[str, float]
_MUON_DECAY = 0.01


class LoopSettings(Settings):
    """How to step."""

    steps: int = Field(gt=0)
    learning_rate: float = Field(gt=0)
    muon_share: float = Field(default=0.0, ge=0)
    """Rate of Muon for the matrices inside transformer blocks, in learning rates; 0: AdamW there
    too. Muon makes all directions of an update equally long; shapes are learnt twice as fast."""
    weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.98)
    warmup_steps: int = 200
    decay_from: float = Field(default=0.6, ge=0, le=1)
    """Share of the steps after which the rate falls to nothing, in a straight line."""
    clip_norm: float = 1.0
    precision: Literal["bf16", "fp32"] = "bf16"
    """`bf16`: matrix products in bfloat16, weights and sums in float32."""
    device: str = "auto"
    """`auto`: the accelerator when there is one, else the processor."""
    threads: int = Field(default=0, ge=0)
    """Threads of the processor; 0: as many as it has cores."""
    seed: int = 0
    checkpoint_every_s: float = 240.0
    validate_every_steps: int = Field(default=500, gt=0)
    log_every_steps: int = Field(default=20, gt=0)

    def rate(self, step: int) -> float:
        """The learning rate of a step (0-based): up, level, down."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        turn = int(self.steps * self.decay_from)
        if step < turn:
            return self.learning_rate
        return self.learning_rate * (self.steps - step) / max(1, self.steps - turn)


class LossOf(Protocol):
    """What a step minimises. Its own parameters are trained too and thrown away at the end."""

    def loss(self, model: nn.Module, batch: Any) -> tuple[Tensor, Logs]:
        """A scalar tensor, and what to log beside it."""
        ...


class Batches(Protocol):
    """Where batches come from."""

    def __call__(self, first_step: int) -> Iterator[Any]:
        """The batches of `first_step` and all later steps: the same for the same step, always."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands."""

    step: int
    steps: int
    logs: Logs
    """The last logged row: `loss`, its parts, `rate`, `wall_s`, `cpu_s`, validation figures."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a training run consists of."""

    model: nn.Module
    objective: nn.Module
    """An `nn.Module` that fulfils `LossOf`."""
    batches: Batches
    settings: LoopSettings
    folder: Path
    """Where `metrics.csv` and the checkpoint go."""
    validate: Callable[[nn.Module], Logs] | None = None
    on_progress: Callable[[Progress], None] | None = None


def fit(run: Run, stop_after_steps: int | None = None) -> int:
    """Train until the last step and return the number of steps done; resumes what it finds.

    `stop_after_steps` ends early, with a checkpoint, as if the machine had to be given back.
    """
    settings = run.settings
    device = pick_device(settings.device)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    both = nn.ModuleDict({"model": run.model, "objective": run.objective}).to(device)
    optimisers = make_optimisers(both, settings)
    run.folder.mkdir(parents=True, exist_ok=True)
    state_path = run.folder / "state.safetensors"
    step, spent = 0, (0.0, 0.0)
    if state_path.exists():
        step, spent = read_state(state_path, both, optimisers)
    journal = Journal(run.folder / "metrics.csv", step, spent)
    last = settings.steps if stop_after_steps is None else min(settings.steps, stop_after_steps)
    saved_s = time.monotonic()
    for batch in run.batches(step):
        if step >= last:
            break
        logs = _step(both, optimisers, settings, batch, step)
        step += 1
        validated: Logs = {}
        if run.validate and (step % settings.validate_every_steps == 0 or step == settings.steps):
            both.eval()
            validated = run.validate(run.model)
            both.train()
        journal.add(logs)
        if validated or step % settings.log_every_steps == 0 or step == last:
            row = journal.write(step, validated)
            if run.on_progress:
                run.on_progress(Progress(step, settings.steps, row))
        if time.monotonic() - saved_s > settings.checkpoint_every_s or step == last:
            write_state(state_path, both, optimisers, step, journal.spent)
            saved_s = time.monotonic()
    return step


def pick_device(wanted: str) -> torch.device:
    """`auto` or a name that torch knows."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.device(wanted)
    except RuntimeError as error:
        raise InputError(f"unknown device {wanted!r}: {error}") from error


def _step(
    both: nn.ModuleDict,
    optimisers: list[torch.optim.Optimizer],
    settings: LoopSettings,
    batch: Any,
    step: int,
) -> Logs:
    """One update; what was measured."""
    # A seed a step, so that dropout or sampling in a loss needs no stored generator state.
    torch.manual_seed(settings.seed * 1_000_003 + step)
    rate = settings.rate(step)
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
    device = next(both.parameters()).device
    with torch.autocast(device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
        loss, logs = both["objective"].loss(both["model"], batch)  # pyright: ignore[reportCallIssue] (nn.Module hides methods)
    if not torch.isfinite(loss):
        raise WeightsError(
            f"the loss of step {step} is {loss.item()}; lower learning_rate, now "
            f"{settings.learning_rate}, and start again from the last checkpoint"
        )
    both.zero_grad(set_to_none=True)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(both.parameters(), settings.clip_norm)
    for optimiser in optimisers:
        optimiser.step()
    return {"loss": loss.item(), "norm": norm.item(), "rate": rate, **logs}


def make_optimisers(both: nn.Module, settings: LoopSettings) -> list[torch.optim.Optimizer]:
    """AdamW, and Muon if asked for; biases, norms and single numbers do not decay."""
    named = [(name, p) for name, p in both.named_parameters() if p.requires_grad]
    inner = [
        p for name, p in named if settings.muon_share and p.ndim == 2 and ".resblocks." in name
    ]
    known = {id(p) for p in inner}
    outer = [p for _, p in named if id(p) not in known]
    groups = [
        {
            "params": [p for p in outer if p.ndim >= 2],
            "weight_decay": settings.weight_decay,
            "share": 1.0,
        },
        {"params": [p for p in outer if p.ndim < 2], "weight_decay": 0.0, "share": 1.0},
    ]
    rate = settings.learning_rate
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, lr=rate, betas=settings.betas, fused=True)
    ]
    if inner:
        muon = {"params": inner, "share": settings.muon_share}
        found.append(torch.optim.Muon([muon], lr=rate, weight_decay=_MUON_DECAY))
    return found


class Journal:
    """Means of what was logged, one row every few steps, in a CSV file that a resumed run extends.

    `cpu_s` counts this process's own processor time: on a shared machine the wall clock lies.
    """

    def __init__(self, path: Path, step: int, spent: tuple[float, float]) -> None:
        self._path = path
        self._rows = _rows_until(path, step)
        self._sums: dict[str, list[float]] = {}
        self._start = time.monotonic() - spent[0], time.process_time() - spent[1]

    @property
    def spent(self) -> tuple[float, float]:
        """Wall and processor seconds since the run began, pauses between resumes left out."""
        return time.monotonic() - self._start[0], time.process_time() - self._start[1]

    def add(self, logs: Logs) -> None:
        """Take the logs of one step."""
        for name, value in logs.items():
            self._sums.setdefault(name, []).append(value)

    def write(self, step: int, validated: Logs) -> Logs:
        """Append one row and return it."""
        wall_s, cpu_s = self.spent
        row: Logs = {"step": step, "wall_s": round(wall_s, 1), "cpu_s": round(cpu_s, 1)}
        row |= {name: sum(values) / len(values) for name, values in self._sums.items()}
        row |= validated
        self._sums.clear()
        self._rows.append({name: json.dumps(value) for name, value in row.items()})
        columns = list(dict.fromkeys(name for found in self._rows for name in found))
        part = self._path.with_suffix(".part")
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(self._rows)
        part.replace(self._path)
        return row


def _rows_until(path: Path, step: int) -> list[dict[str, str]]:
    """The rows of an earlier part of the run; those after its checkpoint are dropped."""
    if not path.exists() or step == 0:
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["step"]) <= step]
    return [{name: value for name, value in row.items() if value != ""} for row in rows]
