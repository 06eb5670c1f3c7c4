"""Utterances about what is wanted: a search, an addition, a correction, a change, an exclusion."""

from __future__ import annotations

import re
from dataclasses import replace

from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.merging import kind_words
from whenabouts.dialogue.pieces import described, tidied
from whenabouts.dialogue.plan import FOCUS, Plan, Ref
from whenabouts.dialogue.said import Said, left


def anew(said: Said) -> Plan | None:
    """Away with all that, and something else."""
    match = said.cues.fresh.fullmatch(said.text)
    if match is None or not said.scene.asked:
        return None
    groups = match.groupdict()
    return found(said, groups["what"] or groups["what2"] or groups.get("what3", ""), fresh=True)


def variation(said: Said) -> Plan | None:
    """What is wanted, but otherwise: what about blue? blue this time; the same at night."""
    cues = said.cues
    match = cues.varied.fullmatch(said.text) if said.scene.asked and not said.ranked else None
    if match is None or (not match["lead"] and cues.exists.fullmatch(said.text)):
        return None
    if _THE_ONE.match(said.text):
        return None
    if said.lang == "zh" and said.scene.picked and _ASKS_ZH.search(said.text):
        return None  # 星星是红的还是蓝的: a question about what is shown
    only, rest = said.limits(said.text)
    if only.any and (not left(rest, said) or cues.empty.fullmatch(rest)):
        return Plan("filter", said.lang, filters=only)
    for pattern in cues.instead:
        told = pattern.fullmatch(said.text)
        if told is not None and told.groupdict().get("old") and not _shut(said.text, said):
            return _instead(said, told)
    shut = _shut(said.text, said)
    if shut:
        return Plan("refine", said.lang, without=shut)
    filters, rest = said.limits(match["what"])
    without, rest = excluded(rest, cues)
    placed = cues.placed.fullmatch(rest) is not None
    what = tidied(described(rest, cues, change=not placed), cues)
    lead = (match["lead"] or "").strip(" ,，").lower()
    tail = said.text[match.end("what") :].strip(" ,，.")
    kind = bool(kind_words(what, cues))
    plan = Plan("refine", said.lang, what, without=without, filters=filters, swaps=True)
    if not what:
        return plan if without or filters.any else None
    weak = lead in _WEAK or not lead
    short = len(what) <= (10 if said.lang == "zh" else 40)
    if kind and (lead or tail or not _ARTICLE.match(what)):
        return plan
    return plan if short and ((lead and placed) or not weak) and not cues.asks.match(what) else None


_IS_ONE = re.compile(
    r"(?:it|that|he|she|this|the\s+\w+)(?:'s|\s+(?:is|was|has\s+to\s+be|should\s+be|must\s+be))\s+"
    r"(?:rather\s+|really\s+|actually\s+)?(?:an?|the)\s",
    re.I,
)
"""What somebody is takes the place of what they were said to be."""
_THE = re.compile(r"(?:the|that|this|his|her|their|its)\s+(?P<noun>\w+)\s+\w", re.I)
_ASKS_ZH = re.compile(r"什么(?!样)|谁|几[个只条次岁]|多少|怎么(?!样)|为什么|是.+还是.+|[吗么]$")
_THE_ONE = re.compile(
    r"(?:it'?s\s+|i\s+mean\s+)?(?:the|that)\s+(?:one|video|clip)s?\s+(?:with|where|in\s+which|that\s+has|which\s+has|showing)\b|.*的那[个段条部](?:视频)?$",
    re.I,
)
"""More of the one that is meant, beside what was said of it."""
_THAT_ONE_ZH = re.compile(r"的那[个段条部](?:视频)?$")
_SEVERAL = re.compile(r"[,，；;：:]\s*\S")
_PIECE_EN = re.compile(
    r"(?!.*,\s*(?:an?|one|two|three|four|there)\s)(?!.*\b(?:background|gradient|checks|stripes|noise)\b)"
    r"(?:with|without|in|on|at|by|during|from|near|under|over|inside|outside|while|where|when|and|but|"
    r"also|plus|only|just|rather|maybe|preferably|ideally|less|slightly|somewhat|much|far|way|not|same|"
    r"ones|those|i'm\s+(?:pretty\s+|quite\s+|fairly\s+|almost\s+)?(?:sure|certain)|i\s+(?:remember|recall|believe|know|think)|(?:someone|somebody|people)\s+(?:was|is|were|are)|it|he|she|they|his|her|their|its|should|must|has|have|is|are|more|(?!other|water|"
    r"paper|flower|singer|river|tiger|dancer|farmer|player|winter|summer|dinner|soccer)\w{2,}er|\w{3,}ing)\s",
    re.I,
)
_PIECE_ZH = re.compile(
    r"(?!.*[一两二三四]个)(?!.*一对)(?:要|只|就|再|更|还|也|但|而且|并且|不过|最好|必须|带|没有?|不|从|穿|戴|拿|"
    r"朝|向|往|沿|跟着|背景|画面|里面|其中|[他她它]|应该|稍微|比较|别|得)|.{1,8}(?:一?点儿?|一?些)的?$|.{1,4}的[，,]|[^，,一两二三四]{1,6}(?:还|也(?!许)|应该|必须|最好)|.{1,4}[上里中边旁下后前](?:还|也|好像)?(?:有(?!一)|站着|坐着|放着|停着|挂着|躺着)|(?:我?(?:的)?(?:记得|印象|依稀)|那[天时次]|当时|好像|似乎|对了)"
)
"""How what cannot stand alone begins."""
_AGAIN_EN = re.compile(
    r"(?:.*\s)?(?:the|that)\s+(?P<what>\w+)\s+(?:video|clip|one|thing)(?:\s+(?:again|once\s+more|from\s+before|from\s+earlier|please))+",
    re.I,
)
_AGAIN_ZH = re.compile(r".*?那[个段条]?(?P<what>[^的个]{1,4})的?(?:视频|片子)?(?:再|重新).{0,6}")
"""What was found is spoken of by its content: that parrot video again."""
_WEAK = ("", "now", "and", "or", "then", "要", "有")
"""Words that begin many things, not only changes."""
_ARTICLE = re.compile(r"(?:an?|the|two|three|some|一[个只条辆位名]?)\b", re.I)


