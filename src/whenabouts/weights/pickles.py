"""PyTorch files, read without running anything in them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from whenabouts.errors import WeightsError


def load_pickle(path: Path, holders: Sequence[type] = ()) -> Mapping[str, Any]:
    """What a file written by `torch.save` holds by name; tensors stay on disk until they are used.

    `holders` are harmless classes, such as `argparse.Namespace`, that it may hold beside them.

    Raises:
        WeightsError: it is damaged, asks for more than plain values, or holds no names.
    """
    import torch

    try:
        # Files of the older kind cannot be mapped.
        mapped = zipfile.is_zipfile(path)
        with torch.serialization.safe_globals([*holders]):
            loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise WeightsError(
            f"{path} is damaged, or holds more than plain tensors: {first}"
        ) from error
    if not isinstance(loaded, Mapping):
        raise WeightsError(f"{path} holds a {type(loaded).__name__} instead of named tensors")
    return cast(Mapping[str, Any], loaded)
