"""Which of the results that an utterance names are meant: not those it sets aside."""

from __future__ import annotations

import re
from dataclasses import replace

from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.references import references
from whenabouts.dialogue.said import Said
from whenabouts.dialogue.verdicts import OTHERS, piecewise

_ABOUT = ("pick", "show", "whole", "play", "export", "answer", "fact", "moment", "similar", "step")
"""What is done with results that are named."""
_CLAUSE = re.compile(
    r"[,.;:!?，。；：！？]|\b(?:but|instead\s+of|rather\s+than)\b|(?=\bnot\b)|而不是|(?=不是|不要|别)",
    re.I,
)
_ASIDE = re.compile(
    r"\b(?:not|isn't|wasn't|don't|didn't|no|skip|forget|ignore|leave|never\s*mind|wrong)\b|不|别|没|错|跳过|略过",
    re.I,
)
_BUT = re.compile(
    r"\b(?:all|everything|every\s+one|each|any|the\s+others?|the\s+rest)\s+(?:of\s+(?:them|these|those)\s+)?(?:but|except(?:\s+for)?|apart\s+from|other\s+than|besides|bar|minus|without)\b"
    r"|\b(?:except(?:\s+for)?|apart\s+from|besides|bar)\b.+\b(?:all|everything|the\s+rest|the\s+others)\b"
    r"|除(?:了|去|开|掉)?.+?(?:以外|之外|外)?[，,]?(?:剩下|其余|其他|其它|别的|都|全)",
    re.I,
)
_THIS = re.compile(r"\b(?:this|it)\b|[这它]", re.I)
_WORD = re.compile(r"[a-z]{3,}|[\u3400-\u9fff]{2,}", re.I)
ALL = Ref("all")
BUT = Ref("all", name="but")
"""All that is shown, less what else is named."""


def named(said: Said, plan: Plan) -> Plan:
    """The plan with the results that are meant."""
    if plan.do == "compare":
        one = len(plan.refs) == 1 and plan.refs[0].kind not in ("focus", "all")
        pronoun = said.scene.focus and _THIS.search(said.text) is not None
        both = one and (pronoun or said.scene.picked)
        return replace(plan, refs=(FOCUS, *plan.refs)) if both else plan
    if plan.do not in _ABOUT:
        return plan
    ranked = [ref for ref in plan.refs if ref.kind not in ("focus", "all")]
    if plan.refs and _BUT.search(said.text):
        return replace(plan, refs=(*plan.refs, BUT))
    if len(ranked) > 1:
        kept = _kept(said, plan.refs)
        return replace(plan, refs=kept) if kept else plan
    return plan if ranked or Ref("all") in plan.refs else _told(said, plan)


def judged(said: Said, plan: Plan) -> Plan:
    """A verdict that leaves out nothing that is named, and turns round for an exception."""
    if plan.do != "judge":
        return plan
    ranked = {ref for ref in said.refs if ref.kind not in ("focus", "all")}
    if ranked and _BUT.search(said.text):
        liked = tuple(ref for ref in said.refs if ref in ranked)
        wrong = said.cues.bad.search(_BUT.sub(" ", said.bare)) is not None
        return replace(plan, refs=liked, disliked=(ALL,), step=1) if wrong else plan
    others = OTHERS.search(said.text) is not None and ALL not in (*plan.refs, *plan.disliked)
    if ranked <= {*plan.refs, *plan.disliked} and not (others and ranked):
        return plan
    return piecewise(said.text, said.cues, plan.step) or plan


def _kept(said: Said, refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
    """Those of `refs` that no clause sets aside."""
    aside: set[Ref] = set()
    meant: set[Ref] = set()
    for clause in _CLAUSE.split(said.text):
        told = references(clause, said.cues)[0]
        (aside if _ASIDE.search(clause) else meant).update(told)
    return tuple(ref for ref in refs if ref in meant or ref not in aside) if meant else ()


def _told(said: Said, plan: Plan) -> Plan:
    """What was looked at before may be spoken of by what it was found with."""
    if not said.scene.met or _BACK.search(said.text) is None:
        return plan
    words = " ".join(_WORD.findall(said.bare.lower()))
    return replace(
        plan, refs=(*(ref for ref in plan.refs if ref != FOCUS), Ref("told", name=words))
    )


_BACK = re.compile(
    r"\b(?:again|back|re-?open|return|earlier|before|was|were|had|saw|watched|opened|that|previous)\b|回|再|重新|刚|之前|先前|那个|看过",
    re.I,
)
