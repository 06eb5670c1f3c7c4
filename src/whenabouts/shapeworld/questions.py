"""Questions about one video with their options and truth, without words (see `ask.py`).

The kinds are those that NExT-QA (causal, temporal, descriptive) and STAR (interaction, sequence,
prediction, feasibility) tell apart. Each builder returns None where a video has nothing to ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from whenabouts.shapeworld.axes import (
    COLOURS,
    GROUNDS,
    MOTIONS,
    RELATIONS,
    SHAPES,
    Action,
    Colour,
)
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.script import Actor, Event, Script
from whenabouts.shapeworld.truth import Claim, Mention, Setting, claim_spans
from whenabouts.types import Span

Kind = Literal[
    "causal", "temporal", "descriptive", "interaction", "sequence", "prediction", "feasibility"
]
Ask = Literal[
    "how many", "what colour", "what background", "what after", "what before", "what meanwhile",
    "which nth", "why back", "why away", "how changed", "does to", "which after", "what next",
    "fits inside",
]  # fmt: skip
Answer = Claim | Mention | Setting | int
"""A clause, somebody, a place, or a number."""
MOVES: tuple[Action, ...] = ("chases", "collides with", "passes in front of", "inside")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, what it is about, the right and the wrong answers, and where to look."""

    kind: Kind
    ask: Ask
    about: tuple[Claim, ...]
    right: Answer
    wrong: tuple[Answer, ...]
    spans: tuple[Span, ...]
    """Where in the video the answer can be seen."""
    number: int = 0
    """For `which nth`: 1, 2, 3; 0 for the last."""


Builder = Callable[[Script, Event, Dice], Asked | None]


def ask_about(script: Script, kind: Kind, dice: Dice, wrong: int = 4) -> Asked | None:
    """A question of this kind with `wrong` wrong answers; None if the video offers none."""
    for event in dice.shuffled(script.main_events):
        for build in dice.shuffled(_BUILDERS[kind]):
            asked = build(script, event, dice)
            if asked is not None and len(asked.wrong) >= wrong:
                return replace(asked, wrong=asked.wrong[:wrong])
    return None


def claim_of(event: Event) -> Claim:
    """An event in full, without its place."""
    becomes = None
    if event.becomes is not None:
        turned = event.becomes
        is_colour = event.action == "changes colour"
        becomes = Mention(colour=turned.colour) if is_colour else Mention(turned.shape)
    partner = mention_of(event.partner) if event.partner else None
    return Claim(mention_of(event.actor), event.action, partner, becomes)


def mention_of(actor: Actor) -> Mention:
    """Somebody by shape, colour and number."""
    return Mention(actor.shape, actor.colour, None, actor.count)


def _how_many(script: Script, event: Event, dice: Dice) -> Asked | None:
    look = Mention(event.actor.shape, event.actor.colour)
    counts = {
        count for count in range(1, 5) if claim_spans(script, Claim(replace(look, count=count)))
    }
    if len(counts) != 1:
        return None
    right = counts.pop()
    wrong = tuple(n for n in dice.shuffled(range(1, 7)) if n != right)
    spans = claim_spans(script, Claim(look))
    return Asked("descriptive", "how many", (Claim(look),), right, wrong, spans)


def _what_colour(script: Script, event: Event, dice: Dice) -> Asked | None:
    claim = claim_of(event)
    blind = replace(claim, actor=replace(claim.actor, colour=None))
    if event.becomes is not None or claim_spans(script, blind) != (event.span,):
        return None
    wrong = [Mention(colour=c) for c in dice.shuffled(COLOURS) if c != event.actor.colour]
    right = Mention(colour=event.actor.colour)
    return Asked("descriptive", "what colour", (blind,), right, tuple(wrong), (event.span,))


def _what_background(script: Script, event: Event, dice: Dice) -> Asked | None:
    claim = claim_of(event)
    if claim_spans(script, claim) != (event.span,):
        return None
    backdrop = script.scene_of(event).backdrop
    right = Setting(backdrop.ground, backdrop.colour)
    others = [
        Setting(g, c) for g in GROUNDS for c in COLOURS if (g, c) != (right.ground, right.colour)
    ]
    wrong = tuple(dice.shuffled(others)[:6])
    return Asked("descriptive", "what background", (claim,), right, wrong, (event.span,))


