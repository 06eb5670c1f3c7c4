"""Several processes that train one model: who one is, gathering features, averaging gradients.

Started by `torchrun`, which says by environment variables how many there are. Gradients are
averaged in buckets of one fixed layout rather than by a wrapper that lays them out anew after its
first step: so a run that was cut off goes on to the very same bits.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from whenabouts.errors import InputError

_BUCKET_VALUES = 32 << 20
_PATIENCE = timedelta(hours=6)
"""The others wait while the first process validates."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which of how many processes this is."""

    rank: int = 0
    size: int = 1
    local: int = 0
    """Number of this process on its machine: which accelerator is its own."""

    @property
    def first(self) -> bool:
        """Whether this process writes and tells."""
        return self.rank == 0

    def wait(self) -> None:
        """Until all processes are here."""
        if self.size > 1:
            dist.barrier()


ALONE = Ranks()


@contextmanager
def join(device: str) -> Generator[Ranks]:
    """Meet the other processes that `torchrun` started; alone without it.

    `device` as in the loop's settings; `gloo` for processors, `nccl` for accelerators.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE
        return
    ranks = Ranks(int(os.environ["RANK"]), size, int(os.environ.get("LOCAL_RANK", "0")))
    on_card = device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())
    if on_card:
        if ranks.local >= torch.cuda.device_count():
            raise InputError(
                f"process {ranks.local} of this machine has no accelerator of its own, there are "
                f"{torch.cuda.device_count()}; lower --nproc-per-node"
            )
        torch.cuda.set_device(ranks.local)
    # Optimisers import it anyway. Were it imported once the group is there, the group would outlive
    # its end, and a process that exits while the group's threads run may abort.
    import_module("torch._dynamo")
    dist.init_process_group("nccl" if on_card else "gloo", timeout=_PATIENCE)
    try:
        yield ranks
    finally:
        dist.destroy_process_group()


class _Gather(torch.autograd.Function):
    """All processes' rows; backwards each keeps the rows that were its own, times a factor."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor, ranks: Ranks, factor: float) -> Tensor:
        ctx.ranks, ctx.factor, ctx.count = ranks, factor, len(mine)
        parts = [torch.empty_like(mine) for _ in range(ranks.size)]
        dist.all_gather(parts, mine.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        start = ctx.ranks.rank * ctx.count
        return gradients[0][start : start + ctx.count] * ctx.factor, None, None


def gather(mine: Tensor, ranks: Ranks, *, published: bool = False) -> Tensor:
    """Rows of all processes, in order of rank; every process must bring equally many.

    Every process computes the whole loss of all rows, and gradients are averaged afterwards, so
    each must count its own rows as often as there are processes. `published` leaves that factor
    out, as the published training did: its towers then learn from 1/size of the true gradient.
    """
    if ranks.size == 1:
        return mine
    factor = 1.0 if published else float(ranks.size)
    return _Gather.apply(mine, ranks, factor)  # pyright: ignore[reportReturnType] (untyped in torch)


def average_gradients(parameters: Iterable[nn.Parameter], ranks: Ranks) -> None:
    """Replace every gradient by its mean over the processes; one that is missing counts as 0."""
    if ranks.size == 1:
        return
    buckets: dict[torch.dtype, list[nn.Parameter]] = {}
    for parameter in parameters:
        if not parameter.requires_grad:
            continue
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        bucket = buckets.setdefault(parameter.dtype, [])
        if bucket and sum(p.numel() for p in bucket) + parameter.numel() > _BUCKET_VALUES:
            _average(bucket, ranks)
            bucket.clear()
        bucket.append(parameter)
    for bucket in buckets.values():
        _average(bucket, ranks)


def _average(bucket: list[nn.Parameter], ranks: Ranks) -> None:
    gradients = [p.grad for p in bucket if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= ranks.size
    parts = flat.split([gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
