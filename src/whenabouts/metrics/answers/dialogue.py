"""Which video an answer of a dialogue names, in English and Chinese; times are read by `strict`."""

from __future__ import annotations

import re

_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
          "tenth")  # fmt: skip
_CHINESE = "一二三四五六七八九十"
_NAMED = re.compile(
    r"(?<![a-z])(?:video|clip|candidate|number|no\.)\s*#?\s*(?P<behind>\d+)(?![\d.]*\s*(?:s\b|-|–))"
    r"|(?<![\d.])(?P<ordinal>\d+)(?:st|nd|rd|th)\s+(?:video|clip|candidate|one)"
    rf"|(?<![a-z])(?P<word>{'|'.join(_WORDS)})\s+(?:video|clip|candidate|one)"
    r"|(?:视频|候选|片段)\s*(?P<shipin>\d+)"
    rf"|第\s*(?P<di>\d+|[{_CHINESE}])\s*(?:个|段|条|部)",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*[#(\[]?(\d+)[)\].。]?\s*$")


def named_video(answer: str, most: int) -> int | None:
    """The number from 1 to `most` of the first video that an answer names; None without one.

    A number beyond `most` is none of the candidates, so a later one counts.

    >>> named_video("第3个视频", 10), named_video("是video 3的开头", 10), named_video("at 3s", 10)
    (3, 3, None)
    """
    if bare := _BARE.match(answer):
        return _within(int(bare[1]), most)
    for found in _NAMED.finditer(answer):
        number = _number(found)
        if _within(number, most):
            return number
    return None


def _number(found: re.Match[str]) -> int:
    text = next(part for part in found.groups() if part is not None).lower()
    if text in _WORDS:
        return _WORDS.index(text) + 1
    return _CHINESE.index(text) + 1 if text in _CHINESE else int(text)


def _within(number: int, most: int) -> int | None:
    return number if 1 <= number <= most else None