def _neighbour(script: Script, event: Event, dice: Dice, step: int) -> Asked | None:
    """What happens next after an event, or last before it."""
    events = script.main_events
    at = events.index(event)
    if not 0 <= at + step < len(events):
        return None
    other = events[at + step]
    first, second = (event, other) if step > 0 else (other, event)
    once = claim_spans(script, claim_of(event)) == (event.span,)
    if not once or second.span.start_s - first.span.start_s < 0.5:
        return None
    true_too = [e for i, e in enumerate(events) if (i - at) * step > 0]
    lies = [claim_of(e) for e in events if e not in true_too and e is not event]
    lies += _lies(script, dice, 6)
    span = first.span.union(second.span)
    ask: Ask = "what after" if step > 0 else "what before"
    wrong = tuple(dice.shuffled(lies))
    return Asked("temporal", ask, (claim_of(event),), claim_of(other), wrong, (span,))


def _what_after(script: Script, event: Event, dice: Dice) -> Asked | None:
    return _neighbour(script, event, dice, 1)


def _what_before(script: Script, event: Event, dice: Dice) -> Asked | None:
    return _neighbour(script, event, dice, -1)


def _meanwhile(script: Script, event: Event, dice: Dice) -> Asked | None:
    events = script.main_events
    during = [e for e in events if e is not event and e.span.overlap_s(event.span) > 0.5]
    if len(during) != 1 or claim_spans(script, claim_of(event)) != (event.span,):
        return None
    apart = [e for e in events if e is not event and e.span.overlap_s(event.span) == 0]
    wrong = tuple(dice.shuffled([*map(claim_of, apart), *_lies(script, dice, 6)]))
    right = claim_of(during[0])
    return Asked("temporal", "what meanwhile", (claim_of(event),), right, wrong, (event.span,))


def _which_nth(script: Script, event: Event, dice: Dice) -> Asked | None:
    events = script.main_events
    starts = [e.span.start_s for e in events]
    at = events.index(event)
    clear = all(abs(starts[at] - s) >= 0.5 for i, s in enumerate(starts) if i != at)
    if event.partner is not None or not clear or (at > 2 and at + 1 < len(events)):
        return None
    if any(e.partner for e in events[:at]) or not all(e.main for e in script.events):
        return None
    number = 0 if at + 1 == len(events) and dice.chance(0.5) else at + 1
    if number > 3:
        return None
    right = mention_of(event.actor)
    wrong = _others(script, right, dice)
    return Asked("temporal", "which nth", (), right, wrong, (event.span,), number)


def _why_back(script: Script, event: Event, dice: Dice) -> Asked | None:
    if event.action != "collides with":
        return None
    return _why(script, event, dice, "why back", claim_of(event).actor)


def _why_away(script: Script, event: Event, dice: Dice) -> Asked | None:
    if event.action != "chases" or event.partner is None:
        return None
    return _why(script, event, dice, "why away", mention_of(event.partner))


def _why(script: Script, event: Event, dice: Dice, ask: Ask, who: Mention) -> Asked:
    """Why somebody moves as it does: the event, among causes that do not hold."""
    right = claim_of(event)
    others = _others(script, right.partner or who, dice)
    lies = [replace(right, partner=other) for other in others[:4]]
    if right.partner and ask == "why away":
        lies = [replace(right, actor=other) for other in others[:4]]
    kinds: list[Action] = [a for a in ("grows", "shrinks", "blinks", "spins") if a != event.action]
    lies += [Claim(right.actor, action) for action in kinds]
    wrong = tuple(lie for lie in dice.shuffled(lies) if not claim_spans(script, lie))
    return Asked("causal", ask, (Claim(who),), right, wrong, (event.span,))


def _how_changed(_script: Script, event: Event, dice: Dice) -> Asked | None:
    if event.becomes is None and event.action not in ("grows", "shrinks"):
        return None
    right = claim_of(event)
    lies: list[Claim] = [Claim(right.actor, a) for a in ("grows", "shrinks") if a != event.action]
    colours: list[Colour] = [c for c in COLOURS if c != event.actor.colour]
    lies += [
        Claim(right.actor, "changes colour", None, Mention(colour=c))
        for c in dice.shuffled(colours)[:3]
        if right.becomes is None or right.becomes.colour != c
    ]
    lies += [
        Claim(right.actor, "changes shape", None, Mention(s))
        for s in dice.shuffled(SHAPES)[:3]
        if s != event.actor.shape and (right.becomes is None or right.becomes.shape != s)
    ]
    wrong = tuple(dice.shuffled(lies))
    return Asked("causal", "how changed", (Claim(right.actor),), right, wrong, (event.span,))


