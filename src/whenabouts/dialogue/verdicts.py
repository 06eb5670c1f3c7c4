"""Verdicts on results, clause by clause: the first is close, but the third is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.references import numbers_in, references


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
