"""Text as the search words that the store compares: Chinese without a dictionary.

Every CJK character counts as a word and every two neighbours as another; everything else splits
into runs of letters and digits. Stored text and queries go through the same function.
"""

from __future__ import annotations

import unicodedata

import regex

_LONGEST = 40
"""Characters of the longest search word; the store's tokenizer drops longer ones."""

_CJK = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}"
_PIECE = regex.compile(rf"[{_CJK}]+|[^\W_{_CJK}](?:[\p{{M}}'’]?[^\W_{_CJK}])*")


def segment(text: str) -> str:
    """The search words of `text`, joined by spaces.

    >>> segment("北京大学 CLIP-2")
    '北 北京 京 京大 大 大学 学 clip 2'
    """
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The search words of `text` in order, repeats kept."""
    found: list[str] = []
    for match in _PIECE.finditer(unicodedata.normalize("NFKC", text).casefold()):
        piece = match.group()
        if regex.match(rf"[{_CJK}]", piece):
            for at, character in enumerate(piece):
                found.append(character)
                found.extend([piece[at : at + 2]] if at + 1 < len(piece) else [])
        else:
            found.append(_plain(piece)[:_LONGEST])
    return found


def _plain(word: str) -> str:
    """Without accents and apostrophes, so that "l'été" is found by "lete" and by "l’ete"."""
    letters = unicodedata.normalize("NFD", word)
    return "".join(c for c in letters if not unicodedata.combining(c) and c not in "'’")
