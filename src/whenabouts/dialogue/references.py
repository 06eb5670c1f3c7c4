"""References in an utterance: the second one, that video, the longest, beach.mp4."""

from __future__ import annotations

import re

from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.places import places
from whenabouts.dialogue.plan import Ref, RefKind

_FILE = re.compile(
    r"[\"'“「]?(?:[\w\-.()]+)\.(?:mp4|mov|mkv|avi|webm|m4v|gif|jpe?g|png|mp3|wav|flac|m4a|mpg|ts|ogv)\b[\"'”」]?",
    re.I | re.ASCII,
)
_LOOSE = re.compile(
    r"\b(?:in|of|from|on|at|for|with|about|inside)\s*\0+[,\s]*|在\0+(?:里面|里|中)?|(?<=\0)(?:里面|里|中)",
    re.I,
)
"""A preposition whose reference was taken out goes with it."""
_APART = re.compile(
    r"\s*(?:,|，|、|\band\b|\bwith\b|\bor\b|\bvs\.?|\bversus\b|&|和|跟|与|及|比)\s*", re.I
)
_BESIDE_EN = re.compile(
    r"\b(?:the\s+)?(?:one|video|clip|result)\s+(?:that\s+(?:is|comes)\s+)?(?:right\s+|just\s+|directly\s+|immediately\s+|straight\s+)*"
    r"(?P<way>after|below|under|beneath|following|past|before|above|preceding|over|in\s+front\s+of)\s+"
    r"(?:the\s+|number\s+|no\.?\s+|#)*(?P<nth>first|second|third|fourth|fifth|sixth|seventh|1st|2nd|3rd|\dth|\d|two|three|four|five|six|last)\b(?:\s+one)?(?!\s+second)",
    re.I,
)
_BESIDE_ZH = re.compile(
    r"第(?P<nth>[一二三四五六七八九]|\d{1,2})个?(?:的)?(?P<way>后面?|下面?|上面?|前面?|之后|之前)(?:紧挨着)?的?那(?:一)?[个条段]"
)
"""A result by its neighbour: the one right after the second."""
_UP = ("before", "above", "preceding", "over", "in front of", "上", "前", "上面", "前面", "之前")
_FROM_THE_END = re.compile(r"\b(?:last|bottom|end)\b", re.I)
_DIGITS = re.compile(r"\d+")
MOST = 6
"""References in one utterance."""


def references(text: str, cues: Cues) -> tuple[tuple[Ref, ...], str]:
    """What is referred to, in the order of the words, and the text without that."""
    found, text = _found(text, cues)
    refs = tuple(ref for _, ref in found)
    if any(ref.kind == "rank" or ref.number for ref in refs):  # both of the first two are two
        refs = tuple(ref for ref in refs if ref != Ref("all"))
    text = _LOOSE.sub("", text) if found else text
    return refs[:MOST], " ".join(text.replace("\0", " ").split()).strip(" ,，")


def marked(text: str, cues: Cues) -> str:
    """The text with a mark for each reference: `one`, `several` or `it` between brackets.

    >>> from whenabouts.dialogue.planner_en import EN
    >>> marked("not the first, number two", EN)
    'not [one] , [one]'
    """
    found, text = _found(text, cues)
    starts: dict[int, str] = {}
    for at, ref in found:
        mark = "it" if ref.kind == "focus" else "several" if ref.kind == "all" else "one"
        starts[at] = "several" if at in starts else mark
    pieces = [f" [{starts[at]}] " if at in starts else letter for at, letter in enumerate(text)]
    return " ".join("".join(pieces).replace("\0", "").split())


def _found(text: str, cues: Cues) -> tuple[list[tuple[int, Ref]], str]:
    """References with their places, and the text with blanks there."""
    found: list[tuple[int, Ref]] = []
    beside = _BESIDE_ZH if cues.lang == "zh" else _BESIDE_EN
    text = beside.sub(lambda match: _neighbour(match, cues), text)
    text = cues.lists.sub(lambda match: _spelled(match, cues), text)
    text = _taken(text, _FILE, "name", cues, found)
    tables = list(cues.refs)
    for _, pattern in (row for row in tables if row[0] == "met"):
        text = _taken(text, pattern, "met", cues, found)
    counted, text = places(text, cues.lang)
    found += counted
    for name, pattern in cues.most:
        match = pattern.search(text)
        if match is not None:
            found.append((match.start(), Ref("most", name=name)))
            text = _blank(text, match)
    for kind, pattern in tables:
        ref_kind: RefKind = kind  # pyright: ignore[reportAssignmentType] # a table of these
        text = _taken(text, pattern, ref_kind, cues, found)
    return sorted(found, key=lambda one: one[0]), text


def _taken(
    text: str, pattern: re.Pattern[str], kind: RefKind, cues: Cues, found: list[tuple[int, Ref]]
) -> str:
    """The text with every match blanked out; what they refer to goes into `found`."""
    at = 0
    while len(found) < MOST:
        match = pattern.search(text, at)
        if match is None:
            break
        at = match.end()
        ref = _ref(match, kind, cues)
        if ref is not None:
            found.append((match.start(), ref))
            text = _blank(text, match)
    return text


def numbers_in(text: str, cues: Cues) -> tuple[list[Ref], str]:
    """Bare numbers of results, and the text without them."""
    refs: list[Ref] = []
    for match in cues.counted.finditer(text):
        number = _number(match["n"], cues)
        refs += [Ref("rank", number)] if number else []
    return refs, cues.counted.sub(" ", text)


def _spelled(match: re.Match[str], cues: Cues) -> str:
    """Several numbers behind one word, each with a word of its own."""
    told = next(value for value in match.groupdict().values() if value)
    numbers = [_number(part, cues) for part in _APART.split(told)]
    word = "和" if cues.lang == "zh" else " and "
    return word.join(f"#{number}" for number in numbers if number)


def _neighbour(match: re.Match[str], cues: Cues) -> str:
    """The number of the result beside another."""
    number = _number(match["nth"].lower(), cues)
    if not number:
        return match[0]
    up = " ".join(match["way"].lower().split()) in _UP
    if number < 0:
        return "the last but one" if up else match[0]
    return f"#{max(1, number - 1 if up else number + 1)}"


def _blank(text: str, match: re.Match[str]) -> str:
    """The same length, so that places keep."""
    return text[: match.start()] + "\0" * len(match[0]) + text[match.end() :]


def _ref(match: re.Match[str], kind: RefKind, cues: Cues) -> Ref | None:
    if kind == "name":
        return Ref("name", name=match[0].strip("\"'“”「」"))
    told = next((value for value in match.groupdict().values() if value), "").lower()
    if kind == "met" and not told:
        return Ref("met", 1)
    if kind not in ("rank", "all", "met") or not told:
        return Ref(kind)
    number = _number(told, cues)
    if number is None:
        return None
    if kind == "all" and match.groupdict().get("n2"):
        return Ref(kind, -number)
    if (
        kind == "rank"
        and match.groupdict().get("n")
        and (told.startswith("倒数") or _FROM_THE_END.search(match[0]))
        and number > 0
    ):
        number = -number
    return Ref(kind, number)


def _number(text: str, cues: Cues) -> int | None:
    digits = _DIGITS.search(text)
    if digits is not None:
        return int(digits[0])
    if text in cues.numbers:
        return cues.numbers[text]
    for word in sorted(cues.numbers, key=len, reverse=True):
        if word in text:
            return cues.numbers[word]
    return None
