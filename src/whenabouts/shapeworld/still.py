"""Which questions a single frame can answer, whatever moves."""

from __future__ import annotations

from whenabouts.shapeworld.questions import Answer, Asked
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import Claim, Mention, Setting, claim_spans


def frame_tells(script: Script, asked: Asked) -> bool:
    """Whether no wrong answer is true of the same thing doing something else.

    Of colours and backdrops; other questions ask for what happens or for numbers.
    """
    if asked.ask not in ("what colour", "what background"):
        return False
    who = asked.about[0].actor
    return not any(claim_spans(script, _seen(who, wrong)) for wrong in asked.wrong)


def _seen(who: Mention, answer: Answer) -> Claim:
    """That somebody with this answer is in view."""
    if isinstance(answer, Setting):
        return Claim(Mention(who.shape, who.colour), setting=answer)
    colour = answer.colour if isinstance(answer, Mention) else None
    return Claim(Mention(who.shape, colour))