def otherwise(said: Said, text: str) -> Plan | None:
    """The same wish with something else in the place of a part of it."""
    filters, what = said.limits(text)
    without, what = excluded(what, said.cues)
    wish = tidied(described(what, said.cues, change=True), said.cues)
    if not (wish or without or filters.any):
        return None
    return Plan("refine", said.lang, wish, without=without, filters=filters, swaps=True)


def correction(said: Said) -> Plan | None:
    """What begins with no, or says what something is in place of."""
    if not said.scene.asked:
        return None
    if said.cues.without.match(said.text) and not any(
        p.fullmatch(said.text) for p in said.cues.instead
    ):
        return None  # 不要有人的: an exclusion, not a correction
    begun = said.cues.no.match(said.text)
    rest = said.text[begun.end() :].strip(" ,，") if begun and begun.end() else said.text
    more = _THE_ONE.match(rest) is not None
    for pattern in () if more else said.cues.instead:
        for text in dict.fromkeys((rest, said.text)):
            match = pattern.fullmatch(text)
            if match is not None:
                return _instead(said, match)
    if rest == said.text:
        return None
    if said.cues.rejects.fullmatch(rest) or not rest:
        return Plan("judge", said.lang, refs=(Ref("all"),), step=-1, rejects=True)
    rest = _THAT_ONE_ZH.sub("", rest) or rest
    plan = addition(replace(said, text=rest))
    if plan is None:
        plan = found(said, rest, fresh=False)
    return replace(plan, rejects=True, swaps=not more)


def _instead(said: Said, match: re.Match[str]) -> Plan | None:
    filters, what = said.limits(match["what"])
    old = tidied(described(match.groupdict().get("old") or "", said.cues), said.cues)
    wish = tidied(described(what, said.cues, change=True), said.cues)
    if not wish and not filters.any:
        return None
    olds = (old,) if old else ()
    return Plan("refine", said.lang, wish, instead=olds, filters=filters, swaps=True)


