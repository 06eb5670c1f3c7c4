"""The events that a query tells of, and the order that it states for them: English and Chinese.

Small words do several jobs: `before` is a time and a place (a man before a mirror), 前 and 后 too;
`after` may be a chase. Only what can be an event is parted from the rest.
"""

from __future__ import annotations

import re

_CJK = re.compile(r"[\u3400-\u9fff]")
_EDGES = " ,.;:!?，。；：！？"

_NEXT_EN = re.compile(
    r"(?:\s*[,;.]\s*|\s+)(?:and\s+)?(?:then|after\s+that|after\s+which|afterwards?)\b\s*,?\s+"
    r"|\s*[,;.]\s*(?:and\s+)?(?:later(?:\s+on)?|finally|lastly|eventually|subsequently|"
    r"in\s+the\s+end|at\s+last|next(?!\s+to\b))\b\s*,?\s+"
    r"|(?:\s*[,;]\s*|\s+)(?:and\s+)?(?P<by>(?:(?:is|are|was|were|being)\s+)?followed\s+by)\s+",
    re.I,
)
_FIRST_EN = re.compile(r"(?:first(?:\s+of\s+all)?|at\s+first|to\s+begin\s+with)\b\s*,?\s+", re.I)
_FRONTED_EN = re.compile(
    r"(?:right\s+|just\s+|shortly\s+)?(?P<how>after|before)\s+(?P<one>[^,]+?)\s*,\s*(?P<two>.+)",
    re.I,
)
_BESIDE_EN = re.compile(
    r"[,;]?\s+(?:right\s+|just\s+|shortly\s+)?(?P<how>before|after)\s+(?=\S)", re.I
)
_CHASE_EN = re.compile(
    r"\b(?:r[au]n(?:s|ning)?|go(?:es|ing)?|went|com(?:e|es|ing)|look(?:s|ed|ing)?|rush(?:es|ed|ing)?|"
    r"hurr(?:y|ies|ied|ying)|chas(?:e|es|ed|ing)|named|called|tak(?:es?|ing)|ask(?:s|ed|ing)?)$",
    re.I,
)
_VERB_EN = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|gets?|got|being)\b|\b\w{2,}(?:ing|ed)\b"
    r"|^(?:it|he|she|they|someone|somebody|everyone|everybody|people|we|you|i)\s+\w"
    r"|^(?:an?|the|one|this|that|his|her|my|their)\s+(?:\S+\s+)+?\w{2,}[a-z](?<!s)s\b"
    r"|^(?:two|three|four|five|six|some|many|several|the)\s+(?:\S+\s+)*?\w{2,}s\s+\w",
    re.I,
)
"""A word that something is done with, judged by its ending."""

_NEXT_ZH = re.compile(
    r"\s*[，,；;。]?\s*(?:紧接着|接着|然后|随后|后来|(?:在这|在那|这|那)?(?:之后|以后))(?!的)[，,]?\s*"
    r"|\s*[，,；;。]\s*(?:最后|最终|再(?![次见说]|一[次遍回])|末了|其次|接下来|下一步)(?!的)[，,]?\s*"
)
_FIRST_ZH = re.compile(r"(?:首先|先是|起初|开头|一开始|先(?!生|前|天|进))[，,]?")
_AGAIN_ZH = re.compile(
    r"先(?!生|前|天|进)(.+?)[，,；;]?\s*(?:再|后)(?!次|见|面|方|边)[，,]?\s*(.+)"
)
_AFTER_ZH = re.compile(r"在?(?P<one>[^，,]+?)(?<![最背身前今先])后[，,]\s*(?P<two>.+)")
_BEFORE_ZH = re.compile(
    r"在?(?P<one>.+?)(?:之前|以前)(?!的)[，,]?\s*(?P<two>.+)"
    r"|在?(?P<near>[^，,]+?)前[，,]\s*(?P<then>.+)"
)
_PLACES_ZH = re.compile(
    r"(?:背景|条纹|格子?|方格|渐变|图案|布|墙|门|窗户?|楼|屋|房子?|店|铺|校|院|山|湖|海|河|桥|树|"
    r"镜子?|镜头|屏幕?|幕|台|桌子?|椅子?|车|床|柜台?|灯|牌|碑|像|塔|庙|家|人|人群|身|面|眼|跟|胸|脚|目|以|之|从|提)$"
)
"""What one is in front of; 前 behind it is no time."""

_COUNT_EN = r"(?:an?|one|two|three|four|five|six|some|several|many|the|there\s+(?:is|are))"
_AND_EN = re.compile(rf"\s*,\s*(?:and\s+)?(?={_COUNT_EN}\s)|\s+and\s+(?={_COUNT_EN}\s)", re.I)
_COUNTED_EN = re.compile(
    rf"^{_COUNT_EN}\s\S|^(?:in|on|at|by|against|before)\s[^,]*,\s*{_COUNT_EN}\s", re.I
)
_BETWEEN_EN = re.compile(r"\b(?:between|both|either|from|with|of)\s+\S+(?:\s+\S+){0,3}$", re.I)
_AND_ZH = re.compile(
    r"[，,；;]?\s*(?:还有|以及|并且有|另外有)有?|[，,；;]\s*(?=[^，,]*[一两二三四五六几]\S)"
)
_COUNTED_ZH = re.compile(r"[一两二三四五六几]\S")


