"""Where a network runs."""

from __future__ import annotations

import torch

from whenabouts.errors import InputError


def pick_device(wanted: str) -> torch.device:
    """`auto`, the accelerator where there is one, or a name that torch knows.

    Raises:
        InputError: there is no such device, or it cannot be used here.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise InputError(f"unknown device {wanted!r}; take cpu, cuda or auto") from error
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        why = str(error).partition("\n")[0]
        raise InputError(
            f"device {wanted!r} cannot be used here ({why}); take cpu or auto"
        ) from error
    return device
