"""The gist of an utterance: what its words are about where all of them are of known classes.

No order of words is asked for: an utterance of which verbs of one act, references and words that
say nothing are all there is means that act.
"""

from __future__ import annotations

import re
from dataclasses import replace

from whenabouts.dialogue.gist_words import EN, ZH, Classes
from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.said import Said

_MORE = re.compile(r"\b(?:more|others?|any(?:thing)?|something|ones|find)\b|[再还多找]", re.I)
_LETTERS = re.compile(r"[^\W_]")


def gist(said: Said) -> Plan | None:
    """The act that is left when everything else is taken off."""
    if not said.has or said.limits(said.text)[0].any:
        return None
    found = _classes(said)
    if found is None:
        return None
    for act in _ACTS:
        plan = act(said, found)
        if plan is not None:
            return plan
    return None


def more_like(said: Said) -> Plan | None:
    """More like one that is shown, before `like` is taken for a verdict."""
    if not said.has or not _MORE.search(said.text):
        return None
    found = _classes(said)
    return None if found is None or found & {"undo", "export"} else _similar(said, found)


def _classes(said: Said) -> frozenset[str] | None:
    """The classes of the words; None where a word is of none."""
    table: Classes = ZH if said.lang == "zh" else EN
    found: set[str] = set()
    text = said.bare.lower()
    for name, pattern in table.words:
        text, count = pattern.subn(" ", text)
        if count:
            found.add(name + ("!" if name == "no" and count % 2 == 0 else ""))
    text = said.cues.small.sub(" ", table.small.sub(" ", text))
    return None if _LETTERS.search(text) else frozenset(found)


def _undo(said: Said, found: frozenset[str]) -> Plan | None:
    return Plan("undo", said.lang) if "undo" in found and not said.ranked else None


def _export(said: Said, found: frozenset[str]) -> Plan | None:
    if "export" not in found or "no" in found:
        return None
    kinds = (kind for kind, words in said.cues.formats if words.search(said.text))
    return Plan("export", said.lang, refs=said.named, kind=next(kinds, ""))


def _compare(said: Said, found: frozenset[str]) -> Plan | None:
    if "compare" not in found:
        return None
    return Plan("compare", said.lang, said.text, said.named)


def _similar(said: Said, found: frozenset[str]) -> Plan | None:
    if "similar" not in found or "no" in found or "bad" in found:
        return None
    return Plan("similar", said.lang, "", said.named or (FOCUS,), swaps=True)


def _ends(said: Said, found: frozenset[str]) -> Plan | None:
    for name in ("end", "start"):
        if name in found:
            return Plan("step", said.lang, refs=said.refs, kind=name)
    return None


def _part(said: Said, found: frozenset[str]) -> Plan | None:
    for name, step in (("after", 1), ("before", -1)):
        if name in found and not ({"good", "bad", "no"} & found):
            return Plan("step", said.lang, refs=said.refs, step=step)
    return None


def _play(said: Said, found: frozenset[str]) -> Plan | None:
    if "play" not in found or found & {"no", "bad"}:
        return None
    return Plan("play", said.lang, refs=said.named)


def _judge(said: Said, found: frozenset[str]) -> Plan | None:
    bad, no, good = "bad" in found, "no" in found, "good" in found
    if not (bad or no or good) or ("show" in found and not bad and not no and not said.named):
        return None
    step = -1 if bad != no else 1  # not bad is good
    one = said.scene.picked or said.scene.moment or step > 0
    refs = said.named or ((FOCUS,) if one else (Ref("all"),))
    plan = Plan("judge", said.lang, refs=refs, step=step)
    return replace(plan, rejects=step < 0 and not one)


def _pick(said: Said, found: frozenset[str]) -> Plan | None:
    if said.named and (said.ranked or "show" in found) and not found - {"show"}:
        return Plan("pick", said.lang, refs=said.named)
    return None


_ACTS = (_undo, _export, _ends, _similar, _compare, _part, _play, _judge, _pick)
