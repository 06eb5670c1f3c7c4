"""Conversations about a collection of videos, with the truth of every turn, without words.

The kinds are those of IVCR: a video among many, then a moment in it, then another; from a moment to
its whole video; something like it but different; corrections, references to what was said, and chat
in between. `talk.py` puts them into words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from whenabouts.shapeworld.axes import COLOURS, SHAPES
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.questions import claim_of
from whenabouts.shapeworld.say import describe_coarsely, describe_event, describe_video
from whenabouts.shapeworld.script import Event, Script
from whenabouts.shapeworld.truth import Claim, Description, claim_spans
from whenabouts.types import Act, Span

Move = Literal[
    "describe", "describe coarsely", "correct", "moment", "after", "before", "whole", "similar",
    "recall", "chat",
]  # fmt: skip
"""What a user does: ask for a video by a full or a vague description, correct a vague one, ask for
a moment of the current video, for the one after or before it, for the whole video, for something
similar, go back to the n-th video of the conversation, or just talk."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A right answer: a video, and the spans in it (the whole video for `videos`)."""

    video: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """What a user wants with one turn, and the right answers, the meant one first."""

    move: Move
    act: Act
    """What the assistant should do: `videos`, `moment` or `say`."""
    description: Description | None = None
    changed: Literal["colour", "shape"] | None = None
    """For `similar`: what is different; the description has the new value."""
    number: int = 0
    """For `recall`: the n-th video of the conversation, from 1."""
    gold: tuple[Gold, ...] = ()


@dataclass(slots=True)
class _State:
    """What has been talked about."""

    truth: LibraryTruth
    video: str = ""
    event: Event | None = None
    vague: Description | None = None
    """A description that fitted several videos and can be corrected."""
    met: list[str] = field(default_factory=list)

    @property
    def script(self) -> Script:
        return self.truth.scripts[self.video]

    def see(self, video: str) -> None:
        """A video becomes the current one."""
        self.video, self.event = video, None
        if video not in self.met:
            self.met.append(video)


def draw_dialogue(truth: LibraryTruth, turns: int, dice: Dice) -> tuple[Intent, ...]:
    """A conversation of this many user turns (1 to 10)."""
    state = _State(truth)
    found: list[Intent] = []
    last: Move = "chat"
    while len(found) < turns:
        options: list[Move] = [move for move in _MOVES if move not in (last, "correct")]
        move = dice.pick(options)
        if last == "describe coarsely" and dice.chance(0.7):
            move = "correct"
        elif not state.video:
            move = "describe" if dice.chance(0.7) else "describe coarsely"
        intent = _MOVES[move](state, dice)
        if intent is None:
            continue
        found.append(intent)
        last = intent.move
    return tuple(found)


def _whole(state: _State, *names: str) -> tuple[Gold, ...]:
    return tuple(Gold(n, (Span(0.0, state.truth.scripts[n].duration_s),)) for n in names)


def _describe(state: _State, dice: Dice) -> Intent | None:
    name = dice.pick(list(state.truth.scripts))
    description = describe_video(state.truth.scripts[name], dice)
    names = state.truth.fitting(description)
    state.see(name)
    state.vague = None
    others = [other for other in names if other != name]
    return Intent("describe", "videos", description, gold=_whole(state, name, *others))


def _describe_coarsely(state: _State, dice: Dice) -> Intent | None:
    name = dice.pick(list(state.truth.scripts))
    description = describe_coarsely(state.truth.scripts[name], dice)
    names = state.truth.fitting(description)
    if len(names) < 2:
        return None
    state.see(name)
    state.vague = description
    others = [other for other in names if other != name]
    return Intent("describe coarsely", "videos", description, gold=_whole(state, name, *others))


