"""Places in a list, however they are counted: fourth from the top, last but two, 倒着数第二个.

What is found here is found before the tables of `Cues.refs`, which know the other ways to refer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from whenabouts.dialogue import places_en, places_zh
from whenabouts.dialogue.plan import Lang, Ref

Found = list[tuple[int, Ref]]
Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[Ref, ...]]]
"""A turn of phrase, and what it refers to; nothing where it only looks like it."""


def places(text: str, lang: Lang) -> tuple[Found, str]:
    """What is found, with its place in the text, and the text with blanks there.

    >>> places("show the fourth from the bottom", "en")[0]
    [(5, Ref(kind='rank', number=-4, name=''))]
    """
    found: Found = []
    text = text.translate(places_zh.STROKES).replace("\u20e3", "") if lang == "zh" else text
    for pattern, told in (places_zh if lang == "zh" else places_en).RULES:
        at = 0
        while (match := pattern.search(text, at)) is not None:
            refs = told(match)
            at = match.end() if match.end() > match.start() else match.end() + 1
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if refs:
                found += [(start, ref) for ref in refs]
                text = text[:start] + "\0" * (end - start) + text[end:]
    return found, text
