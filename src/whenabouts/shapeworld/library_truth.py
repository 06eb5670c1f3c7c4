"""Truths over a collection of videos: which of them answer a claim, and what none of them shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from whenabouts.errors import InputError
from whenabouts.shapeworld.axes import (
    COLOURS,
    MOTIONS,
    RELATIONS,
    SHAPES,
    Colour,
    Shape,
    held_out_pair,
)
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import (
    Claim,
    Description,
    Mention,
    appearances,
    claim_spans,
    fits,
)
from whenabouts.types import Span

_TRIES = 400


class LibraryTruth:
    """What is true of a collection of scripts by name; looks are indexed, so that it is quick."""

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self.scripts = dict(scripts)
        self._seen: dict[tuple[Shape, Colour], list[str]] = {}
        for name, script in self.scripts.items():
            found = {a.look for event in script.events for a, _, _ in appearances(event)}
            for look in sorted(found):
                self._seen.setdefault(look, []).append(name)
        self._trained = any(script.split != "test" for script in self.scripts.values())

    def answers(self, claim: Claim) -> dict[str, tuple[Span, ...]]:
        """Which videos answer a claim, and when; empty if none does."""
        names = self._candidates(claim)
        found = {name: claim_spans(self.scripts[name], claim) for name in names}
        return {name: spans for name, spans in found.items() if spans}

    def fitting(self, description: Description) -> list[str]:
        """All videos that a description fits."""
        names = min((self._candidates(claim) for claim in description.claims), key=len)
        return [name for name in names if fits(self.scripts[name], description)]

    def describe_nowhere(self, dice: Dice) -> Description:
        """Somebody that no video shows; in large collections, a pair that none shows together."""
        for attempt in range(_TRIES):
            claim = Claim(self._someone(dice), dice.pick(MOTIONS))
            loose = Claim(replace(claim.actor, size=None, count=None))
            if attempt >= _TRIES // 4:
                partner = self._someone(dice)
                claim = Claim(claim.actor, dice.pick(RELATIONS), partner)
                loose = Claim(loose.actor, claim.action, replace(partner, size=None, count=None))
            if not self.answers(loose):
                return Description((claim,))
        raise InputError(
            f"no query found that {len(self.scripts)} videos leave unanswered; draw fewer"
        )

    def _candidates(self, claim: Claim) -> list[str]:
        """Videos that may answer the claim."""
        if claim.actor.shape is None or claim.actor.colour is None:
            return list(self.scripts)
        return self._seen.get((claim.actor.shape, claim.actor.colour), [])

    def _someone(self, dice: Dice) -> Mention:
        """Anybody; only what training shows too, unless all the videos are for tests."""
        while True:
            shape, colour = dice.pick(SHAPES), dice.pick(COLOURS)
            if not (self._trained and held_out_pair(shape, colour)):
                size = dice.pick(("small", "large")) if dice.chance(0.3) else None
                return Mention(shape, colour, size, 1)
