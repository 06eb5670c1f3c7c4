"""What can be said of a script, in English and Chinese, with its truth.

Descriptions come first and words second: `describe_*` draw a `Description` (what is said, without
words), `say` puts it into one of many sentences, and `truth.fits` and `truth.claim_spans` tell of
which videos and when it holds. The same description says the same thing in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from whenabouts.shapeworld import grammar_en, grammar_zh
from whenabouts.shapeworld.axes import (
    COLOURS,
    MOTIONS,
    RESIZING,
    SHAPES,
    Colour,
    Lang,
    Shape,
    held_out_pair,
)
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.script import Actor, Event, Scene, Script
from whenabouts.shapeworld.truth import (
    Claim,
    Description,
    Mention,
    Setting,
    claim_spans,
    frame_truth,
    scene_at,
)
from whenabouts.types import Span


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence and what it says."""

    text: str
    lang: Lang
    description: Description


@dataclass(frozen=True, slots=True)
class Query:
    """A question for moments: all spans in which it holds, in order; none if it never does."""

    text: str
    lang: Lang
    description: Description
    spans: tuple[Span, ...]


def say(description: Description, lang: Lang, dice: Dice) -> str:
    """One of the many sentences for a description."""
    if lang == "zh":
        return grammar_zh.sentence(description, dice)
    return grammar_en.sentence(description, dice)


def caption(script: Script, lang: Lang, dice: Dice) -> Saying:
    """A fine caption of the whole video: two or three events in order. Practically unique."""
    return _said(describe_video(script, dice), lang, dice)


def coarse_caption(script: Script, lang: Lang, dice: Dice) -> Saying:
    """A caption that fits other videos too; `truth.fits` tells which."""
    return _said(describe_coarsely(script, dice), lang, dice)


def scene_caption(script: Script, index: int, lang: Lang, dice: Dice) -> Saying:
    """A caption of one scene."""
    return _said(describe_scene(script.scenes[index], dice), lang, dice)


def event_caption(script: Script, event: Event, lang: Lang, dice: Dice) -> Saying:
    """A caption of one event."""
    claim = describe_event(event, script.scene_of(event), dice)
    return _said(Description((claim,)), lang, dice)


def frame_caption(script: Script, time_s: float, lang: Lang, dice: Dice) -> Saying:
    """A caption of what is in view at this time; the empty backdrop if nothing is."""
    return _said(describe_frame(script, time_s, dice), lang, dice)


def moment_query(script: Script, event: Event, lang: Lang, dice: Dice) -> Query:
    """A query that this event answers, with all spans of the video that answer it."""
    scene = script.scene_of(event)
    claim = describe_event(event, scene, dice, setting_share=0.25)
    said = _said(Description((claim,)), lang, dice)
    return Query(said.text, lang, said.description, claim_spans(script, claim))


def absent_query(script: Script, lang: Lang, dice: Dice) -> Query:
    """A query that nothing in the video answers: somebody who never comes."""
    said = _said(describe_absent(script, dice), lang, dice)
    return Query(said.text, lang, said.description, ())


def describe_video(script: Script, dice: Dice) -> Description:
    """Two or three main events in order (all there are, if fewer)."""
    events = script.main_events
    wanted = min(len(events), dice.weighed([(2, 0.5), (3, 0.5)]))
    kept = sorted(dice.shuffled(range(len(events)))[:wanted])
    claims: list[Claim] = []
    for index in kept:
        scene = script.scene_of(events[index])
        claims.append(describe_event(events[index], scene, dice, action_share=0.9))
    return Description(tuple(claims), ordered=_clearly_ordered([events[i] for i in kept]))


def describe_scene(scene: Scene, dice: Dice) -> Description:
    """All main events of a scene; the place is told once."""
    events = sorted((e for e in scene.events if e.main), key=lambda event: event.span.start_s)
    claims = [describe_event(event, scene, dice, setting_share=0.0) for event in events]
    claims[0] = replace(claims[0], setting=_setting(scene, dice, 0.9))
    return Description(tuple(claims), ordered=_clearly_ordered(events))


