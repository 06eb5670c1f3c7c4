"""Memory that ran out, which torch and the system tell in several ways."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

import torch

from whenabouts.errors import MissingPartError, WhenaboutsError


def is_full(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on an accelerator or on the processor.

    >>> is_full(MemoryError()), is_full(RuntimeError("shapes differ"))
    (True, False)
    """
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


@contextmanager
def when_full(tell: Callable[[], WhenaboutsError]) -> Generator[None]:
    """Raise what `tell` makes when memory runs out: what was too much, and what to do."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_full(error):
            raise
        raise tell() from error


def too_big(name: str, precision: str, device: str) -> MissingPartError:
    """What is told when a model does not fit."""
    elsewhere = "" if device == "cpu" else ", or the device cpu"
    return MissingPartError(
        f"{device} has too little memory for {name} as {precision}; try int8 or int4{elsewhere}"
    )
