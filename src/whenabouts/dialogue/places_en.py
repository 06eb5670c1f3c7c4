"""English ways to count a place in a list: data, read by `places.py`."""

from __future__ import annotations

import re

from whenabouts.dialogue.placed import Told, between, few, fixed, letter, ranged
from whenabouts.dialogue.plan import Ref

_NTHS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NTH = rf"(?:{'|'.join(_NTHS)}|\d{{1,2}}(?:st|nd|rd|th))"
_N = rf"(?:{'|'.join(_COUNTS)}|\d{{1,2}})"
_ONE = r"(?:one|video|vid|clip|result|hit|film|movie|file|recording|match|candidate|option|item|entry|row|suggestion|find|pick|choice|thumbnail|tile|line|card)"
_JUST = r"(?:right\s+|just\s+|directly\s+|immediately\s+|straight\s+)*"
_IT = r"(?:it|that|this|there|here)(?:\s+one)?"
_UP = r"above|over|before|in\s+front\s+of|ahead\s+of|preceding|up|higher|earlier"
_DOWN = r"below|under|underneath|beneath|after|behind|following|past|down|lower|further(?:\s+down)?|on|along|later"
_LEAD = (
    r"^(?:(?:and|ok(?:ay)?|so|now|please|no|then|show|open|see|take|pick|play|give|get|try|want|go|move|jump|me|us|to|i|i'll|"
    r"let's|let|can|you|we|the|have|look|at)[,\s]+)*"
)
_BEHIND = (
    r"(?=\s*(?:$|[,.;:!?)&])|\s+(?:i|you|we|they|he|she|it|is|are|was|were|be|been|has|have|had|do|does|did|"
    r"can|could|will|would|should|shall|might|may|must|not|and|or|but|nor|so|then|than|too|also|though|"
    r"please|instead|again|now|here|there|in|on|at|of|from|to|with|for|by|as|if|when|while|because|any|"
    r"which|that|that's|who|where|looks?|seems?|feels?|sounds?|fits?|works?|match(?:es)?|wins?|comes?|goes|gets?|"
    r"shows?|plays?|contains?|got|only|just|maybe|probably|really|still|already|yet|"
    r"better|worse|longer|shorter|thanks|cheers|isn't|wasn't|doesn't|didn't|hasn't|can't|won't|perhaps|"
    r"rather|right|over|up|out|off|back|against|versus|vs|plus|alone|today|once|more|quickly|definitely)\b)"
)
"""What may stand behind a place that has no noun: nothing, a mark, or a word that is none."""
_NO_UNIT = r"(?!\s*(?:-\s*)?(?:s|secs?|seconds?|min(?:ute)?s?|hours?|hrs?|times?|people|of\s+them|days?|weeks?|months?|years?|[ap]m|%|x)\b)(?![\d.:])"


def number(text: str) -> int:
    """The number that an ordinal or a numeral stands for; the last is -1."""
    text = text.lower()
    if text in ("last", "final", "bottom"):
        return -1
    if text in _NTHS:
        return _NTHS.index(text) + 1
    return _COUNTS.index(text) + 1 if text in _COUNTS else int(re.sub(r"\D", "", text))


def _rank(sign: int = 1, more: int = 0) -> Told:
    def told(match: re.Match[str]) -> tuple[Ref, ...]:
        value = number(match["n"])
        value = value if value < 0 else sign * (value + more)
        return (Ref("rank", value),) if value else ()

    return told


def _many(match: re.Match[str]) -> int:
    """How many places away: two, of two places."""
    told = match.groupdict().get("many")
    return number(told.split()[0]) if told else 1


def _up(match: re.Match[str]) -> bool:
    return re.fullmatch(_UP, " ".join(match["way"].lower().split())) is not None


def _anchored(match: re.Match[str]) -> tuple[Ref, ...]:
    """A neighbour of a place: two after the first."""
    many = _many(match)
    base = number(match["n"])
    value = base - many if _up(match) else base + many
    return (Ref("rank", value),) if (value < 0) == (base < 0) and value else ()


