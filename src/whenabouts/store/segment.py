"""Text as the search words that the store compares: Chinese without a dictionary.

Every CJK character counts as a word and every two neighbours as another; everything else splits
into runs of letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import regex

_LONGEST = 40
"""Characters of the longest search word; the store's tokenizer drops longer ones."""

_CJK = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"
_CJK_START = regex.compile(rf"[{_CJK}]")
_ASCII_PIECE = re.compile("[a-z0-9]+(?:'[a-z0-9]+)*")
_LETTER = rf"(?![{_CJK}])[\p{{L}}\p{{N}}]"
_PIECE = regex.compile(rf"[{_CJK}]+|{_LETTER}(?:[\p{{M}}'’]*{_LETTER})*")


def segment(text: str) -> str:
    """The search words of a stored text, joined by spaces.

    >>> segment("北京大学 CLIP-2")
    '北 北京 京 京大 大 大学 学 clip 2'
    """
    found: list[str] = []
    for piece, is_cjk in _pieces(text):
        if is_cjk:
            # A character, then the pair that it starts: both "猫" and "小猫" are findable.
            found.extend(piece[at : at + n] for at in range(len(piece)) for n in (1, 2))
            found.pop()
        else:
            found.append(piece)
    return " ".join(found)


def query_words(text: str) -> list[str]:
    """The different search words of a query, in order.

    Of longer Chinese runs only the pairs count: the characters alone would find "机器" for "飞机".

    >>> query_words("北京大学 猫 CLIP-2 clip")
    ['北京', '京大', '大学', '猫', 'clip', '2']
    """
    found: list[str] = []
    for piece, is_cjk in _pieces(text):
        if is_cjk and len(piece) > 1:
            found.extend(piece[at : at + 2] for at in range(len(piece) - 1))
        else:
            found.append(piece)
    return list(dict.fromkeys(found))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Runs of letters and digits with whether they are CJK; width and case do not matter."""
    if text.isascii():  # most texts, and five times as fast
        for match in _ASCII_PIECE.finditer(text.lower()):
            yield match.group().replace("'", "")[:_LONGEST], False
        return
    for match in _PIECE.finditer(unicodedata.normalize("NFKC", text).casefold()):
        piece = match.group()
        is_cjk = _CJK_START.match(piece) is not None
        yield (piece if is_cjk else _plain(piece)[:_LONGEST]), is_cjk


def _plain(word: str) -> str:
    """Without accents and apostrophes, so that "l'été" is found by "lete" and by "l’ete"."""
    letters = unicodedata.normalize("NFD", word)
    return "".join(c for c in letters if not unicodedata.combining(c) and c not in "'’")
