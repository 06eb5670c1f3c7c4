"""A user who has one drawn video in mind, and knows all that is true of it.

The first words describe it, finely or vaguely. While it does not come first, another fact about it
follows, never the same twice. A question is answered by what is true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from whenabouts.shapeworld import words_en, words_zh
from whenabouts.shapeworld.axes import MOTIONS, Action, Colour, Lang, Shape
from whenabouts.shapeworld.dialogues import Intent
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import describe_coarsely, describe_event, describe_video
from whenabouts.shapeworld.script import Event, Script
from whenabouts.shapeworld.talk import exchange
from whenabouts.shapeworld.truth import Claim, Description, Mention, claim_spans
from whenabouts.types import Span, Turn

_POINTS: dict[Lang, str] = {"en": "the {n} one", "zh": "第{n}个"}
_NUMBERS: dict[Lang, tuple[str, ...]] = {
    "en": ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
           "tenth"),
    "zh": ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十"),
}  # fmt: skip
_NONE: dict[Lang, str] = {"en": "neither", "zh": "都不是"}
_TRIES = 20


@dataclass(slots=True)
class SimulatedUser:
    """What one user says about one video, `target`."""

    script: Script
    target: str
    """Its id."""
    lang: Lang
    dice: Dice
    points: bool = False
    """Whether the user says which one it is as soon as it is anywhere in the list."""
    _told: set[Claim] = field(default_factory=set[Claim])

    def opening(self, *, coarse: bool) -> str:
        """The first words."""
        describe = describe_coarsely if coarse else describe_video
        description = describe(self.script, self.dice)
        self._told |= set(description.claims)
        move = "describe coarsely" if coarse else "describe"
        return exchange(Intent(move, "videos", description), self.lang, self.dice).text

    def next(self, reply: Turn) -> str:
        """What the user says to a reply that has not the video in the first place."""
        if reply.act == "ask":
            return self._answer(reply.text)
        shown = list(dict.fromkeys(moment.video.id for moment in reply.moments))
        place = shown.index(self.target) if self.target in shown else len(_NUMBERS[self.lang])
        if self.points and place < len(_NUMBERS[self.lang]):
            return _POINTS[self.lang].format(n=_NUMBERS[self.lang][place])
        claim = self._fact()
        return exchange(
            Intent("correct", "videos", Description((claim,))), self.lang, self.dice
        ).text

    def moment(self) -> tuple[str, tuple[Span, ...]]:
        """A question for an event of the video, and when it is true."""
        event = self._event()
        for _ in range(_TRIES):
            claim = describe_event(event, self.script.scene_of(event), self.dice, setting_share=0.0)
            if claim_spans(self.script, claim) == (event.span,):
                break
            event = self._event()
        asked = exchange(Intent("moment", "moment", Description((claim,))), self.lang, self.dice)
        return asked.text, claim_spans(self.script, claim)

    def _event(self) -> Event:
        return self.dice.pick(self.script.main_events)

    def _fact(self) -> Claim:
        """Something new, as long as there is anything."""
        claim = Claim(Mention())
        for _ in range(_TRIES):
            event = self._event()
            claim = describe_event(event, self.script.scene_of(event), self.dice, setting_share=0.3)
            if claim not in self._told:
                break
        self._told.add(claim)
        return claim

    def _answer(self, question: str) -> str:
        """The first thing that the question names and that is true; else that nothing is."""
        for told, claims in named(question, self.lang):
            if any(claim_spans(self.script, claim) for claim in claims):
                return told
        return _NONE[self.lang]


def named(text: str, lang: Lang) -> list[tuple[str, tuple[Claim, ...]]]:
    """What a text names, in order: the words, and the claims one of which makes them true.

    >>> [told for told, _ in named("Is it the red star or the heart?", "en")]
    ['red star', 'heart']
    """
    words = words_zh if lang == "zh" else words_en
    colours = {way: key for key, ways in words.COLOURS.items() for way in ways}
    shapes = {way: key for key, ways in words.SHAPES.items() for way in ways}
    if lang == "zh":
        colours |= {way.removesuffix("色"): key for way, key in colours.items()}
    pattern = re.compile(
        rf"(?:(?P<colour>{_any(colours)})的?\W{{0,2}})?(?P<shape>{_any(shapes)})|(?P<alone>{_any(colours)})"
        rf"|(?P<action>{_any(_actions(lang))})",
        re.IGNORECASE,
    )
    found: list[tuple[str, tuple[Claim, ...]]] = []
    for match in pattern.finditer(text):
        if match["action"]:
            found.append((match[0], (Claim(Mention(), _actions(lang)[match["action"].lower()]),)))
            continue
        colour = colours.get((match["colour"] or match["alone"] or "").lower())
        shape = shapes.get((match["shape"] or "").lower())
        found.append((match[0].strip(), _claims(shape, colour)))
    return found


def _claims(shape: Shape | None, colour: Colour | None) -> tuple[Claim, ...]:
    return (Claim(Mention(shape, colour)),)


def _actions(lang: Lang) -> dict[str, Action]:
    """Plain words for motions, as they stand in questions."""
    if lang == "zh":
        return {way: motion for motion in MOTIONS for way in words_zh.ACTIONS[motion]}
    ways = {motion: words_en.ACTIONS[motion][0] for motion in MOTIONS}
    found = {" ".join(part for part in way if part): motion for motion, way in ways.items()}
    return found | {motion: motion for motion in MOTIONS}


def _any(words: Sequence[str] | dict[str, object]) -> str:
    longest_first = sorted(chain(words), key=len, reverse=True)
    return "|".join(map(re.escape, longest_first))
