"""The demo's videos and questions: drawn by shape world, so the truth of every answer is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whenabouts.shapeworld.axes import MOTIONS, Lang
from whenabouts.shapeworld.collection import Item, write_item
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import absent_query, moment_query
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import Claim, Mention, claim_spans
from whenabouts.types import Span

Topic = Literal["pictures", "subtitle", "on-screen text", "nothing"]
VIDEOS = 6
DRAWS = 100
"""Queries without an answer to choose from."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query and its truth: all spans of `video` that answer it; no video means no answer."""

    topic: Topic
    text: str
    video: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """One video of the demo."""

    name: str
    script: Script

    @property
    def lines(self) -> list[tuple[Span, str, Lang]]:
        """What is said."""
        return [(s.span, s.text, s.lang) for scene in self.script.scenes for s in scene.spoken]

    @property
    def signs(self) -> list[tuple[Span, str, Lang]]:
        """What is written in the picture."""
        return [(d.span, d.text, d.lang) for scene in self.script.scenes for d in scene.drawn]


def scripts(seed: int) -> list[Drawing]:
    """The scripts of the demo, from the split that no training ever sees."""
    plan = Plan(duration_s=(9.0, 14.0), scenes=(2, 3), text_share=0.4)
    return [
        Drawing(f"shapes_{number}.mp4", draw_script(seed * 100 + number, "test", plan))
        for number in range(1, VIDEOS + 1)
    ]


def draw(drawings: Sequence[Drawing], folder: Path, tell: Callable[[int, str], None]) -> None:
    """Write the videos; spoken lines become a text track inside or an .srt file beside them."""
    for number, drawing in enumerate(drawings):
        tell(number, drawing.name)
        write_item(Item(drawing.script, Path(drawing.name)), folder)


def questions(drawings: Sequence[Drawing], seed: int) -> list[Question]:
    """Five questions in two languages: about pictures, speech, signs, and nothing at all."""
    dice = Dice(77, seed)
    found = [
        _of_pictures(drawings, "en", dice),
        _of_pictures(drawings[::-1], "zh", dice),
        _of_words(drawings, "subtitle", "en") or _of_words(drawings, "subtitle", "zh"),
        _of_words(drawings, "on-screen text", "zh") or _of_words(drawings, "on-screen text", "en"),
        _of_nothing(drawings, dice),
    ]
    return [question for question in found if question is not None]


def _of_pictures(drawings: Sequence[Drawing], lang: Lang, dice: Dice) -> Question | None:
    """A query for what a single thing does in one of the videos only."""
    for drawing in drawings:
        for event in dice.shuffled(drawing.script.main_events):
            query = moment_query(drawing.script, event, lang, dice)
            claim = query.description.claims[0]
            elsewhere = [d for d in drawings if d is not drawing and claim_spans(d.script, claim)]
            if event.action in MOTIONS and claim.action is not None and not elsewhere:
                return Question("pictures", query.text, drawing.name, query.spans)
    return None


def _of_words(
    drawings: Sequence[Drawing], topic: Literal["subtitle", "on-screen text"], lang: Lang
) -> Question | None:
    """A line that is said, or a sign that is shown, in one of the videos only."""
    pieces = [
        (text, drawing.name, span)
        for drawing in drawings
        for span, text, spoken in (drawing.lines if topic == "subtitle" else drawing.signs)
        if spoken == lang
    ]
    for text, name, _ in pieces:
        where = [(other, span) for same, other, span in pieces if same == text]
        if {other for other, _ in where} == {name}:
            return Question(topic, text, name, tuple(span for _, span in where))
    return None


def _of_nothing(drawings: Sequence[Drawing], dice: Dice) -> Question | None:
    """A query that no video answers, and of many such the one that the least comes close to."""
    asked: list[tuple[int, str]] = []
    for _ in range(DRAWS):
        query = absent_query(drawings[0].script, "en", dice)
        claim = query.description.claims[0]
        if not any(claim_spans(drawing.script, claim) for drawing in drawings):
            near = (Mention(shape=claim.actor.shape), Mention(colour=claim.actor.colour))
            close = [claim_spans(d.script, Claim(mention)) for d in drawings for mention in near]
            asked.append((sum(map(len, close)), query.text))
    return Question("nothing", min(asked)[1]) if asked else None
