"""Reading an utterance: which of the things a planner can do is asked for, and about what.

Deterministic and without a library: the same words against the same `Scene` give the same `Plan`.
The words of each language are data in `planner_en.py` and `planner_zh.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from whenabouts.dialogue import about_results, wishes
from whenabouts.dialogue.acting import act_on
from whenabouts.dialogue.gist import gist, more_like
from whenabouts.dialogue.hunch import guess, label
from whenabouts.dialogue.naming import judged, named
from whenabouts.dialogue.pieces import ENDS, cleaned, stripped
from whenabouts.dialogue.plan import FOCUS, Lang, Plan, Ref, Scene
from whenabouts.dialogue.planner_en import EN
from whenabouts.dialogue.planner_zh import ZH
from whenabouts.dialogue.references import numbers_in, references
from whenabouts.dialogue.said import Said
from whenabouts.dialogue.spoken import plain
from whenabouts.dialogue.verdicts import verdict

LONGEST = 2000
"""Characters of an utterance that are read."""
SHORT = 300
"""Longer ones are descriptions and nothing else."""
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_ONE = re.compile(r"\b(?:it|that|this)\b|[这那]个?(?!些)|它(?!们)", re.I)
"""A word for the one that is talked about."""
_MORE = re.compile(r"\b(?:more|another|others?)\b|[再多更]|\d个", re.I)
_INSTEAD_ZH = re.compile(
    r"(?!.*(?:什么|谁|怎么|几[个只条次]|多少|哪|是不是|还是|会不会|能不能|它|[他她]))(?:那么?|要是|如果|有没有)?(?P<what>\S{2,12}?)的?(?:呢|有吗|有没有|吗)"
)
"""Asked of a list: 那黄色的车呢."""
_ANEW = re.compile(
    r"(?:(?:now|next|please|and|ok(?:ay)?|so|can\s+you|could\s+you)[,\s]+)*(?:find|search|look\s+for|looking\s+for|locate)\b"
    r"|(?:现在|接下来|请|再|帮我|给我|我想|我要|来)*(?:找|搜|查)",
    re.I,
)
"""Another search by its first word."""
_MAY_BE = 0.1
"""What the rules say stands if it is at least as probable."""
_NO_TIME = ("find", "refine", "similar", "undo", "show")
"""Acts for which nobody asks when, or for the part before."""
_WHO = re.compile(r"(?:who|which)\s+\w{2,}s\s", re.I)
"""Without a question mark more of what was described: who chases a ball."""


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
    if len(text) > LONGEST:
        return Plan("say", lang, kind="long")
    words = made_plain(text, lang)
    if not any(unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in text):
        return Plan(
            "say", lang, kind="help" if text.strip(" ?？") == "" and text.strip() else "empty"
        )
    if any(unicodedata.category(c) in ("Cs", "Cn") for c in text):
        return Plan("say", lang, kind="strange")
    said = heard(text, words, scene, now)
    if len(words) > SHORT:
        return wishes.plain(said) or Plan("say", lang, kind="empty")
    return decided(said, ruled(said))


def made_plain(text: str, lang: Lang) -> str:
    """An utterance without marks, politeness and slips."""
    return stripped(plain(stripped(cleaned(text), lang), lang), lang)


def heard(text: str, words: str, scene: Scene, now: datetime) -> Said:
    """An utterance, `words` when it is made plain, before anything is decided."""
    cues = ZH if language(text[:LONGEST], scene.lang) == "zh" else EN
    refs, bare = references(words[:SHORT], cues)
    if not refs and scene.shown and not _MORE.search(words):
        counted, rest = numbers_in(cues.small.sub(" ", words).strip(), cues)
        if len(counted) == 1 and not rest.strip():  # I'd go with three
            refs, bare = tuple(counted), numbers_in(words, cues)[1]
    raw = cleaned(text).strip(ENDS)
    return Said(words, cues, scene, now, refs, bare, raw, text.rstrip().endswith(("?", "？")))


def ruled(said: Said) -> Plan:
    """What the rules make of it: the first that fits."""
    plans = (step(said) for step in _STEPS)
    return next((plan for plan in plans if plan is not None), Plan("say", said.lang, kind="empty"))


def decided(said: Said, plan: Plan) -> Plan:
    """The rules' plan, or that of another act where what was learned speaks against them."""
    if plan.then is not None or plan.do == "reply" or plan.kind == "empty":
        return plan
    told = guess(said, plan)
    kept = told.ruled > _MAY_BE
    kept = kept or (told.label == "find" and plan.do in ("refine", "filter"))  # both are searches
    kept = kept or (told.label == "refine" and plan.do == "find" and _begins_anew(said))
    kept = kept or (plan.do in ("moment", "step") and told.label in _NO_TIME)  # a time was named
    if told.label != label(plan) and not kept:
        plan = act_on(said, told.label) or plan
    return named(said, judged(said, plan))


