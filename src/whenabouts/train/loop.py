"""The only training loop: steps, schedule, validation, checkpoints, resume.

What is learnt lies in an objective, which turns a batch into a loss; where batches come from lies
in a function of the step number. So a run that was cut off goes on exactly as if it had not been:
the state is the tensors and the number of the next step, nothing else.
"""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from pydantic import Field
from torch import nn

from whenabouts.errors import InputError, SettingsError, WeightsError
from whenabouts.models.device import pick_device
from whenabouts.models.memory import when_full
from whenabouts.train.distributed import ALONE, Ranks, average_gradients
from whenabouts.train.optimisers import StepSettings, make_optimisers, set_rates
from whenabouts.train.state import read_state, write_state

Logs = dict[str, float]
_HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


class LoopSettings(StepSettings):
    """How to step, how often to look, where to compute."""

    precision: Literal["bf16", "fp16", "fp32"] = "bf16"
    """Of matrix products; weights and sums stay in float32. With `fp16` the loss is scaled so that
    small gradients survive."""
    accumulate: int = Field(default=1, gt=0)
    """Batches whose gradients become one step, each with a loss of its own."""
    accumulate_as: Literal["mean", "sum"] = "mean"
    """`sum` does not divide, as the published video LLMs were trained."""
    device: str = "auto"
    """`auto`: the accelerator when there is one, else the processor."""
    threads: int = Field(default=0, ge=0)
    """Threads of the processor; 0: as many as it has cores."""
    seed: int = 0
    checkpoint_every_s: float = 240.0
    validate_every_steps: int = Field(default=500, gt=0)
    log_every_steps: int = Field(default=20, gt=0)

    def rate(self, step: int) -> float:
        """The learning rate of a step; `by_epochs` counts batches, and the step's last one says."""
        if self.by_epochs is None:
            return super().rate(step)
        return self.by_epochs.at_step((step + 1) * self.accumulate - 1)


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
    what: str = "Training"
    """What is counted: steps of training, or what has to be done before."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a training run consists of."""

    model: nn.Module
    objective: nn.Module
    """An `nn.Module` that fulfils `protocols.Objective`."""
    batches: Batches
    settings: LoopSettings
    folder: Path
    """Where `metrics.csv` and the checkpoint go."""
    validate: Callable[[nn.Module], Logs] | None = None
    on_progress: Callable[[Progress], None] | None = None
    after_step: Callable[[nn.Module], None] | None = None
    """Told after every update, for example to keep a parameter within bounds."""
    ranks: Ranks = ALONE
    together: bool = False
    """Whether validation needs all processes, each of which holds a part of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moving:
    """All that a step changes."""

    both: nn.ModuleDict
    optimisers: list[torch.optim.Optimizer]
    scaler: torch.amp.GradScaler


def fit(run: Run, stop_after_steps: int | None = None) -> int:
    """Train until the last step and return the number of steps done; resumes what it finds.

    `stop_after_steps` ends early, with a checkpoint, as if the machine had to be given back.
    """
    settings = run.settings
    if not settings.steps:
        raise SettingsError("a run of 0 steps trains nothing; set loop.steps")
    device = pick_device(settings.device)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    both = nn.ModuleDict({"model": run.model, "objective": run.objective}).to(device)
    scaler = torch.amp.GradScaler(device.type, enabled=settings.precision == "fp16")
    moving = _Moving(both, make_optimisers(both, settings), scaler)
    run.folder.mkdir(parents=True, exist_ok=True)
    state_path = run.folder / "state.safetensors"
    step, spent = 0, (0.0, 0.0)
    if state_path.exists():
        step, spent = read_state(state_path, both, moving.optimisers, scaler)
    # Nobody goes on before all have read: the first process will write that file again.
    run.ranks.wait()
    journal = Journal(run.folder / "metrics.csv", step, spent, writes=run.ranks.first)
    last = settings.steps if stop_after_steps is None else min(settings.steps, stop_after_steps)
    saved_s = time.monotonic()
    feed = run.batches(step * settings.accumulate)
    while step < last:
        with when_full(partial(_too_much, step, device)):
            logs = _step(run, moving, islice(feed, settings.accumulate), step)
        step += 1
        validated: Logs = {}
        if run.validate and (step % settings.validate_every_steps == 0 or step == settings.steps):
            validated = _validate(run, both)
        journal.add(logs)
        if validated or step % settings.log_every_steps == 0 or step == last:
            row = journal.write(step, validated)
            if run.on_progress and run.ranks.first:
                run.on_progress(Progress(step, settings.steps, row))
        if time.monotonic() - saved_s > settings.checkpoint_every_s or step == last:
            if run.ranks.first:
                write_state(state_path, both, moving.optimisers, step, journal.spent, scaler)
            saved_s = time.monotonic()
    return step


def _too_much(step: int, device: torch.device) -> InputError:
    """What is told when a batch does not fit."""
    return InputError(
        f"{device} ran out of memory in step {step + 1}; recompute=true needs less and may be set "
        "for this run, where its recipe knows it; else begin one with a lower loader.batch"
    )


def _validate(run: Run, both: nn.ModuleDict) -> Logs:
    """Figures by the first process, while the others wait or take part."""
    found: Logs = {}
    if run.validate and (run.ranks.first or run.together):
        both.eval()
        found = run.validate(run.model)
        both.train()
    run.ranks.wait()
    return found


def _step(run: Run, moving: _Moving, batches: Iterator[Any], step: int) -> Logs:
    """One update; what was measured."""
    settings, both = run.settings, moving.both
    # A seed a step, so that dropout or sampling in a loss needs no stored generator state.
    torch.manual_seed(settings.seed * 1_000_003 + step)
    rate = settings.rate(step)
    set_rates(moving.optimisers, rate)
    device = next(both.parameters()).device
    half = _HALF.get(settings.precision)
    rows: list[Logs] = []
    share = settings.accumulate if settings.accumulate_as == "mean" else 1
    both.zero_grad(set_to_none=True)
    for batch in batches:
        with torch.autocast(device.type, half or torch.bfloat16, enabled=half is not None):
            loss, logs = both["objective"].loss(both["model"], batch)  # pyright: ignore[reportCallIssue] (nn.Module hides methods)
        if not torch.isfinite(loss):
            raise _broken("loss", loss.item(), step, settings)
        moving.scaler.scale(loss / share).backward()
        rows.append({"loss": loss.item()} | logs)
    if len(rows) < settings.accumulate:
        raise InputError(f"the batches ended before step {step}; a feed must never end")
    average_gradients(both.parameters(), run.ranks)
    for optimiser in moving.optimisers:
        moving.scaler.unscale_(optimiser)
    norm = nn.utils.clip_grad_norm_(both.parameters(), settings.clip_norm or math.inf).item()
    if not math.isfinite(norm) and settings.precision != "fp16":
        # Under fp16 the scaler skips such a step and scales less from then on.
        raise _broken("gradient", norm, step, settings)
    for optimiser in moving.optimisers:
        moving.scaler.step(optimiser)
    moving.scaler.update()
    if run.after_step is not None:
        run.after_step(run.model)
    means = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
    return {"loss": means.pop("loss"), "norm": norm, "rate": rate, **means}


def _broken(what: str, value: float, step: int, settings: LoopSettings) -> WeightsError:
    return WeightsError(
        f"the {what} of step {step} is {value}; lower the learning rate, now "
        f"{settings.rate(step):.3g}, and start again from the last checkpoint"
    )


class Journal:
    """Means of what was logged, one row every few steps, in a CSV file that a resumed run extends.

    `cpu_s` counts this process's own processor time: on a shared machine the wall clock lies.
    """

    def __init__(
        self, path: Path, step: int, spent: tuple[float, float], *, writes: bool = True
    ) -> None:
        """`writes`: whether there is to be a file; the figures are kept either way."""
        self._path = path
        self._writes = writes
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
        if not self._writes:
            return row
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