def describe_event(
    event: Event,
    scene: Scene,
    dice: Dice,
    *,
    setting_share: float = 0.6,
    action_share: float = 0.85,
) -> Claim:
    """One event with shape and colour, and often size, action and place."""
    acts = dice.chance(action_share) or event.becomes is not None
    return Claim(
        actor=_mention(event.actor, event, dice),
        action=event.action if acts else None,
        partner=_mention(event.partner, event, dice) if event.partner and acts else None,
        becomes=_becoming(event),
        setting=_setting(scene, dice, setting_share),
    )


def describe_coarsely(script: Script, dice: Dice) -> Description:
    """One event with few attributes, or two with only their shapes."""
    events = dice.shuffled(script.main_events)
    event = events[0]
    backdrop = script.scene_of(event).backdrop
    shape, colour = Mention(event.actor.shape, count=event.actor.count), event.actor.colour
    way = dice.below(4)
    if way == 0:
        return Description((Claim(shape, setting=Setting(backdrop.ground, backdrop.colour)),))
    if way == 1:
        return Description((Claim(replace(shape, colour=colour)),))
    if way == 2 and event.action in MOTIONS and event.action != "stands still":
        return Description((Claim(shape, event.action),))
    pair = [Claim(Mention(e.actor.shape, count=e.actor.count)) for e in events[:2]]
    return Description(tuple(pair), ordered=False)


def describe_frame(script: Script, time_s: float, dice: Dice) -> Description:
    """Everybody in view (at most three), without what they do."""
    scene = scene_at(script, time_s)
    setting = _setting(scene, dice, 0.7)
    mentions: dict[tuple[int, str], Mention] = {}
    for sight in frame_truth(script, time_s):
        if sight.opacity > 0.5:
            sized = sight.action not in RESIZING and dice.chance(0.5)
            size = sight.size if sized else None
            mention = Mention(sight.shape, sight.colour, size, sight.count)
            mentions[sight.event, sight.part] = mention
    claims = [Claim(mention) for mention in dice.shuffled(list(mentions.values()))[:3]]
    if not claims:
        full = Setting(scene.backdrop.ground, scene.backdrop.colour, setting.light)
        return Description((Claim(Mention(), setting=full),), ordered=False)
    claims[-1] = replace(claims[-1], setting=setting)
    return Description(tuple(claims), ordered=False)


def describe_absent(script: Script, dice: Dice) -> Description:
    """Somebody of a colour and shape that the video never shows, often doing something."""
    while True:
        shape: Shape = dice.pick(SHAPES)
        colour: Colour = dice.pick(COLOURS)
        claim = Claim(Mention(shape, colour, count=1))
        anybody = Claim(Mention(shape, colour))
        if claim_spans(script, anybody) or (
            script.split != "test" and held_out_pair(*_look(claim))
        ):
            continue
        if dice.chance(0.6):
            claim = replace(claim, action=dice.pick(MOTIONS))
        return Description((claim,))


def _look(claim: Claim) -> tuple[Shape, Colour]:
    return claim.actor.shape or "circle", claim.actor.colour or "red"


def _said(description: Description, lang: Lang, dice: Dice) -> Saying:
    return Saying(say(description, lang, dice), lang, description)


def _mention(actor: Actor, event: Event, dice: Dice) -> Mention:
    sized = event.action not in RESIZING and dice.chance(0.6)
    return Mention(actor.shape, actor.colour, actor.size if sized else None, actor.count)


def _becoming(event: Event) -> Mention | None:
    if event.becomes is None:
        return None
    if event.action == "changes colour":
        return Mention(colour=event.becomes.colour)
    return Mention(shape=event.becomes.shape)


def _setting(scene: Scene, dice: Dice, share: float) -> Setting:
    """What is said of a scene's place: nothing, or its kind and colour, or its light."""
    backdrop = scene.backdrop
    if not dice.chance(share):
        return Setting()
    light = backdrop.light if dice.chance(0.5 if backdrop.light == "night" else 0.12) else None
    way = dice.below(6)
    if way == 0:
        return Setting(light=light)
    if way == 1:
        return Setting(colour=backdrop.colour, light=light)
    return Setting(backdrop.ground, backdrop.colour, light)


def _clearly_ordered(events: list[Event]) -> bool:
    """Whether the events start at least half a second apart, so that `then` can be said."""
    starts = [event.span.start_s for event in events]
    return all(b - a >= 0.5 for a, b in pairwise(starts))
