"""Apply a table of names: every source tensor is mapped, dropped by name, or refused.

A rule ties one of our names to one or more names of a published layout. `{}` in both stands for
the same block number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from whenabouts.errors import WeightsError

if TYPE_CHECKING:
    import torch

Change = Literal["same", "transpose", "stack"]
"""Between theirs and ours: nothing, a matrix turned, or several tensors stacked by rows."""

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """`ours` is made of `theirs`; only `stack` has more than one."""

    ours: str
    theirs: tuple[str, ...]
    change: Change = "same"


@dataclass(frozen=True, slots=True)
class Table:
    """All rules of a published layout, and the source names that are left out on purpose."""

    name: str
    rules: tuple[Rule, ...]
    dropped: tuple[str, ...] = ()
    """Patterns with `*`."""

    def to_ours(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Published tensors under our names; unknown names and incomplete stacks are refused."""
        import torch

        left = {name: value for name, value in tensors.items() if not self._drops(name)}
        found: dict[str, torch.Tensor] = {}
        for rule in self.rules:
            for block in _blocks(rule.theirs[0], left):
                names = [_fill(theirs, block) for theirs in rule.theirs]
                missing = [name for name in names if name not in left]
                if missing:
                    raise WeightsError(f"{self.name}: no tensor {missing[0]!r} beside {names[0]!r}")
                parts = [left.pop(name) for name in names]
                value = torch.cat(parts) if rule.change == "stack" else parts[0]
                found[_fill(rule.ours, block)] = value.T if rule.change == "transpose" else value
        if left:
            raise WeightsError(
                f"{self.name}: {len(left)} tensors have no place: {_some(left)}; "
                "this is another architecture, or a newer layout"
            )
        return found

    def to_theirs(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Our tensors under the published names."""
        left = dict(tensors)
        found: dict[str, torch.Tensor] = {}
        for rule in self.rules:
            for block in _blocks(rule.ours, left):
                value = left.pop(_fill(rule.ours, block))
                parts = (
                    value.chunk(len(rule.theirs))
                    if rule.change == "stack"
                    else (value.T if rule.change == "transpose" else value,)
                )
                for theirs, part in zip(rule.theirs, parts, strict=True):
                    found[_fill(theirs, block)] = part.contiguous()
        if left:
            raise WeightsError(f"{self.name} has no name for {_some(left)}")
        return found

    def _drops(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.dropped)


def load_strictly(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor], source: str) -> None:
    """Copy tensors into a network; names and shapes must fit exactly, any float dtype will do."""
    check_names(model, tensors, source)
    wanted = model.state_dict()
    model.load_state_dict({name: tensors[name].to(value.dtype) for name, value in wanted.items()})


def check_names(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor], source: str) -> None:
    """Refuse tensors whose names or shapes are not exactly those of a network."""
    wanted = model.state_dict()
    missing = sorted(wanted.keys() - tensors.keys())
    extra = sorted(tensors.keys() - wanted.keys())
    wrong = [
        f"{name} is {tuple(tensors[name].shape)} instead of {tuple(value.shape)}"
        for name, value in wanted.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    faults = [
        f"{len(names)} {kind}: {_some(names)}"
        for kind, names in (("missing", missing), ("unknown", extra), ("of wrong shape", wrong))
        if names
    ]
    if faults:
        raise WeightsError(f"{source} does not fit the network; " + "; ".join(faults))


def _blocks(pattern: str, names: Iterable[str]) -> list[str]:
    """Block numbers for which `pattern` has a name, in order; [""] for a rule without blocks."""
    if "{}" not in pattern:
        return [""] if pattern in set(names) else []
    head, tail = (re.escape(part) for part in pattern.split("{}"))
    matches = (re.fullmatch(rf"{head}(\d+){tail}", name) for name in names)
    return sorted({match[1] for match in matches if match}, key=int)


def _fill(pattern: str, block: str) -> str:
    return pattern.replace("{}", block)


def _some(names: Iterable[str]) -> str:
    """The first few names, for a message."""
    listed: Sequence[str] = sorted(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
