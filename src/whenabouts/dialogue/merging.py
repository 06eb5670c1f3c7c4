"""A change to what is wanted, made in its words: the same but green."""

from __future__ import annotations

import re
from collections.abc import Sequence

from whenabouts.dialogue.cues import Cues

_ARTICLES = re.compile(r"^(?:an?|the|some|with|in|on|at|is|are)\s+", re.I)
_NUMERALS = "一两二三四五六七八九十"
_COUNTED_ZH = re.compile(
    rf"(?P<n>[{_NUMERALS}])(?P<unit>[个只颗条辆位名头匹张块朵棵座把件杯根])的?"
)
_PLACED_ZH = re.compile(r"^(?:里面?|上面?|中|的|[，, ])+")
_MORE_ZH = re.compile(r"^(?:更|再|稍微?|要)+|(?:一?(?:点儿?|些))?(?:的)?$")
_IS_EN = re.compile(
    r"(?:the|that|his|her|their|its)\s+(?P<of>[\w-]+)\s+(?:is|was|were|are|should\s+be|must\s+be)\s+"
    r"(?:actually\s+|really\s+|more\s+like\s+)?(?P<what>[\w-]+)",
    re.I,
)
_IS_ZH = re.compile(
    r"(?:那[个辆只条]?)?(?P<of>[^，,是的]{1,4}?)(?:其实|应该|好像|可能)?是(?P<what>[^，,]{1,6}?)的?"
)
_SMALL = frozenset(("a", "an", "the", "some", "with", "in", "on", "at", "is", "are", "of", "and",
                    "it", "to", "by", "one"))  # fmt: skip


def changed(wants: Sequence[str], text: str, instead: Sequence[str], cues: Cues) -> tuple[str, ...]:
    """What is wanted after `text` took the place of something in it; added where it cannot.

    >>> from whenabouts.dialogue.planner_en import EN
    >>> changed(("a woman cooking pasta",), "a man", (), EN)
    ('a man cooking pasta',)
    """
    for old in instead:
        for at, want in enumerate(wants):
            fresh = _put(want, old, text, cues)
            if fresh is not None:
                return (*wants[:at], fresh, *wants[at + 1 :])
    for at in range(len(wants) - 1, -1, -1):
        fresh = _swapped(wants[at], text, cues)
        if fresh is not None:
            return (*wants[:at], fresh, *wants[at + 1 :])
    return (*wants, text)


def nouns(wants: Sequence[str], cues: Cues) -> frozenset[str]:
    """Words of what is wanted that stand for something."""
    known = {word for row in cues.kinds for word in row}
    text = " ".join(wants).lower()
    if cues.lang == "zh":
        return frozenset(word for word in known if word in text)
    words = re.findall(r"[\w-]+", text)
    return frozenset(word for word in words if len(word) > 2 and word not in _SMALL)


def joined(wants: Sequence[str], lang: str) -> str:
    """All that is wanted in one line."""
    return ("，" if lang == "zh" else ", ").join(wants)


def _put(want: str, old: str, text: str, cues: Cues) -> str | None:
    """`want` with `old` replaced; None where it does not have it."""
    if cues.lang == "zh":
        return want.replace(old, text, 1) if old and old in want else None
    bare_old, bare_text = _ARTICLES.sub("", old), _ARTICLES.sub("", text)
    if not bare_old:
        return None
    for ending in ("", r"(?:s|es|ed|ing)"):  # it bounces, it doesn't spin
        fresh, count = re.subn(
            rf"(?<!\w){re.escape(bare_old)}{ending}(?!\w)",
            lambda _: bare_text, want, count=1, flags=re.I,
        )  # fmt: skip
        if count:
            return fresh
    return None


def _swapped(want: str, text: str, cues: Cues) -> str | None:
    """`want` with words of `text` in the place of words of their kind; None unless all find one."""
    counted = _COUNTED_ZH.fullmatch(text) if cues.lang == "zh" else None
    if counted is not None:  # 三颗的
        fresh, count = re.subn(rf"[{_NUMERALS}](?={counted['unit']})", counted["n"], want, count=1)
        return fresh if count else None
    words = kind_words(text, cues) or kind_words(_quality(text, want, cues), cues)
    if not words:
        return None
    for word in words:
        row = next(row for row in cues.kinds if word in row)
        fresh = _exchange(want, word, row, cues)
        if fresh is None:
            return None
        want = fresh
    return want


def _quality(text: str, want: str, cues: Cues) -> str:
    """What is said of something that is wanted: the car was white, of a car."""
    match = (_IS_ZH if cues.lang == "zh" else _IS_EN).fullmatch(text.strip())
    return match["what"] if match is not None and match["of"].lower() in want.lower() else ""


def kind_words(text: str, cues: Cues) -> list[str]:
    """The words of a change, where all of them are of some kind."""
    if cues.lang == "zh":
        known = sorted({word for row in cues.kinds for word in row}, key=len, reverse=True)
        found: list[str] = []
        rest = _MORE_ZH.sub("", text)
        while rest:
            word = next((word for word in known if rest.startswith(word)), None)
            if word is None:
                return []
            found.append(word)
            rest = _PLACED_ZH.sub("", rest[len(word) :])
        return found
    known = {word for row in cues.kinds for word in row}
    words = [_plain(word, known) for word in re.findall(r"[\w-]+", text.lower())]
    words = [word for word in words if word not in _SMALL]
    return words if words and all(word in known for word in words) else []


def _plain(word: str, known: set[str]) -> str:
    """A comparative as the word that it is made of: bigger is big."""
    ways = (word[:-2], word[:-1], word[:-3], word[:-3] + "y") if word.endswith("er") else ()
    return word if word in known else next((way for way in ways if way in known), word)


def _exchange(want: str, word: str, row: frozenset[str], cues: Cues) -> str | None:
    if cues.lang == "zh":
        there = [other for other in sorted(row, key=len, reverse=True) if other in want]
        return want.replace(there[0], word, 1) if there else None
    for match in re.finditer(r"[\w-]+", want):
        other = match[0].lower()
        single = other[:-2] if other.endswith(("xes", "sses")) else other.removesuffix("s")
        if other in row:
            return want[: match.start()] + word + want[match.end() :]
        if single in row:
            plural = word + ("es" if word.endswith(("x", "s")) else "s")
            return want[: match.start()] + plural + want[match.end() :]
    return None
