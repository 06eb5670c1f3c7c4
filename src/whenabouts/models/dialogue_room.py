"""How much of a dialogue a language model is shown when all of it is too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whenabouts.errors import InputError
from whenabouts.models.dialogue_text import Round

Length = Callable[[Sequence[Round], Sequence[Sequence[int]]], int]
"""Positions of rounds with so many visual tokens for each of their videos."""


def within(
    rounds: Sequence[Round], counts: Sequence[Sequence[int]], length: Length, limit: int
) -> tuple[list[Round], list[int], list[str]]:
    """The rounds that fit, the places they had, and what was left out, for a person.

    The last round stays whole. Of the others, the oldest candidates go first, then the oldest
    current videos, each leaving its words; then the oldest rounds.
    """
    kept = list(zip(range(len(rounds)), rounds, counts, strict=True))
    unseen = forgotten = 0

    def fits() -> bool:
        return length([one for _, one, _ in kept], [count for _, _, count in kept]) <= limit

    while not fits():
        place = _oldest([one for _, one, _ in kept[:-1]])
        if place is not None:
            number, one, _ = kept[place]
            kept[place] = (number, one.unseen(), ())
            unseen += 1
        elif len(kept) > 1:
            del kept[0]
            forgotten += 1
        else:
            raise InputError(
                f"one turn with its videos is longer than the {limit} tokens that the model reads; "
                "show it fewer candidates, or say it in fewer words"
            )
    notes: list[str] = []
    if unseen:
        notes.append(f"the videos of {unseen} earlier turns were no longer shown")
    if forgotten:
        notes.append(f"the first {forgotten} turns were forgotten")
    return [one for _, one, _ in kept], [number for number, _, _ in kept], notes


def _oldest(rounds: Sequence[Round]) -> int | None:
    """Place of the first round that shows candidates, else of the first that shows a video."""
    for current in (False, True):
        for place, one in enumerate(rounds):
            if one.numbers and one.current == current:
                return place
    return None
