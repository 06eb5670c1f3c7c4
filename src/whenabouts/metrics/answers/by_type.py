"""Accuracy of chosen options, in all and by type of question, as the field tells it for each set.

The type is what stands before the first `_` of a question's id. A question counts once: published
evaluations over several processes count padding twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from whenabouts.errors import InputError

STAR_TYPES = ("Interaction", "Sequence", "Prediction", "Feasibility")
NEXTQA_GROUPS = {"C": "causal", "T": "temporal", "D": "descriptive"}
"""Columns of NExT-QA's tables, by the first letter of the type."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One question as it was answered."""

    id: str
    told: int | None
    """None: no option was named, which is wrong."""
    right: int

    @property
    def kind(self) -> str:
        """The type of the question."""
        return self.id.split("_", 1)[0]

    @property
    def hit(self) -> bool:
        """Whether it is right."""
        return self.told == self.right


def accuracies(answers: Iterable[Chosen]) -> dict[str, float]:
    """Percent right: `accuracy` of all, then of each type; `mean of types` where all of STAR's are.

    For types of NExT-QA also `causal`, `temporal` and `descriptive`. A type without a hit has 0.
    """
    once = _once(answers)
    found = {"accuracy": _percent(once)} | _by(once, lambda one: one.kind)
    if all(kind in found for kind in STAR_TYPES):
        found["mean of types"] = sum(found[kind] for kind in STAR_TYPES) / len(STAR_TYPES)
    if any(is_nextqa(one.kind) for one in once):
        named = [one for one in once if is_nextqa(one.kind)]
        found |= _by(named, lambda one: NEXTQA_GROUPS[one.kind[0]])
    return found


def frame_accuracies(answers: Iterable[Chosen]) -> dict[str, float]:
    """Percent right of answers frame by frame: `accuracy`, by first letter of the type, `oracle`.

    `oracle` is the share of questions that any frame answers right.
    """
    rows = list(answers)
    if not rows:
        raise InputError("there is no answer to score")
    best: dict[str, bool] = {}
    for one in rows:
        best[one.id] = best.get(one.id, False) or one.hit
    found = {"accuracy": _percent(rows), "oracle": 100.0 * sum(best.values()) / len(best)}
    return found | _by(rows, lambda one: one.kind[:1])


def is_nextqa(kind: str) -> bool:
    """Whether a type is one of NExT-QA's: two capitals, such as `CW`."""
    return len(kind) == 2 and kind.isupper() and kind[0] in NEXTQA_GROUPS


def _once(answers: Iterable[Chosen]) -> list[Chosen]:
    """Each question once, as it was answered first."""
    once: dict[str, Chosen] = {}
    for one in answers:
        once.setdefault(one.id, one)
    if not once:
        raise InputError("there is no answer to score")
    return list(once.values())


def _by(rows: Sequence[Chosen], group: Callable[[Chosen], str]) -> dict[str, float]:
    """Percent right of each group, in the order in which they come."""
    groups: dict[str, list[Chosen]] = {}
    for one in rows:
        groups.setdefault(group(one), []).append(one)
    return {name: _percent(some) for name, some in groups.items()}


def _percent(rows: Sequence[Chosen]) -> float:
    return 100.0 * sum(one.hit for one in rows) / len(rows)
