"""Verdicts on results, clause by clause: the first is close, but the third is not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.references import numbers_in, references

_PARTS = re.compile(
    r"[,.;:!?，。；：！？]|\b(?:but|while|whereas|however|though|sadly|unfortunately)\b"
    r"|\band\b(?=\s+(?:the\s+)?(?:rest|others?)\b)|但是?|不过|可惜|而(?!且)|只是",
    re.I,
)
OTHERS = re.compile(
    r"\b(?:the\s+)?(?:rest|others)\b|\beverything\s+else\b|其他|其余|其它|别的(?=都|全|就|也|不)|剩下|另外[两三四五几\d]个",
    re.I,
)
"""All that is shown, but what was named."""


@dataclass(slots=True)
class _Heard:
    """What was judged so far."""

    liked: list[Ref] = field(default_factory=list[Ref])
    disliked: list[Ref] = field(default_factory=list[Ref])
    waiting: list[Ref] = field(default_factory=list[Ref])
    """Named, and not yet judged."""
    sign: int = 0
    """Of the last clause."""

    def judge(self, refs: list[Ref], sign: int) -> None:
        """These, and those that wait, are right (1) or wrong (-1)."""
        mine = self.liked if sign > 0 else self.disliked
        mine += [*self.waiting, *refs]
        self.waiting = []
        self.sign = sign


def verdict(text: str, cues: Cues) -> Plan | None:
    """A plan that judges, where the whole text is verdicts on results and nothing else.

    It has no references where something is wrong, and nothing says what.
    """
    heard = _Heard()
    for clause in cues.clauses.split(text):
        if clause.strip() and not _clause(clause.strip(), cues, heard):
            return None
    if heard.waiting and heard.sign:
        heard.judge([], heard.sign)
    if heard.sign < 0 and not (heard.liked or heard.disliked or heard.waiting):
        return Plan("judge", cues.lang, step=-1)
    if heard.waiting or not (heard.liked or heard.disliked):
        return None
    liked, disliked = tuple(dict.fromkeys(heard.liked)), tuple(dict.fromkeys(heard.disliked))
    if not liked:
        return Plan("judge", cues.lang, refs=disliked, step=-1)
    return Plan("judge", cues.lang, refs=liked, disliked=disliked, step=1)


def _clause(clause: str, cues: Cues, heard: _Heard) -> bool:
    """Whether a clause is a verdict, or part of one; `heard` learns it."""
    found, rest = references(clause, cues)
    refs = [ref for ref in found if ref != FOCUS] or list(found)
    subject = cues.subject.match(rest)
    if not refs and subject is not None:
        refs, rest = [FOCUS], rest[subject.end() :]
    if not refs or refs == [FOCUS]:
        counted, without = numbers_in(clause, cues)
        if counted:
            refs, rest = counted, without
    negative = cues.bad.search(rest) is not None
    positive = cues.good.search(rest) is not None
    left = cues.small.sub("", cues.good.sub("", cues.bad.sub("", rest)))
    if left.strip():
        return False
    sign = -1 if negative else 1 if positive else 0
    if not sign:
        heard.waiting += [] if refs == [FOCUS] and heard.sign else refs
    elif refs and (refs != [FOCUS] or not (heard.liked or heard.disliked)):
        heard.judge(refs, sign)
    elif heard.waiting:
        heard.judge([], sign)
    else:
        heard.sign = sign
    if heard.waiting and not sign and heard.sign and refs:
        heard.judge([], heard.sign)
    return True


def piecewise(text: str, cues: Cues, step: int) -> Plan | None:
    """A verdict on all that is named; a piece without a sign has that of the next, else `step`.

    Unlike `verdict` it does not ask that nothing else is said.
    """
    heard = _Heard()
    for piece in _PARTS.split(text):
        found, rest = references(piece, cues)
        refs = [ref for ref in found if ref != FOCUS]
        if OTHERS.search(piece) and not refs:
            refs = [Ref("all")]
        sign = -1 if cues.bad.search(rest) else 1 if cues.good.search(rest) else 0
        if sign and (refs or heard.waiting):
            heard.judge(refs, sign)
        else:
            heard.waiting += refs
    if heard.waiting:
        heard.judge([], heard.sign or step)
    liked, disliked = tuple(dict.fromkeys(heard.liked)), tuple(dict.fromkeys(heard.disliked))
    if liked and liked != (Ref("all"),):
        return Plan("judge", cues.lang, refs=liked, disliked=disliked, step=1)
    return Plan("judge", cues.lang, refs=disliked, step=-1) if disliked else None
