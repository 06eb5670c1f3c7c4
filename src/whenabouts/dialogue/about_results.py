"""Utterances about what is shown: compare, time, more like it, facts, deeds, verdicts, a choice."""

from __future__ import annotations

import re
from dataclasses import replace

from whenabouts.dialogue.pieces import described, tidied
from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.references import references
from whenabouts.dialogue.said import Said, left
from whenabouts.dialogue.verdicts import verdict
from whenabouts.dialogue.wishes import excluded

_SMALL_WORD = 4
_TOLD = re.compile(r"[：:]\s*\S")
"""What follows describes what is looked for: 我想看这样的视频：……"""
_SUCH = re.compile(
    r"\b(?:those|ones?|any(?:thing)?|videos?|clips?|results?|everything)\s+(?:with|that\s+(?:has|have|shows?))\s"
    r"|\b(?:don'?t|do\s+not)\s+want\s+(?:to\s+(?:see|have|get)\s+)?(?:any\s+)?(?!it\b|this\b|that\b|these\b|those\b|them\b|the\b)\w+\s+in\b",
    re.I,
)
"""Such as have something: no result is named."""
_EVERY = re.compile(
    r"(?<![#\d])\b(?:\d{1,2}|one|two|three|four|five|six)\b(?!\s*(?:s|sec|min|hour|of|is)\w*)", re.I
)
_EVERY_NTH = re.compile(
    r"\bthe\s+(?:first|second|third|fourth|fifth|sixth|last)\b(?!\s+(?:one|two|three|video|clip|but|to))",
    re.I,
)
_SECONDS_ZH = re.compile(
    r"[前后晚早退进][了点的]*(?:那|这|个)?几[秒分]|几[秒分].{0,2}(?:之?前|之?后)"
)
"""A few seconds before: a part, not a length."""
_ELSE = re.compile(r"\bsomething\s+(?:\w+ly\s+)?different$", re.I)
_OTHERWISE = re.compile(
    r"[\s,]*(?:but|only|just|except|with|without|in|at|on)\b[\s,]*(?P<what>.+)"
    r"|[\s，,]*(?:但是?|不过|只是|换成|改成|换|改)(?P<zh>.+)",
    re.I,
)


def compare(said: Said) -> Plan | None:
    """What is shown side by side."""
    if _ELSE.search(said.text) or not said.cues.compare.search(said.text) or not said.scene.shown:
        return None
    refs = tuple(ref for ref in said.refs if ref != FOCUS or len(said.refs) > 1)
    if said.lang == "en" and (
        not refs or (len(refs) == 1 and refs[0].kind == "rank")
    ):  # 1 compared to 2
        every = _EVERY.sub(lambda match: f"#{match[0]} ", said.text)
        every = _EVERY_NTH.sub(lambda match: f"{match[0]} one", every)
        refs = max(refs, references(every, said.cues)[0], key=len)
    if not refs and not said.refs and not said.scene.picked:
        refs = (Ref("all"),)
    return Plan("compare", said.lang, said.text, refs)


def time(said: Said) -> Plan | None:
    """The part before or after, at the beginning or the end, the whole video."""
    if not said.has:
        return None
    top = "start" if said.cues.top.search(said.text) else ""
    if top and said.ranked and said.cues.play.fullmatch(said.text):
        return None
    for text in dict.fromkeys((said.text, said.bare)):
        if (
            said.cues.start.fullmatch(text)
            and (said.lang == "zh" or " " in said.bare)
            and not (top and said.ranked)
        ):
            return Plan("step", said.lang, refs=said.refs, kind="start")
        if said.cues.end.fullmatch(text):
            return Plan("step", said.lang, refs=said.refs, kind="end")
        if said.cues.whole.fullmatch(text) or (top and not left(said.cues.top.sub("", text), said)):
            return Plan("whole", said.lang, refs=said.refs, kind=top)
        if said.ranked and len(text) <= _SMALL_WORD:
            continue  # number two, then
        if said.cues.after.fullmatch(text):
            return Plan("step", said.lang, refs=said.refs, step=1)
        if said.cues.before.fullmatch(text):
            return Plan("step", said.lang, refs=said.refs, step=-1)
    return None


def similar(said: Said) -> Plan | None:
    """More like one that is shown, perhaps with a change."""
    if not (said.has or said.ranked) or _TOLD.search(said.text):
        return None
    for pattern in said.cues.similar:
        match = pattern.fullmatch(said.text)
        if match is None:
            continue
        filters, change = said.limits(match["what"] or "")
        without, change = excluded(change, said.cues)
        refs = references(
            said.text[: match.start("what")] if match["what"] else said.text, said.cues
        )[0]
        wish = tidied(described(change, said.cues, change=True), said.cues)
        refs = refs or (FOCUS,)
        return Plan("similar", said.lang, wish, refs, without, filters=filters, swaps=True)
    return None


