"""What a person asks: checks of the words, and the order of events that they state."""

from __future__ import annotations

import re
import unicodedata

from whenabouts.errors import InputError

LONGEST = 2000
"""Characters of the longest query; encoders read some 30 to 80 words of it at most."""


def checked(text: str) -> str:
    """The query with runs of white space made one blank; refused when nobody can mean it."""
    if len(text) > LONGEST:
        raise InputError(
            f"the query has {len(text)} characters, the limit is {LONGEST}; "
            "say in a sentence or two what happens"
        )
    strange = [
        c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Cn") and c not in "\t\r\n"
    ]
    if strange:
        raise InputError(
            f"the query holds characters that are no text ({strange[0]!r}); "
            "pass words, or a picture or clip by its path"
        )
    words = " ".join(text.split())
    if not words:
        raise InputError("the query is empty; say what happens, for example 'a dog jumps'")
    # Letters, digits and pictures (emoji) mean something; marks and invisible characters do not.
    if not any(
        unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in words
    ):
        raise InputError(
            f"the query {ascii(words)[:80]} holds no words; "
            "say what happens, for example 'a dog jumps'"
        )
    return words


_EN = (
    # (pattern, order of its groups in time)
    (re.compile(r"(?:first,?\s+)?(.+?)[,;]?\s+(?:and\s+)?then,?\s+(.+)", re.I), (1, 2)),
    (re.compile(r"(.+?)[,;]?\s+(?:and\s+)?(?:is\s+)?followed\s+by\s+(.+)", re.I), (1, 2)),
    (re.compile(r"(?:right\s+)?after\s+(.+?),\s*(.+)", re.I), (1, 2)),
    (re.compile(r"(?:right\s+)?before\s+(.+?),\s*(.+)", re.I), (2, 1)),
    (re.compile(r"(.+?)[,;]?\s+before\s+(.+)", re.I), (1, 2)),
    (re.compile(r"(.+?)[,;]?\s+after\s+(.+)", re.I), (2, 1)),
)
_ZH = (
    (
        re.compile(r"(?:首先|先)?(.+?)[，,；;]?\s*(?:然后|接着|随后|紧接着|后来)[，,]?\s*(.+)"),
        (1, 2),
    ),
    (re.compile(r"先(.+?)[，,；;]?\s*(?:再|之后|以后|后)[，,]?\s*(.+)"), (1, 2)),
    (re.compile(r"在?(.+?)(?:之后|以后)[，,]?\s*(.+)"), (1, 2)),
    (re.compile(r"在?(.+?)后[，,]\s*(.+)"), (1, 2)),
    (re.compile(r"在?(.+?)(?:之前|以前)[，,]?\s*(.+)"), (2, 1)),
    (re.compile(r"在?(.+?)前[，,]\s*(.+)"), (2, 1)),
)
_CJK = re.compile(r"[\u3400-\u9fff]")


def in_order(text: str) -> tuple[str, ...]:
    """The events of a query that states their order, earliest first; one event otherwise.

    >>> in_order("a star appears, then it spins")
    ('a star appears', 'it spins')
    >>> in_order("圆形移动之前，星形出现")
    ('星形出现', '圆形移动')
    """
    text = text.strip(" .。!！?？")
    if len(text) > 2 and text[0] in '"“「' and text[-1] in '"”」':
        return (text,)
    for pattern, order in _ZH if _CJK.search(text) else _EN:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = [match.group(at).strip(" ,;，；。") for at in order]
        if all(_is_event(part) for part in parts):
            return tuple(event for part in parts for event in in_order(part))
    return (text,)


def _is_event(part: str) -> bool:
    """Whether a part can stand alone: a word of three letters, or two Chinese characters."""
    return len(_CJK.findall(part)) >= 2 or max(map(len, part.split()), default=0) >= 3
