"""What a transformer of Hugging Face has read, by its name in the installed version."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import Cache


def given_past(past: Cache | None) -> dict[str, Any]:
    """The argument of a call that goes on behind `past`."""
    return {_name(): past}


def past_of(made: Any) -> Any:
    """What a call that gave `made` has read."""
    return getattr(made, _name())


@cache
def _name() -> str:
    """`cache` since transformers 5.24, which warns of the older `past_key_values`."""
    from transformers.modeling_outputs import BaseModelOutputWithPast

    return "cache" if hasattr(BaseModelOutputWithPast, "cache") else "past_key_values"
