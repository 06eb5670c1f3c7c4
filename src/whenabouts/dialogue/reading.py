"""Reading an utterance: which of the things a planner can do is asked for, and about what.

Deterministic and without a library: the same words against the same `Scene` give the same `Plan`.
The words of each language are data in `planner_en.py` and `planner_zh.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from whenabouts.dialogue import limits_en, limits_zh
from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.pieces import cleaned, described, stripped, tidied
from whenabouts.dialogue.plan import FOCUS, Lang, Plan, Ref, Scene
from whenabouts.dialogue.planner_en import EN
from whenabouts.dialogue.planner_zh import ZH
from whenabouts.dialogue.references import references
from whenabouts.library.filters import Filters

LONGEST = 2000
"""Characters of an utterance that are read."""
SHORT = 300
"""Longer ones are descriptions and nothing else."""
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class _Said:
    """An utterance, as far as it is understood before anything is decided."""

    text: str
    """Without marks and politeness around it."""
    cues: Cues
    scene: Scene
    now: datetime
    refs: tuple[Ref, ...]
    bare: str
    """The text without the references."""
    asks: bool
    """Whether it ended with a question mark."""

    @property
    def lang(self) -> Lang:
        """Its language."""
        return self.cues.lang

    def limits(self, text: str) -> tuple[Filters, str]:
        """Conditions in a part of it, and what is left of that part."""
        return (limits_zh if self.lang == "zh" else limits_en).limits(text, self.now)


def language(text: str, before: Lang) -> Lang:
    """The language of an utterance; that of the conversation where it has no words of either.

    >>> language("找一只 dog", "en"), language("ok", "zh"), language("42", "zh")
    ('zh', 'en', 'zh')
    """
    if _CJK.search(text):
        return "zh"
    return "en" if _LATIN.search(text) else before


def read(text: str, scene: Scene, now: datetime) -> Plan:
    """What an utterance asks for."""
    lang = language(text[:LONGEST], scene.lang)
    cues = ZH if lang == "zh" else EN
    if len(text) > LONGEST:
        return Plan("say", lang, kind="long")
    words = stripped(cleaned(text), lang)
    if not any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in text):
        return Plan(
            "say", lang, kind="help" if text.strip(" ?？") == "" and text.strip() else "empty"
        )
    if any(unicodedata.category(c) in ("Cs", "Cn") for c in text):
        return Plan("say", lang, kind="strange")
    refs, bare = references(words[:SHORT], cues)
    said = _Said(words, cues, scene, now, refs, bare, text.rstrip().endswith(("?", "？")))
    for step in _STEPS if len(words) <= SHORT else (_plain,):
        plan = step(said)
        if plan is not None:
            return plan
    return Plan("say", lang, kind="empty")


def _answers(said: _Said) -> Plan | None:
    """An answer to our question."""
    if not said.scene.options:
        return None
    if said.cues.indifferent.fullmatch(said.text):
        return Plan("reply", said.lang, kind="none")
    text = f" {said.text.lower()} "
    short = len(said.text) <= 40
    for at, words in enumerate(said.scene.options):
        if any(_holds(text, word) for word in words) and short:
            return Plan("reply", said.lang, kind=str(at))
    return None


def _holds(text: str, word: str) -> bool:
    if _CJK.search(word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", text) is not None


def _talk(said: _Said) -> Plan | None:
    for kind, pattern in said.cues.talk:
        if pattern.fullmatch(said.text):
            return Plan("say", said.lang, kind=kind)
    return None


def _steering(said: _Said) -> Plan | None:
    """Undo, begin anew, more of the list, all wrong."""
    if said.cues.undo.fullmatch(said.text):
        return Plan("undo", said.lang)
    if said.cues.restart.fullmatch(said.text):
        return Plan("restart", said.lang)
    if said.cues.more.fullmatch(said.text):
        return Plan("more", said.lang)
    if said.cues.rejects.fullmatch(said.text):
        return Plan("judge", said.lang, refs=(Ref("all"),), step=-1, rejects=True)
    return None


def _two(said: _Said) -> Plan | None:
    """Two wishes at once: cut that, and find me something like it indoors."""
    match = said.cues.both.fullmatch(said.text)
    if match is None:
        return None
    first = read(match["first"], said.scene, said.now)
    if first.do not in ("export", "play", "judge", "show"):
        return None
    second = read(match["what"], said.scene, said.now)
    return replace(first, then=second) if second.do != "say" else None


def _similar(said: _Said) -> Plan | None:
    for pattern in said.cues.similar:
        match = pattern.fullmatch(said.text)
        if match is None:
            continue
        filters, change = said.limits(match["what"] or "")
        without, change = _excluded(change, said.cues)
        refs = references(
            said.text[: match.start("what")] if match["what"] else said.text, said.cues
        )[0]
        wish = tidied(described(change, said.cues, change=True), said.cues)
        refs = refs or (FOCUS,)
        return Plan("similar", said.lang, wish, refs, without, filters=filters, swaps=True)
    return None


def _compare(said: _Said) -> Plan | None:
    if not said.cues.compare.search(said.text) or not said.scene.shown:
        return None
    refs = tuple(ref for ref in said.refs if ref != FOCUS or len(said.refs) > 1)
    return Plan("compare", said.lang, said.text, refs)


def _time(said: _Said) -> Plan | None:
    """The part before or after, the whole video."""
    if not (said.scene.focus or said.scene.shown):
        return None
    for text in dict.fromkeys((said.text, said.bare)):
        if said.cues.whole.fullmatch(text):
            return Plan("whole", said.lang, refs=said.refs)
        if said.cues.after.fullmatch(text):
            return Plan("step", said.lang, refs=said.refs, step=1)
        if said.cues.before.fullmatch(text):
            return Plan("step", said.lang, refs=said.refs, step=-1)
    return None


def _fact(said: _Said) -> Plan | None:
    for kind, pattern in said.cues.facts:
        if pattern.search(said.text) and (kind == "count" or said.scene.shown or said.scene.focus):
            return Plan("fact", said.lang, said.text, said.refs, kind=kind)
    return None


def _moment(said: _Said) -> Plan | None:
    if said.cues.exists.fullmatch(said.text) and said.lang == "en":
        return None
    for pattern in said.cues.moment:
        match = pattern.fullmatch(said.bare) or pattern.fullmatch(said.text)
        if match is None:
            continue
        told = "".join(match.groupdict().get(name) or "" for name in ("what", "more"))
        refs, told = references(told, said.cues) if said.refs else ((), told)
        what = tidied(described(told, said.cues), said.cues)
        return Plan("moment", said.lang, what, said.refs or refs)
    return None


def _question(said: _Said) -> Plan | None:
    """A question that asks for videos, or one about the video that is talked about."""
    match = said.cues.exists.fullmatch(said.text)
    if match is not None and not (said.scene.focus and said.refs):
        what = next((value for value in match.groups() if value), "")
        return _found(said, what, fresh=True)
    if not said.cues.asks.search(said.text) and not said.asks:
        return None
    if not said.cues.asks.search(said.text) or not (said.scene.shown or said.scene.focus):
        return None
    return Plan("answer", said.lang, said.text, said.refs)


def _deed(said: _Said) -> Plan | None:
    """Export, play, show evidence."""
    play = said.cues.play.fullmatch(said.text)
    has = bool(said.scene.shown or said.scene.focus)
    if said.cues.export.search(said.text) and (has or said.refs):
        kinds = (kind for kind, words in said.cues.formats if words.search(said.text))
        return Plan("export", said.lang, refs=said.refs, kind=next(kinds, ""))
    if play is not None and has and (not play["what"] or said.refs):
        return Plan("play", said.lang, refs=said.refs)
    if said.cues.sheet.fullmatch(said.text) and has:
        return Plan("show", said.lang, refs=said.refs)
    return None


def _judge(said: _Said) -> Plan | None:
    """Liked or disliked results."""
    if not said.scene.shown and not said.scene.focus:
        return None
    for pattern, step in ((said.cues.dislikes, -1), (said.cues.likes, 1)):
        if not pattern.search(said.text):
            continue
        rest = said.cues.no.sub("", pattern.sub(" ", said.bare), count=1)
        if said.refs or len(rest.split()) <= 2 or (said.lang == "zh" and len(rest.strip()) <= 3):
            return Plan("judge", said.lang, refs=said.refs or (FOCUS,), step=step)
    return None


def _pick(said: _Said) -> Plan | None:
    """A reference that is all there is."""
    if not said.refs or not (said.scene.shown or said.scene.focus or said.scene.met):
        return None
    rest = said.bare.strip(" ,，。")
    if not (said.cues.pick.fullmatch(rest) or said.cues.empty.fullmatch(rest)):
        return None
    refs = said.refs
    if said.cues.again.search(said.text):
        refs = tuple(Ref("met", ref.number) if ref.kind == "rank" else ref for ref in refs)
    return Plan("pick", said.lang, refs=refs)


def _correction(said: _Said) -> Plan | None:
    """What begins with no, or says what something is in place of."""
    if not said.scene.asked:
        return None
    if said.cues.without.match(said.text) and not any(
        p.fullmatch(said.text) for p in said.cues.instead
    ):
        return None  # 不要有人的: an exclusion, not a correction
    begun = said.cues.no.match(said.text)
    rest = said.text[begun.end() :].strip(" ,，") if begun and begun.end() else said.text
    for pattern in said.cues.instead:
        for text in dict.fromkeys((rest, said.text)):
            match = pattern.fullmatch(text)
            if match is not None:
                return _instead(said, match)
    if rest == said.text:
        return None
    if said.cues.rejects.fullmatch(rest) or not rest:
        return Plan("judge", said.lang, refs=(Ref("all"),), step=-1, rejects=True)
    plan = _addition(replace(said, text=rest))
    if plan is None:
        plan = replace(_found(said, rest, fresh=False), swaps=True)
    return replace(plan, rejects=True)


def _instead(said: _Said, match: re.Match[str]) -> Plan | None:
    filters, what = said.limits(match["what"])
    old = tidied(described(match.groupdict().get("old") or "", said.cues), said.cues)
    wish = tidied(described(what, said.cues, change=True), said.cues)
    if not wish and not filters.any:
        return None
    olds = (old,) if old else ()
    return Plan("refine", said.lang, wish, instead=olds, filters=filters, swaps=True)


def _addition(said: _Said) -> Plan | None:
    """More about what is wanted; conditions alone."""
    if not said.scene.asked:
        return None
    filters, text = said.limits(said.text)
    if said.cues.empty.fullmatch(text) and filters.any:
        return Plan("filter", said.lang, filters=filters)
    without, text = _excluded(text, said.cues)
    if said.cues.empty.fullmatch(text) and (without or filters.any):
        return Plan("refine", said.lang, without=without, filters=filters)
    kinds = {word for row in said.cues.kinds for word in row}
    if text.lower() in kinds:
        return Plan("refine", said.lang, text, without=without, filters=filters, swaps=True)
    for pattern in said.cues.adds:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        what = tidied(described(match["what"], said.cues, change=True), said.cues)
        if what or filters.any or without:
            do = "refine" if what or without else "filter"
            kind = what.lower() in kinds
            return Plan(do, said.lang, what, (), without, filters=filters, swaps=kind)
    return None


def _search(said: _Said) -> Plan | None:
    return _found(said, said.text, fresh=True)


def _plain(said: _Said) -> Plan | None:
    """A long text describes something, whatever its words."""
    return Plan("find", said.lang, described(said.text, said.cues))


def _found(said: _Said, text: str, *, fresh: bool) -> Plan:
    """A description, with its conditions and exclusions taken out."""
    filters, text = said.limits(text)
    without, text = _excluded(text, said.cues)
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


def _excluded(text: str, cues: Cues) -> tuple[tuple[str, ...], str]:
    """What must not be there, and the text without it."""
    found: list[str] = []
    while len(found) < 5:
        match = cues.without.search(text)
        if match is None:
            break
        what = tidied(described(match["what"], cues), cues)
        if not what or cues.empty.fullmatch(what):
            break
        found += [part for part in re.split(r"\s+(?:or|and|nor)\s+|[、或和]", what) if part.strip()]
        text = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,，")
    return tuple(found), text


_STEPS: tuple[Callable[[_Said], Plan | None], ...] = (
    _answers, _talk, _steering, _two, _compare, _time, _similar, _fact, _deed, _judge, _pick,
    _moment, _question, _correction, _addition, _search,
)  # fmt: skip