def _begins_anew(said: Said) -> bool:
    """Whether a search says so, or describes at length: nothing of the last one is needed."""
    full = len(said.text) > (18 if said.lang == "zh" else 60)
    return full or _ANEW.match(said.text) is not None


def _answers(said: Said) -> Plan | None:
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


def _talk(said: Said) -> Plan | None:
    for kind, pattern in said.cues.talk:
        if pattern.fullmatch(said.text) or pattern.fullmatch(said.raw):
            return Plan("say", said.lang, kind=kind)
    return None


def _steering(said: Said) -> Plan | None:
    """Undo, begin anew, more of the list, all wrong."""
    cues, text = said.cues, said.text
    inside = said.scene.moment and (cues.before.fullmatch(text) or cues.after.fullmatch(text))
    if said.ranked or inside:
        return None
    if cues.undo.fullmatch(text) or (
        cues.undoing.search(text) and not cues.undo_words.sub("", text).strip()
    ):
        return Plan("undo", said.lang)
    both = verdict(text, cues) if said.has else None
    if both is not None and both.disliked:
        return both
    if said.cues.restart.fullmatch(said.text):
        return Plan("restart", said.lang)
    if said.cues.more.fullmatch(said.text):
        return Plan("more", said.lang)
    if said.cues.rejects.fullmatch(said.text):
        one = (said.scene.picked or said.scene.moment) and _ONE.search(text)
        refs = (FOCUS,) if one else (Ref("all"),)
        return Plan("judge", said.lang, refs=refs, step=-1, rejects=not one)
    return None


def _two(said: Said) -> Plan | None:
    """Two wishes at once: cut that, and find me something like it indoors."""
    match = said.cues.both.fullmatch(said.text)
    if match is None:
        return None
    first = read(match["first"], said.scene, said.now)
    if first.do not in ("export", "play", "judge", "show"):
        return None
    second = read(match["what"], said.scene, said.now)
    return replace(first, then=second) if second.do != "say" else None


def _question(said: Said) -> Plan | None:
    """A question that asks for videos, or one about the video that is talked about."""
    match = said.cues.exists.fullmatch(said.text)
    if match is not None and not (said.scene.focus and said.refs):
        what = next((value for value in match.groups() if value), "")
        return wishes.found(said, what, fresh=True)
    asks = said.cues.asks.search(said.text) or (said.ranked and said.cues.asks.search(said.bare))
    if not asks and not said.asks:
        return None
    if (
        said.lang == "zh"
        and said.scene.asked
        and not said.refs
        and not (said.scene.picked or said.scene.moment)
    ):
        match = _INSTEAD_ZH.fullmatch(said.text)
        if match is not None:
            return wishes.otherwise(said, match["what"])
    if _WHO.match(said.text) and not said.asks and not said.scene.picked:
        return None
    if not asks or not (said.scene.shown or said.scene.focus):
        return None
    return Plan("answer", said.lang, said.text, said.refs)


_STEPS: tuple[Callable[[Said], Plan | None], ...] = (
    _answers, _talk, _steering, wishes.anew, _two, about_results.compare, about_results.time,
    about_results.similar, about_results.fact, about_results.deed, more_like,
    about_results.judge,
    about_results.pick, about_results.varied, about_results.moment, gist, wishes.variation,
    _question, wishes.correction, wishes.addition, wishes.spoken_of, wishes.search,
)  # fmt: skip