def _does_to(script: Script, event: Event, dice: Dice) -> Asked | None:
    claim = claim_of(event)
    if event.action not in MOVES or claim.partner is None:
        return None
    others: list[Action] = [a for a in RELATIONS if a != event.action and a != "left of"]
    wrong = tuple(replace(claim, action=action) for action in dice.shuffled(others))
    wrong = tuple(lie for lie in wrong if not claim_spans(script, lie))
    about = (Claim(claim.actor), Claim(claim.partner))
    return Asked("interaction", "does to", about, claim, wrong, (event.span,))


def _which_after(script: Script, event: Event, dice: Dice) -> Asked | None:
    asked = _neighbour(script, event, dice, 1)
    if asked is None or not isinstance(asked.right, Claim) or asked.right.partner is not None:
        return None
    if not all(e.main for e in script.events):
        return None
    later = script.main_events[script.main_events.index(event) + 1]
    if later.span.start_s < event.span.end_s:
        return None
    right = asked.right.actor
    wrong = _others(script, right, dice, after_s=event.span.end_s)
    return replace(asked, kind="sequence", ask="which after", right=right, wrong=wrong)


def _what_next(_script: Script, event: Event, dice: Dice) -> Asked | None:
    steady: tuple[Action, ...] = (
        "moves left", "moves right", "moves up", "moves down", "grows", "shrinks", "spins",
    )  # fmt: skip
    if event.action not in steady or event.span.length_s < 3:
        return None
    right = claim_of(event)
    wrong = tuple(replace(right, action=a) for a in dice.shuffled(steady) if a != event.action)
    seen = Span(event.span.start_s, event.span.start_s + 0.6 * event.span.length_s)
    return Asked("prediction", "what next", (Claim(right.actor),), right, wrong, (seen,))


def _fits_inside(script: Script, event: Event, dice: Dice) -> Asked | None:
    """A small thing fits into a large one; nothing fits into a small one."""
    if event.actor.size != "small" or event.actor.count != 1 or event.partner is not None:
        return None
    steady = [e for e in script.events if e.action not in ("grows", "shrinks")]
    large = [
        e
        for e in steady
        if e.actor.size == "large" and e.actor.shape in ("circle", "square", "hexagon", "heart")
    ]
    small = [mention_of(e.actor) for e in steady if e.actor.size == "small" and e is not event]
    if not large or not small:
        return None
    looks = {(m.shape, m.colour) for m in small}
    host = dice.pick(large)
    if host.actor.look in looks:
        return None
    never = [
        m
        for m in _others(script, mention_of(host.actor), dice)
        if not claim_spans(script, Claim(m))
    ]
    wrong = tuple(dict.fromkeys([*small, *never]))
    who = Claim(mention_of(event.actor))
    spans = (event.span, host.span)
    return Asked("feasibility", "fits inside", (who,), mention_of(host.actor), wrong, spans)


def _others(
    script: Script, but: Mention, dice: Dice, after_s: float | None = None
) -> tuple[Mention, ...]:
    """Somebodies from the video and from outside it, other than one, for wrong answers."""
    there = [
        mention_of(e.actor) for e in script.events if after_s is None or e.span.end_s <= after_s
    ]
    strange = [Mention(dice.pick(SHAPES), dice.pick(COLOURS), None, 1) for _ in range(8)]
    strange = [m for m in strange if not claim_spans(script, Claim(replace(m, count=None)))]
    found = dict.fromkeys([*dice.shuffled(there), *strange])
    return tuple(m for m in found if (m.shape, m.colour) != (but.shape, but.colour))


def _lies(script: Script, dice: Dice, count: int) -> list[Claim]:
    """Claims that hold nowhere in the video, half of them about somebody who is in it."""
    found: list[Claim] = []
    actors = [mention_of(event.actor) for event in script.events]
    for number in range(20 * count):
        if len(found) == count:
            break
        who = dice.pick(actors)
        if number % 2:
            who = Mention(dice.pick(SHAPES), dice.pick(COLOURS), None, 1)
        claim = Claim(who, dice.pick(MOTIONS[:11]))
        if claim not in found and not claim_spans(script, claim):
            found.append(claim)
    return found


_BUILDERS: dict[Kind, Sequence[Builder]] = {
    "causal": (_why_back, _why_away, _how_changed),
    "temporal": (_what_after, _what_before, _meanwhile, _which_nth),
    "descriptive": (_how_many, _what_colour, _what_background),
    "interaction": (_does_to,),
    "sequence": (_which_after,),
    "prediction": (_what_next,),
    "feasibility": (_fits_inside,),
}