def fact(said: Said) -> Plan | None:
    """What is known of a file: its length, date, name, size, its words."""
    for kind, pattern in said.cues.facts:
        if kind == "length" and _SECONDS_ZH.search(said.text):
            continue
        if pattern.search(said.text) and (kind == "count" or said.scene.shown or said.scene.focus):
            return Plan("fact", said.lang, said.text, said.refs, kind=kind)
    return None


def moment(said: Said) -> Plan | None:
    """When something happens, or what is before or after it."""
    if said.cues.exists.fullmatch(said.text) and said.lang == "en":
        return None
    filters, rest = said.limits(said.text)
    dated = filters.any and not left(rest, said)
    for kind, pattern in said.cues.beside if said.has and not dated else ():
        match = pattern.fullmatch(said.bare) or pattern.fullmatch(said.text)
        if match is not None:
            what = tidied(described(references(match["what"], said.cues)[1], said.cues), said.cues)
            if what:
                return Plan("moment", said.lang, what, said.refs, kind=kind)
    for pattern in said.cues.moment:
        match = pattern.fullmatch(said.bare) or pattern.fullmatch(said.text)
        if match is None:
            continue
        told = "".join(match.groupdict().get(name) or "" for name in ("what", "more"))
        refs, told = references(told, said.cues) if said.refs else ((), told)
        what = tidied(described(told, said.cues), said.cues) or said.scene.told
        return Plan("moment", said.lang, what, said.refs or refs)
    return None


def deed(said: Said) -> Plan | None:
    """Export, play, show evidence."""
    has = said.has
    if said.cues.export.search(said.text) and (has or said.refs):
        kinds = (kind for kind, words in said.cues.formats if words.search(said.text))
        return Plan("export", said.lang, refs=said.named, kind=next(kinds, ""))
    for text in dict.fromkeys((said.text, said.bare)) if has else ():
        play = said.cues.play.fullmatch(text)
        what = "" if play is None else said.cues.top.sub("", play["what"] or "")
        if play is not None and not left(references(what, said.cues)[1], said):
            top = "start" if said.cues.top.search(said.text) else ""
            return Plan("play", said.lang, refs=said.named, kind=top)
    if said.cues.sheet.fullmatch(said.text) and has:
        return Plan("show", said.lang, refs=said.refs)
    return None


def judge(said: Said) -> Plan | None:
    """Liked or disliked results."""
    if not said.has or _SUCH.search(said.text):
        return None
    plan = verdict(said.text, said.cues)
    if plan is not None and plan.refs:
        return plan
    if plan is not None:
        one = said.scene.picked or said.scene.moment
        refs = (FOCUS,) if one else (Ref("all"),)
        return replace(plan, refs=refs, rejects=not one)
    for pattern, step in ((said.cues.dislikes, -1), (said.cues.likes, 1)):
        if not pattern.search(said.text):
            continue
        rest = said.cues.no.sub("", pattern.sub(" ", said.bare), count=1)
        if said.refs or not left(rest, said):
            return Plan("judge", said.lang, refs=said.named or (FOCUS,), step=step)
    return None


def pick(said: Said) -> Plan | None:
    """A reference that is all there is."""
    if not said.refs or not (said.scene.shown or said.scene.focus or said.scene.met):
        return None
    rest = said.bare.strip(" ,，。")
    bare = not left(rest, said) and (said.ranked or not said.cues.asks.search(said.text))
    if not (said.cues.pick.fullmatch(rest) or said.cues.empty.fullmatch(rest) or bare):
        return None
    refs = said.named
    if said.cues.again.search(said.text):
        refs = tuple(Ref("met", ref.number, "again") if ref.kind == "rank" else ref for ref in refs)
    return Plan("pick", said.lang, refs=refs)


def varied(said: Said) -> Plan | None:
    """One that is shown, but otherwise: the third, only filmed from above."""
    if not said.ranked or not said.scene.shown:
        return None
    match = _OTHERWISE.fullmatch(said.bare)
    if match is None:
        return None
    filters, what = said.limits(match["what"] or match["zh"])
    without, what = excluded(what, said.cues)
    wish = tidied(described(what, said.cues, change=True), said.cues)
    if not (wish or without or filters.any):
        return None
    return Plan("similar", said.lang, wish, said.refs, without, filters=filters, swaps=True)
