"""A user who has one drawn video in mind, and knows all that is true of it.

The first words describe it, finely or vaguely. While it does not come first, another fact about it
follows, never the same twice. A question is answered by what is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

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
_LENGTH = re.compile(r"(?:longer or shorter|shorter or longer)\D*(\d+)|比(\d+)秒", re.IGNORECASE)
_LENGTHS: dict[Lang, tuple[str, str]] = {"en": ("shorter", "longer"), "zh": ("更短", "更长")}
_LIGHT = re.compile(r"\bnight\b|晚上|夜", re.IGNORECASE)
_LIGHTS: dict[Lang, tuple[str, str]] = {"en": ("by day", "at night"), "zh": ("白天", "夜里")}
_BACKGROUND = re.compile(r"background|背景", re.IGNORECASE)
_COLOUR = re.compile(r"which colou?r|what colou?r|什么颜色", re.IGNORECASE)


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
    _told: dict[Claim, None] = field(default_factory=dict[Claim, None])
    """What was said of it, in order."""

    def opening(self, *, coarse: bool) -> str:
        """The first words."""
        describe = describe_coarsely if coarse else describe_video
        description = describe(self.script, self.dice)
        self._told |= dict.fromkeys(description.claims)
        move = "describe coarsely" if coarse else "describe"
        return exchange(Intent(move, "videos", description), self.lang, self.dice).text

    @property
    def told(self) -> tuple[Claim, ...]:
        """All that was said of the video."""
        return tuple(self._told)

    def add(self) -> Claim:
        """Another fact, said without words."""
        return self._fact()

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
        claim = Claim(Mention())
        for _ in range(_TRIES):
            event = self._event()
            claim = describe_event(event, self.script.scene_of(event), self.dice, setting_share=0.0)
            if claim_spans(self.script, claim) == (event.span,):
                break
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
        self._told[claim] = None
        return claim

    def _answer(self, question: str) -> str:
        """What is true of what the question is about; else the first true thing that it names."""
        words = words_zh if self.lang == "zh" else words_en
        event = self._meant()
        backdrop = self.script.scene_of(event).backdrop
        length = _LENGTH.search(question)
        if length is not None:
            longer = self.script.duration_s > float(length[1] or length[2])
            return _LENGTHS[self.lang][longer]
        if _BACKGROUND.search(question):
            return words.COLOURS[backdrop.colour][0]
        if _COLOUR.search(question):
            return words.COLOURS[event.actor.colour][0]
        if _LIGHT.search(question):
            return _LIGHTS[self.lang][backdrop.light == "night"]
        for told, claim in named(question, self.lang):
            if claim_spans(self.script, claim):
                return told
        return _NONE[self.lang]

    def _meant(self) -> Event:
        """The event that was spoken of first."""
        for claim in self._told:
            for event in self.script.main_events:
                if event.span in claim_spans(self.script, claim):
                    return event
        return self.script.main_events[0]


def named(text: str, lang: Lang) -> list[tuple[str, Claim]]:
    """What a text names, in order: the words, and the claim that they make.

    >>> [told for told, _ in named("Is it the red star or the heart?", "en")]
    ['red star', 'heart']
    """
    words = words_zh if lang == "zh" else words_en
    colours: dict[str, Colour] = {way: key for key, ways in words.COLOURS.items() for way in ways}
    shapes: dict[str, Shape] = {way: key for key, ways in words.SHAPES.items() for way in ways}
    actions = _actions(lang)
    if lang == "zh":
        colours |= {way.removesuffix("色"): key for way, key in colours.items()}
    pattern = re.compile(
        rf"(?:(?P<colour>{_any(colours)})的?\W{{0,2}})?(?P<shape>{_any(shapes)})"
        rf"|(?P<alone>{_any(colours)})|(?P<action>{_any(actions)})",
        re.IGNORECASE,
    )
    found: list[tuple[str, Claim]] = []
    for match in pattern.finditer(text):
        if match["action"]:
            claim = Claim(Mention(), actions[match["action"].lower()])
        else:
            colour = colours.get((match["colour"] or match["alone"] or "").lower())
            claim = Claim(Mention(shapes.get((match["shape"] or "").lower()), colour))
        found.append((match[0].strip(), claim))
    return found


def _actions(lang: Lang) -> dict[str, Action]:
    """Plain words for motions, as they stand in questions."""
    found: dict[str, Action] = {}
    for motion in MOTIONS:
        if lang == "zh":
            found |= dict.fromkeys(words_zh.ACTIONS[motion], motion)
        else:
            plain = " ".join(part for part in words_en.ACTIONS[motion][0] if part)
            found |= {plain: motion, motion: motion}
    return found


def _any(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(map(re.escape, longest_first))