def _correct(state: _State, dice: Dice) -> Intent | None:
    """`No, the one with two stars`: another fact about the video that was meant."""
    if state.vague is None:
        return None
    event = dice.pick(state.script.main_events)
    claim = describe_event(event, state.script.scene_of(event), dice, setting_share=0.3)
    both = Description((*state.vague.claims, claim), ordered=False)
    # Both claims may be about one event, so they are asked for one by one.
    names = [
        name
        for name in state.truth.fitting(Description((claim,)))
        if name in state.truth.fitting(state.vague)
    ]
    others = [name for name in names if name != state.video]
    if state.video not in names or len(names) >= len(state.truth.fitting(state.vague)):
        return None
    state.vague = None
    said = Description(both.claims[-1:])
    return Intent("correct", "videos", said, gold=_whole(state, state.video, *others))


def _moment(state: _State, dice: Dice) -> Intent | None:
    if not state.video:
        return None
    event = dice.pick(state.script.main_events)
    claim = claim_of(event) if dice.chance(0.5) else Claim(claim_of(event).actor)
    spans = claim_spans(state.script, claim)
    if spans != (event.span,):
        return None
    state.event, state.vague = event, None
    return Intent("moment", "moment", Description((claim,)), gold=(Gold(state.video, spans),))


def _step(state: _State, move: Move, step: int) -> Intent | None:
    """The next or the last event, seen from the one that is talked about."""
    if not state.video or state.event is None:
        return None
    events = state.script.main_events
    at = events.index(state.event) + step
    if not 0 <= at < len(events):
        return None
    gap_s = abs(events[at].span.start_s - state.event.span.start_s)
    crowd = [e for e in events if e is not events[at] and e is not state.event]
    unclear = any(abs(e.span.start_s - events[at].span.start_s) < 0.5 for e in crowd)
    if gap_s < 0.5 or unclear:
        return None
    state.event, state.vague = events[at], None
    return Intent(move, "moment", gold=(Gold(state.video, (events[at].span,)),))


def _after(state: _State, _dice: Dice) -> Intent | None:
    return _step(state, "after", 1)


def _before(state: _State, _dice: Dice) -> Intent | None:
    return _step(state, "before", -1)


def _show_whole(state: _State, _dice: Dice) -> Intent | None:
    if not state.video or state.event is None:
        return None
    state.event, state.vague = None, None
    return Intent("whole", "videos", gold=_whole(state, state.video))


def _similar(state: _State, dice: Dice) -> Intent | None:
    """`Something like this, but green`: the same actor with another colour or shape."""
    if not state.video or state.event is None:
        return None
    actor = claim_of(state.event).actor
    for change in dice.shuffled([*COLOURS, *SHAPES]):
        if change in COLOURS:
            other = Claim(replace(actor, colour=change))
            kind: Literal["colour", "shape"] = "colour"
        else:
            other = Claim(replace(actor, shape=change))  # pyright: ignore[reportArgumentType] # not a colour, so a shape
            kind = "shape"
        if other.actor == actor:
            continue
        found = state.truth.answers(other)
        found.pop(state.video, None)
        if found:
            gold = tuple(Gold(name, spans) for name, spans in found.items())
            gold = _whole(state, *(g.video for g in gold))
            state.see(gold[0].video)
            return Intent("similar", "videos", Description((other,)), kind, gold=gold)
    return None


def _recall(state: _State, dice: Dice) -> Intent | None:
    """`The second video again`."""
    earlier = [name for name in state.met[:4] if name != state.video]
    if not earlier:
        return None
    name = dice.pick(earlier)
    number = state.met.index(name) + 1
    state.see(name)
    state.vague = None
    return Intent("recall", "videos", number=number, gold=_whole(state, name))


def _chat(_state: _State, _dice: Dice) -> Intent | None:
    return Intent("chat", "say")


_MOVES: dict[Move, Callable[[_State, Dice], Intent | None]] = {
    "describe": _describe,
    "describe coarsely": _describe_coarsely,
    "correct": _correct,
    "moment": _moment,
    "after": _after,
    "before": _before,
    "whole": _show_whole,
    "similar": _similar,
    "recall": _recall,
    "chat": _chat,
}
