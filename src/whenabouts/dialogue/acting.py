"""A plan for an act that is known: what is left to find out is what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable

from whenabouts.dialogue import about_results, wishes
from whenabouts.dialogue.pieces import described, tidied
from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.references import numbers_in
from whenabouts.dialogue.said import Said, left
from whenabouts.dialogue.verdicts import verdict

_ALL = Ref("all")
_THANKS = r"\b(?:thanks?|thx|cheers|ta|appreciat\w+)\b|谢|感激|辛苦|有劳"
_BYE = r"\b(?:bye|goodbye|later|good\s*night|done|quit|exit)\b|再见|拜|回见|下次|晚安|到这"
_HELLO = r"^(?:hi|hey|hello|hiya|good\s+\w+|morning|evening)\b|^(?:你好|您好|嗨|早|晚上好|下午好)"
_HELP = r"\?|？|\b(?:help|how|what|who|can|do\s+you)\b|帮助|怎么|什么|谁|会.*吗|能.*吗|教"
_ABUSE = r"\b(?:stupid|idiot|useless|dumb|suck|hate|fuck|shit|moron)\w*\b|笨|蠢|垃圾|傻|滚|闭嘴"
_KINDS_OF_TALK = tuple(
    (kind, re.compile(words, re.I))
    for kind, words in (
        ("thanks", _THANKS), ("bye", _BYE), ("hello", _HELLO), ("help", _HELP), ("abuse", _ABUSE),
    )
)  # fmt: skip


def act_on(said: Said, label: str) -> Plan | None:
    """The plan of an utterance of which `hunch.py` knows the act; None where it cannot be one."""
    if label not in _FREE and not said.has:
        return None
    return _PLANS[label](said)


def _find(said: Said) -> Plan | None:
    return wishes.anew(said) or wishes.found(said, said.text, fresh=True)


def _refine(said: Said) -> Plan | None:
    """A change, a correction, an addition; else what is said takes the place of its kind."""
    if not said.scene.asked:
        return wishes.found(said, said.text, fresh=True)
    for way in (wishes.variation, wishes.correction, wishes.addition):
        plan = way(said)
        if plan is not None and plan.do in ("refine", "filter"):
            return plan
    begun = said.cues.no.match(said.text)
    rest = said.text[begun.end() :].strip(" ,，:：") if begun else ""
    return wishes.otherwise(said, rest or said.text) or wishes.found(said, said.text, fresh=False)


def _moment(said: Said) -> Plan | None:
    plan = about_results.moment(said)
    if plan is not None:
        return plan
    what = tidied(described(said.bare, said.cues), said.cues)
    if not left(what, said):
        what = said.scene.told
    return Plan("moment", said.lang, what, said.refs) if what else None


def _answer(said: Said) -> Plan | None:
    """A question; one that only names another video asks the last one again."""
    plan = about_results.fact(said)
    if plan is not None:
        return plan
    bare = not left(said.bare, said) or said.cues.pick.fullmatch(said.bare) is not None
    text = f"{said.text}: {said.scene.told}" if bare and said.scene.told else said.text
    return Plan("answer", said.lang, text, said.named)


def _compare(said: Said) -> Plan | None:
    refs = tuple(ref for ref in _refs(said) if ref != FOCUS or len(said.refs) > 1)
    if not refs and not said.scene.picked:
        refs = (_ALL,)
    return about_results.compare(said) or Plan("compare", said.lang, said.text, refs)


def _similar(said: Said) -> Plan | None:
    plan = about_results.similar(said) or about_results.varied(said)
    return plan or Plan("similar", said.lang, "", _refs(said) or (FOCUS,), swaps=True)


def _verdict(said: Said, step: int) -> Plan | None:
    """Clause by clause where that is understood; else all that is named is right or wrong."""
    plan = verdict(said.text, said.cues)
    if plan is not None and plan.refs and (plan.step == step or plan.disliked):
        return plan
    one = said.scene.picked or said.scene.moment or step > 0
    refs = _refs(said)
    rejects = step < 0 and not one and not refs
    return Plan(
        "judge", said.lang, refs=refs or ((FOCUS,) if one else (_ALL,)), step=step, rejects=rejects
    )


def _show(said: Said) -> Plan | None:
    whole = said.cues.whole.fullmatch(said.text) or said.cues.whole.fullmatch(said.bare)
    if whole is not None:
        return Plan("whole", said.lang, refs=said.refs)
    if said.cues.sheet.fullmatch(said.text):
        return Plan("show", said.lang, refs=said.refs)
    return about_results.pick(said) or Plan("pick", said.lang, refs=_refs(said) or (FOCUS,))


def _play(said: Said) -> Plan | None:
    top = "start" if said.cues.top.search(said.text) else ""
    return Plan("play", said.lang, refs=_refs(said), kind=top)


def _export(said: Said) -> Plan | None:
    kinds = (kind for kind, words in said.cues.formats if words.search(said.text))
    return Plan("export", said.lang, refs=_refs(said), kind=next(kinds, ""))


def _say(said: Said) -> Plan | None:
    kinds = (kind for kind, words in _KINDS_OF_TALK if words.search(said.raw))
    return Plan("say", said.lang, kind=next(kinds, "ok"))


def _refs(said: Said) -> tuple[Ref, ...]:
    """What is named; bare numbers where nothing is."""
    if said.named and said.named != (FOCUS,):
        return said.named
    counted = numbers_in(said.text, said.cues)[0] if said.scene.shown else []
    return tuple(ref for ref in counted if ref.number <= said.scene.shown) or said.named


def _step(kind: str, step: int) -> Callable[[Said], Plan | None]:
    return lambda said: Plan("step", said.lang, refs=said.refs, kind=kind, step=step)


_FREE = ("find", "refine", "say", "undo", "restart")
"""What can be asked for without anything in view."""
_PLANS: dict[str, Callable[[Said], Plan | None]] = {
    "find": _find, "refine": _refine, "moment": _moment, "answer": _answer, "compare": _compare,
    "similar": _similar, "like": lambda said: _verdict(said, 1),
    "dislike": lambda said: _verdict(said, -1), "show": _show, "play": _play, "export": _export,
    "undo": lambda said: Plan("undo", said.lang), "say": _say,
    "restart": lambda said: Plan("restart", said.lang),
    "more": lambda said: Plan("more", said.lang), "before": _step("", -1), "after": _step("", 1),
    "start": _step("start", 0), "end": _step("end", 0),
}  # fmt: skip