def _near(match: re.Match[str]) -> tuple[Ref, ...]:
    """A neighbour of what is talked about."""
    return (Ref("next", -_many(match) if _up(match) else _many(match)),)


def _before_last(match: re.Match[str]) -> tuple[Ref, ...]:
    return (Ref("rank", -1 - _many(match)),) if _up(match) else ()


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_range, _between, _few = ranged(number), between(number), few(number, "two")

RULES: tuple[tuple[re.Pattern[str], Told], ...] = (
    (_any(r"\bboth\s+(?:of\s+)?the\s+(?P<n>last|bottom|final)(?:\s+ones?)?\b"), fixed(Ref("all", -2))),
    (_any(r"\bboth\s+(?:of\s+)?the\s+(?:first|top)(?:\s+ones?)?\b"), fixed(Ref("all", 2))),
    (_any(r"\b(?:all|these|those|both|the)\s+(?:of\s+(?:these|those|the)\s+)?(?P<n>two|three|four)(?=\s*(?:$|[,.?!]|(?:ones|videos|clips|results|i|we|you|that|are|were|look|have|has|differ|side|please|as|together|apart)\b))(?:\s+(?:ones|videos|clips|results)\b)?|\bboth(?:\s+of\s+(?:them|these|those))?\b"), _few),
    (_any(rf"\b(?:the\s+)?{_ONE}\s+(?:that\s+is\s+|that's\s+)?(?:in\s+)?between\s+(?:the\s+|numbers?\s+|#)*(?P<low>{_NTH}|{_N})(?:\s+{_ONE})?\s+and\s+(?:the\s+|#)*(?P<high>{_NTH}|{_N})\b(?:\s+{_ONE})?"), _between),
    (_any(rf"\b(?:the\s+)?(?:{_ONE}\s+)?(?P<many>{_N}\s+(?:(?:ones?|places?|rows?)\s+)?)?{_JUST}(?P<way>before|after)\s+(?:the\s+)?(?P<n>last|final)\b(?:\s+{_ONE})?(?=\s*(?:$|[,.?!]|please|is\b|has\b))"), _before_last),
    (_any(rf"\b(?:the\s+)?(?:{_ONE}|video|clip)\s+(?:that\s+(?:is|comes)\s+|that's\s+|listed\s+|shown\s+)?(?P<many>(?:two|three|four|\d)\s+(?:(?:places|ones|rows)\s+)?)?{_JUST}(?P<way>above|over|before|in\s+front\s+of|ahead\s+of|preceding|below|under|underneath|beneath|after|behind|following|past)\s+(?:the\s+|number\s+|no\.?\s+|#)*(?P<n>{_NTH}|\d{{1,2}}|two|three|four|five|six)\b(?:\s+{_ONE})?(?!\s+(?:second|time|kiss|dance|scene|goal|jump)s?)"), _anchored),
    (_any(rf"\b(?:the\s+)?(?P<n>{_NTH})(?:[\s-]+{_ONE})?[\s-]+(?:(?:to|from)[\s-]+(?:the[\s-]+)?(?:very\s+)?)(?:last|end|bottom|back)\b(?:\s+{_ONE})?(?:\s+of\s+the\s+list)?"), _rank(-1)),
    (_any(rf"\b(?:the\s+)?(?P<n>second|third|fourth|2nd|3rd|4th)[\s-]+last\b(?:\s+{_ONE})?"), _rank(-1)),
    (_any(rf"\b(?:the\s+)?last\s+but\s+(?P<n>one|two|three)\b(?:\s+{_ONE})?"), _rank(-1, 1)),
    (_any(rf"\b(?:the\s+)?(?P<n>{_N})\s+(?:up\s+)?from\s+(?:the\s+)?(?:very\s+)?(?:end|bottom|last)\b"), _rank(-1)),
    (_any(rf"\b(?:the\s+)?antepenultimate(?:\s+{_ONE})?\b"), fixed(Ref("rank", -3))),
    (_any(rf"\b(?:the\s+)?(?:penultimate|next[\s-]+to[\s-]+(?:the\s+)?last|one\s+before\s+(?:the\s+)?last)(?:\s+{_ONE})?\b"), fixed(Ref("rank", -2))),
    (_any(rf"\b(?:the\s+)?(?:one\s+after\s+next|next\s+but\s+one|one\s+after\s+the\s+next)(?:\s+{_ONE})?\b"), fixed(Ref("next", 2))),
    (_any(rf"\b(?:the\s+|and\s+the\s+)?(?:{_ONE}|neighbou?r)\s+(?:that\s+is\s+|that's\s+|which\s+is\s+|listed\s+|shown\s+|placed\s+|sitting\s+|standing\s+)?{_JUST}(?P<way>above|over|in\s+front\s+of|ahead\s+of|preceding|below|under|underneath|beneath|following|behind)(?:\s+{_IT})?(?=\s*(?:$|[,.?!]|please|in\s+the\s+list))"), _near),
    (_any(rf"\b(?:the\s+)?{_ONE}\s+(?:that\s+is\s+|that's\s+)?(?:(?:listed|shown|placed)\s+{_JUST}|(?:right|just|directly|immediately)\s+)(?P<way>before|after)\s+{_IT}(?:\s+in\s+the\s+list)?(?=\s*(?:$|[,.?!]|please))"), _near),
    (_any(rf"\b(?:the\s+)?{_ONE}\s+{_JUST}(?P<way>before|after)\s+{_IT}\s+in\s+the\s+list"), _near),
    (_any(rf"(?:^|[,.]\s*|\b(?:show|open|see|want|take|and)\s+)(?P<it>{_JUST}(?P<way>above|below|under|underneath|beneath)\s+{_IT})(?=\s*(?:$|[,.?!]|please))"), _near),
    (_any(rf"{_LEAD}(?P<it>(?P<many>{_N})\s+(?:ones?\s+|places?\s+|rows?\s+|steps?\s+|entries\s+|more\s+|further\s+)*(?P<way>up|down|below|above|lower|higher|further(?:\s+down)?|under|along)(?:\s+(?:from\s+)?{_IT})?)(?:[,\s]+please)?$"), _near),
    (_any(rf"(?:^|\b(?:numbers?|nos?\.?|videos|clips|results|hits|ones|items|from|show|open|see|play|export|save|compare|take|keep|the)\s+)(?P<it>(?:the\s+|#)*(?P<low>{_NTH}|{_N})\s*(?:to|thru|through|till|until|up\s+to|-|–)\s*(?:the\s+|#)*(?P<high>{_NTH}|{_N}))\b(?:\s+{_ONE}s?\b)?{_NO_UNIT}(?=\s*(?:$|[,.?!]|please|as\b|are\b|and\b|in\b|to\b|look|side))"), _range),
    (_any(rf"\b(?:the\s+)?(?P<n>{_NTH})(?:\s+{_ONE})?\s+(?:from\s+(?:the\s+)?(?:top|left|start|beginning|front)|down|in\s+(?:line|order|sequence)|(?:place|position|spot|slot|rank)(?=\s*(?:$|[,.?!])))\b"), _rank()),
    (_any(rf"\b(?:the\s+)?(?P<n>{_NTH}|last)\s+(?:one\s+)?of\s+(?:the|those|these|them|all)(?:\s+(?:{_N}|lot|bunch|whole\s+list|list|results|batch|set|row))?(?=\s*(?:$|[,.?!]|is\b|was\b|looks\b|and\b|or\b|please\b))"), _rank()),
    (_any(r"\b(?:the\s+)?(?:very\s+)?(?:top|head|front|start)\s+of\s+(?:the|your|this|that)\s+list\b"), fixed(Ref("rank", 1))),
    (_any(r"\b(?:the\s+)?(?:very\s+)?(?:bottom|foot|end|tail(?:\s+end)?|back)\s+of\s+(?:the|your|this|that)\s+list\b"), fixed(Ref("rank", -1))),
    (_any(rf"\b(?:the\s+)?(?P<n>last|final)\s+(?:{_ONE}\s+)?(?:(?:in|on|of)\s+(?:the|this|that|your)\s+(?:list|row|batch|set|page)|{_ONE})\b"), _rank()),
    (_any(rf"\b(?:the\s+|your\s+)?(?:bottom-?most|lowermost|lowest|rearmost|hindmost|very\s+last|bottom)(?:\s+{_ONE})(?=\s*(?:$|[,.?!]|of\b|in\b|is\b|please\b|then\b))|\bthe\s+(?:very\s+last|bottom-?most)(?=\s*(?:$|[,.?!]))"), fixed(Ref("rank", -1))),
    (_any(rf"\b(?:the\s+|your\s+)?(?:top-?most|top|best|foremost|leading|very\s+first|highest(?:-ranked)?|head|closest|number\s+one)\s+{_ONE}(?=\s*(?:$|[,.?!]|of\b|in\b|please\b|then\b))(?<!is the best match)(?<!'s the best match)|\byour\s+number\s+one\b|\bthe\s+(?:very\s+first|top-?most)(?=\s*(?:$|[,.?!]))"), fixed(Ref("rank", 1))),
    (_any(r"\b(?:the\s+)?runner[-\s]?up\b"), fixed(Ref("rank", 2))),
    (_any(r"\b(?:option|video|clip|result|candidate|choice|item|letter)\s+(?P<n>[a-h])(?=\s*(?:$|[,.?!]|please|is\b|and\b|looks\b))"), letter),
    (_any(rf"\b(?:the\s+one\s+)?(?:in\s+|at\s+)?(?:position|slot|place|row|rank|entry|item|spot|tile|card|thumbnail|pick|choice|numero|nummer|number|num|no\.?|nr\.?|n°|№)\s*(?:number\s+|no\.?\s*|#)?(?P<n>{_N})\b{_NO_UNIT}"), _rank()),
    (_any(rf"\b(?:(?:the|that|this|your)\s+)?(?:very\s+)?(?P<n>{_NTH})\s+{_ONE}\b(?!\s+(?:we|i|you)\b)"), _rank()),
    (_any(rf"\bthe\s+(?P<n>{_NTH}|last)\b{_BEHIND}(?!\s+of\b)(?!\s+(?:to|from)\s+(?:the\s+)?(?:last|end|bottom))"), _rank()),
    (_any(rf"(?:^|[,.;:!?]\s*|\b(?:and|or|not|no|show|open|see|take|play|in|say|said|meant|mean|with|than|came|ranked|listed|is|was|comes|pick|choose|try)\s+)(?P<it>(?P<n>{_NTH}))\b{_BEHIND}(?!\s+of\b)(?!\s+(?:i|we|he|she|it|they|to|from|you)\b)"), _rank()),
    (_any(rf"(?:^(?:and|so|then|ok|now|maybe|probably|say|perhaps|just|what|how)?\s*(?:about\s+)?|\b(?:in|about|for|of|with|open|show|see|pick|take|choose|play|try|export|save|like|reject|drop|bin|keep|remove|want)\s+(?:me\s+)?)(?P<it>(?P<n>\d{{1,2}}|two|three|four|five|six|seven|eight))\b{_NO_UNIT}(?=\s*(?:$|[,.?!]|(?:please|instead|again|now|is|has|does|isn't|was|looks|as|maybe|then|and|or|from)\b(?!\s+(?:\d|a\b|the\s+end))))"), _rank()),
)  # fmt: skip
