"""What frames show, as numbers, and which texts are true of them.

Training compares every text of a batch with every frame of it. Shapes: N frames, K things a frame,
T texts, P patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from whenabouts.shapeworld.axes import ACTIONS, COLOURS, GROUNDS, RESIZING, SHAPES, Size
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import (
    Claim,
    Description,
    Mention,
    frame_truth,
    patch_truth,
    scene_at,
)

TRUE, FALSE, OPEN = 1, 0, -1
"""`OPEN`: a single frame cannot tell (what somebody does), or hardly shows it."""

THINGS = 8
"""Most groups in view that are noted."""
_FAINT = 0.5
_SHAPE, _COLOUR, _SIZE, _COUNT, _EVENT, _PART, _ACTION, _DIM = range(8)
_INVERSE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}

Ints = NDArray[np.int32]
SIZES: tuple[Size, ...] = get_args(Size)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What some frames show."""

    things: Ints
    """[N,K,8]: shape, colour, size (-1 while it changes), count, event, part, action, faint.

    All -1 where there is no such thing.
    """
    grounds: Ints
    """[N,3]: kind, colour and light of the backdrop."""
    patches: Ints
    """[N,2,P]: shape and colour of what covers each patch, as in their tables; -1 for none."""

    @classmethod
    def join(cls, parts: Sequence[Facts]) -> Facts:
        """All frames of several; events of different parts stay different."""
        things = np.concatenate([part.things for part in parts])
        start = 0
        for index, part in enumerate(parts):
            rows = things[start : start + len(part.things)]
            rows[..., _EVENT] += 1000 * index * (rows[..., _EVENT] >= 0)
            start += len(part.things)
        return cls(
            things,
            np.concatenate([part.grounds for part in parts]),
            np.concatenate([part.patches for part in parts]),
        )


def observe(
    script: Script, times_s: NDArray[np.float64], size_px: tuple[int, int], grid: int
) -> Facts:
    """Facts of the frames of one script, drawn in width x height `size_px`."""
    things = np.full((len(times_s), THINGS, 8), -1, np.int32)
    grounds = np.zeros((len(times_s), 3), np.int32)
    patches = np.full((len(times_s), 2, grid * grid), -1, np.int32)
    for row, time_s in enumerate(times_s):
        backdrop = scene_at(script, float(time_s)).backdrop
        grounds[row] = (
            GROUNDS.index(backdrop.ground),
            COLOURS.index(backdrop.colour),
            backdrop.light == "night",
        )
        sights = frame_truth(script, float(time_s), *size_px)
        known: set[tuple[int, str]] = set()
        for sight in sights:
            key = sight.event, sight.part
            if key in known or len(known) == THINGS:
                continue
            things[row, len(known)] = (
                SHAPES.index(sight.shape),
                COLOURS.index(sight.colour),
                -1 if sight.action in RESIZING else SIZES.index(sight.size),
                sight.count,
                sight.event,
                sight.part == "partner",
                ACTIONS.index(sight.action),
                sight.opacity < _FAINT,
            )
            known.add(key)
        covers = patch_truth(script, float(time_s), grid, *size_px).ravel()
        for index, sight in enumerate(sights):
            if sight.opacity >= _FAINT:
                mine = covers == index
                patches[row, 0, mine] = SHAPES.index(sight.shape)
                patches[row, 1, mine] = COLOURS.index(sight.colour)
    return Facts(things, grounds, patches)


def judge(descriptions: Sequence[Description], facts: Facts) -> NDArray[np.int8]:
    """Whether each text is `TRUE`, `FALSE` or `OPEN` of each frame, int8 [T,N]."""
    found = np.empty((len(descriptions), len(facts.grounds)), np.int8)
    for row, description in enumerate(descriptions):
        verdicts = np.stack([_claim(claim, facts) for claim in description.claims])
        found[row] = np.where((verdicts == FALSE).any(0), FALSE, verdicts.min(0))
    return found


def _claim(claim: Claim, facts: Facts) -> NDArray[np.int8]:
    """The verdict on each frame."""
    setting = claim.setting
    grounds = facts.grounds
    placed = np.ones(len(grounds), bool)
    if setting.ground is not None:
        placed &= grounds[:, 0] == GROUNDS.index(setting.ground)
    if setting.colour is not None:
        placed &= grounds[:, 1] == COLOURS.index(setting.colour)
    if setting.light is not None:
        placed &= grounds[:, 2] == (setting.light == "night")
    if claim.actor == Mention():
        return placed.astype(np.int8)
    if claim.partner is not None:
        verdict = _pair(claim, claim.partner, facts.things)
    else:
        verdict = _one(claim, facts.things)
    return np.where(placed, verdict, FALSE).astype(np.int8)


def _named(mention: Mention, things: Ints) -> NDArray[np.bool_]:
    """Which things fit a mention, [N,K]."""
    fits = things[..., _SHAPE] >= 0
    for column, said in (
        (_SHAPE, None if mention.shape is None else SHAPES.index(mention.shape)),
        (_COLOUR, None if mention.colour is None else COLOURS.index(mention.colour)),
        (_SIZE, None if mention.size is None else SIZES.index(mention.size)),
        (_COUNT, mention.count),
    ):
        if said is not None:
            fits &= things[..., column] == said
    return fits


def _one(claim: Claim, things: Ints) -> NDArray[np.int8]:
    """Somebody alone, or one of two."""
    fits = _named(claim.actor, things)
    if claim.becomes is not None:
        # Said of both looks, so it is found all along the change.
        later = Mention(
            claim.becomes.shape or claim.actor.shape,
            claim.becomes.colour or claim.actor.colour,
            claim.actor.size,
            claim.actor.count,
        )
        fits |= _named(later, things)
    sure = fits & (things[..., _DIM] == 0)
    if claim.action is not None:
        same = things[..., _ACTION] == ACTIONS.index(claim.action)
        sure &= same & (things[..., _PART] == 0)
    return np.where(sure.any(1), TRUE, np.where(fits.any(1), OPEN, FALSE)).astype(np.int8)


def _pair(claim: Claim, partner: Mention, things: Ints) -> NDArray[np.int8]:
    """Two in a relation: sure when said as it was drawn, or turned round."""
    one, other = _named(claim.actor, things), _named(partner, things)
    same = things[..., None, _EVENT] == things[:, None, :, _EVENT]
    both = one[..., None] & other[:, None, :] & same & ~np.eye(things.shape[1], dtype=bool)
    if claim.action is None:
        sure = both
    else:
        first = things[..., None, _PART] == 0
        said = things[..., None, _ACTION] == ACTIONS.index(claim.action)
        sure = both & first & said
        turned = _INVERSE.get(claim.action)
        if turned is not None:
            mirrored = things[..., None, _ACTION] == ACTIONS.index(turned)
            sure |= both & ~first & mirrored
    sure_N, both_N = sure.any((1, 2)), both.any((1, 2))
    return np.where(sure_N, TRUE, np.where(both_N, OPEN, FALSE)).astype(np.int8)
