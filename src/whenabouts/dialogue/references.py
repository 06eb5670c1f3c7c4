"""References in an utterance: the second one, that video, the longest, beach.mp4."""

from __future__ import annotations

import re

from whenabouts.dialogue.cues import Cues
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
_DIGITS = re.compile(r"\d+")
MOST = 6
"""References in one utterance."""


def references(text: str, cues: Cues) -> tuple[tuple[Ref, ...], str]:
    """What is referred to, in the order of the words, and the text without that."""
    found: list[tuple[int, Ref]] = []
    text = _taken(text, _FILE, "name", cues, found)
    for name, pattern in cues.most:
        match = pattern.search(text)
        if match is not None:
            found.append((match.start(), Ref("most", name=name)))
            text = _blank(text, match)
    for kind, pattern in cues.refs:
        ref_kind: RefKind = kind  # pyright: ignore[reportAssignmentType] # a table of these
        text = _taken(text, pattern, ref_kind, cues, found)
    refs = tuple(ref for _, ref in sorted(found, key=lambda one: one[0]))
    text = _LOOSE.sub("", text) if found else text
    return refs[:MOST], " ".join(text.replace("\0", " ").split()).strip(" ,，")


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


def _blank(text: str, match: re.Match[str]) -> str:
    """The same length, so that places keep."""
    return text[: match.start()] + "\0" * len(match[0]) + text[match.end() :]


def _ref(match: re.Match[str], kind: RefKind, cues: Cues) -> Ref | None:
    if kind == "name":
        return Ref("name", name=match[0].strip("\"'“”「」"))
    told = next((value for value in match.groupdict().values() if value), "").lower()
    if kind not in ("rank", "all") or not told:
        return Ref(kind)
    number = _number(told, cues)
    if number is None:
        return None
    if (
        kind == "rank"
        and match["n"]
        and (told.startswith("倒数") or "last" in match[0].lower())
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