def in_order(text: str) -> tuple[str, ...]:
    """The events of a query that states their order, earliest first; one event otherwise.

    >>> in_order("a star appears, then it spins")
    ('a star appears', 'it spins')
    >>> in_order("圆形移动之前，星形出现")
    ('星形出现', '圆形移动')
    """
    text = text.strip(_EDGES)
    if len(text) > 2 and text[0] in '"“「' and text[-1] in '"”」':
        return (text,)
    found = _chinese(text) if _CJK.search(text) else _english(text)
    return found if all(map(_is_event, found)) else (text,)


def together(text: str) -> tuple[str, ...]:
    """The things that one event names side by side; one where they belong together.

    >>> together("a red star spins, and there is a blue ring")
    ('a red star spins', 'there is a blue ring')
    >>> together("一个红色星形旋转，还有一个蓝色圆环")
    ('一个红色星形旋转', '一个蓝色圆环')
    """
    chinese = _CJK.search(text) is not None
    splits, counted = (_AND_ZH, _COUNTED_ZH) if chinese else (_AND_EN, _COUNTED_EN)
    found: list[str] = []
    begin = 0
    for match in splits.finditer(text):
        before, after = text[begin : match.start()].strip(_EDGES), text[match.end() :].strip(_EDGES)
        bound = not chinese and _BETWEEN_EN.search(before)
        if after and counted.search(before) and counted.search(after) and not bound:
            found.append(before)
            begin = match.end()
    found.append(text[begin:].strip(_EDGES))
    return tuple(found) if all(map(_is_event, found)) else (text,)


def _english(text: str) -> tuple[str, ...]:
    pieces = _pieces(text, _NEXT_EN)
    if len(pieces) > 1:
        pieces[0] = (
            _FIRST_EN.sub("", pieces[0], count=1) if _FIRST_EN.match(pieces[0]) else pieces[0]
        )
    return tuple(event for piece in pieces for event in _beside(piece))


def _pieces(text: str, splits: re.Pattern[str]) -> list[str]:
    """A text cut where one event follows another."""
    found: list[str] = []
    begin = 0
    for match in splits.finditer(text):
        before = text[begin : match.start()].strip(_EDGES)
        if not before or not text[match.end() :].strip(_EDGES):
            continue
        if "by" in match.re.groupindex and " " in (match["by"] or "").replace("followed by", ""):
            # A man is followed by a dog: one event, unless one of them does something else, too.
            rest = _NEXT_EN.split(text[match.end() :], maxsplit=1)[0]
            if not _VERB_EN.search(before) and not _VERB_EN.search(rest):
                continue
        found.append(before)
        begin = match.end()
    return [*found, text[begin:].strip(_EDGES)]


def _beside(text: str) -> tuple[str, ...]:
    """Two events in the order of `before` and `after`."""
    match = _FRONTED_EN.fullmatch(text)
    if match is not None:
        before = match["how"].lower() == "before"
        timed = match["one"].lower().startswith("the ") or _VERB_EN.search(match["one"])
        if before and timed:
            return (*_beside(match["two"]), match["one"])
        if not before:
            return (match["one"], *_beside(match["two"]))
    for match in _BESIDE_EN.finditer(text):
        one, two = text[: match.start()].strip(_EDGES), text[match.end() :].strip(_EDGES)
        if not one or _CHASE_EN.search(one):
            continue
        if match["how"].lower() == "after":
            return (*_beside(two), one)
        if _VERB_EN.search(two):
            return (one, *_beside(two))
    return (text,)


def _chinese(text: str) -> tuple[str, ...]:
    pieces = _pieces(text, _NEXT_ZH)
    if len(pieces) > 1:
        rest = _FIRST_ZH.match(pieces[0])
        pieces[0] = pieces[0][rest.end() :] if rest and rest.end() < len(pieces[0]) else pieces[0]
        return tuple(event for piece in pieces for event in _chinese(piece))
    match = _AGAIN_ZH.fullmatch(text)
    if match is not None:
        return tuple(part.strip(_EDGES) for part in match.groups())
    match = _BEFORE_ZH.fullmatch(text)
    if match is not None and match["one"]:
        return (match["two"].strip(_EDGES), match["one"].strip(_EDGES))
    if match is not None and not _PLACES_ZH.search(match["near"]):
        return (match["then"].strip(_EDGES), match["near"].strip(_EDGES))
    match = _AFTER_ZH.fullmatch(text)
    if match is not None and not _PLACES_ZH.search(match["one"]):
        return (match["one"].strip(_EDGES), match["two"].strip(_EDGES))
    return (text,)


def _is_event(part: str) -> bool:
    """Whether a part can stand alone: a word of three letters, or two Chinese characters."""
    return len(_CJK.findall(part)) >= 2 or max(map(len, part.split()), default=0) >= 3