def addition(said: Said) -> Plan | None:
    """More about what is wanted; conditions alone."""
    if not said.scene.asked:
        return None
    filters, text = said.limits(said.text)
    if said.cues.empty.fullmatch(text) and filters.any:
        return Plan("filter", said.lang, filters=filters)
    shut = _shut(text, said)
    if shut:
        return Plan("refine", said.lang, without=shut, filters=filters)
    without, text = excluded(text, said.cues)
    if said.cues.empty.fullmatch(text) and (without or filters.any):
        return Plan("refine", said.lang, without=without, filters=filters)
    kinds = {word for row in said.cues.kinds for word in row}
    if text.lower() in kinds:
        return Plan("refine", said.lang, text, without=without, filters=filters, swaps=True)
    if _goes_on(text, said):
        return Plan("refine", said.lang, text, without=without, filters=filters)
    for pattern in said.cues.adds:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        what = tidied(described(match["what"], said.cues, change=True), said.cues)
        if what or filters.any or without:
            do = "refine" if what or without else "filter"
            kind = what.lower() in kinds or _IS_ONE.match(text) is not None
            return Plan(do, said.lang, what, (), without, filters=filters, swaps=kind)
    return None


def _goes_on(text: str, said: Said) -> bool:
    """Whether a text tells more of something that was spoken of: the dog has a ball."""
    if said.lang == "zh":
        return any(text.startswith(word) and len(text) > len(word) + 2 for word in said.scene.known)
    match = _THE.match(text)
    return match is not None and match["noun"].lower() in said.scene.known


def _shut(text: str, said: Said) -> tuple[str, ...]:
    """An exclusion that names what is excluded first."""
    for pattern in said.cues.shut:
        match = pattern.fullmatch(text)
        what = "" if match is None else tidied(described(match["what"], said.cues), said.cues)
        if what and not said.ranked and left(what, said):
            return parts(what)
    return ()


def search(said: Said) -> Plan | None:
    """What is described; a piece of a sentence tells more of what was described before."""
    piece = _PIECE_ZH if said.lang == "zh" else _PIECE_EN
    goes_on = said.scene.asked and piece.match(said.text) is not None
    return found(said, said.text, fresh=not goes_on)


def spoken_of(said: Said) -> Plan | None:
    """What no rule understands, but names a result, or asks about the one that is chosen."""
    again = (_AGAIN_ZH if said.lang == "zh" else _AGAIN_EN).fullmatch(said.text)
    if again is not None and said.has and again["what"].lower() in said.scene.known:
        return Plan("pick", said.lang, refs=(FOCUS,))
    short = len(said.text) <= (14 if said.lang == "zh" else 50) and not _SEVERAL.search(said.text)
    asks = said.asks or said.cues.asks.search(said.text) is not None
    if said.has and said.ranked and short:
        return Plan("answer" if asks else "pick", said.lang, said.text if asks else "", said.named)
    if said.asks and (said.scene.picked or said.scene.moment):
        return Plan("answer", said.lang, said.text, said.refs)
    return None


def plain(said: Said) -> Plan | None:
    """A long text describes something, whatever its words."""
    return Plan("find", said.lang, described(said.text, said.cues))


def found(said: Said, text: str, *, fresh: bool) -> Plan:
    """A description, with its conditions and exclusions taken out."""
    filters, text = said.limits(text)
    without, text = excluded(text, said.cues)
    channels: tuple[str, ...] = ()
    wish = described(text, said.cues)
    for channel, pattern in said.cues.channels:
        match = pattern.search(wish)
        if match is not None and match.start() <= 1:
            channels, wish = (channel,), wish[match.end() :]
            break
    wish = tidied(wish, said.cues)
    if not wish and not filters.any and not without:
        return Plan("say", said.lang, kind="empty")
    do = "find" if fresh or not said.scene.asked else "refine"
    return Plan(do, said.lang, wish, without=without, filters=filters, channels=channels)


_LACKING_ZH = re.compile(
    r"没有?(?P<what>[^，,的]{1,6})的(?P<rest>(?!视频|片子|录像|那|结果|片段|都|吧|呢)[^，,]{1,12})"
)
"""A place without people: what lacks something is told behind it."""


def excluded(text: str, cues: Cues) -> tuple[tuple[str, ...], str]:
    """What must not be there, and the text without it."""
    found: list[str] = []
    lacking = _LACKING_ZH.fullmatch(text) if cues.lang == "zh" else None
    if lacking is not None:
        return parts(lacking["what"]), lacking["rest"]
    while len(found) < 5:
        match = cues.without.search(text)
        if match is None:
            break
        what = tidied(described(match["what"], cues), cues)
        if not what or cues.empty.fullmatch(what):
            break
        found += parts(what)
        text = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,，")
    return tuple(found), text


def parts(what: str) -> tuple[str, ...]:
    """Several things that must not be there."""
    return tuple(part for part in re.split(r"\s+(?:or|and|nor)\s+|[、或和]", what) if part.strip())
