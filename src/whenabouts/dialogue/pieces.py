"""Pieces of an utterance: marks and politeness off, the description without the words around it."""

from __future__ import annotations

import re
import unicodedata

from whenabouts.dialogue.cues import Cues
from whenabouts.dialogue.plan import Lang
from whenabouts.dialogue.references import references

_CJK = r"[\u3400-\u9fff]"
_BETWEEN_CJK = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufe0f\ufeff]+")
ENDS = " \t.!?。！？~～…,，;；、"
_POLITE_EN = re.compile(
    r"[\s,]+(?:please|pls|plz|thanks|thank\s+you|if\s+you\s+can|for\s+me|will\s+you|would\s+you|can\s+you)$",
    re.I,
)
_POLITE_ZH = re.compile(r"[，,]?(?:谢谢|谢谢你|好吗|好不好|可以吗|行吗|行不行|麻烦了|拜托)$")
_BEFORE_EN = re.compile(
    r"^(?:(?:please|hm+|um+|uh+|oh|ah|so|well|hey|hi|hello)[,.!\s]+)+(?=\S)", re.I
)
_BEFORE_ZH = re.compile(
    r"^(?:(?:请|麻烦|嗯+|呃|哦|那么|好的|你好|那(?![只个段条部位些时里边种天年样么一两三])|哎)[，,。！!\s]*)+(?=\S\S)"
)
_CHANGE_EN = re.compile(
    r"^(?:(?:but|and|only|just|except|also|then|so|that\s+is|which\s+is|it\s+is|it's|make\s+it|"
    r"this\s+time|rather|now|please|one\s+that\s+is|in|be|is|being|looks?|has|have|having|to|should\s+be|must\s+be|of|for)\b[,\s]*)+(?=\S)",
    re.I,
)
_CHANGE_ZH = re.compile(
    r"^(?:但是|但|不过|只是|而是|而|换成|改成|换|改|要是|要|只要|就是|是|在|用|成|为|得|应该|颜色|，|,|\s)+(?=\S)"
)
_IN_PLACE = re.compile(
    r"^(?:in|at|on)\s+(?:the\s+|a\s+|an\s+)?(?:night|dark|day|rain|snow|beach|park|street|forest|water|kitchen|sun|evening|morning|city|garden|background|foreground)\b",
    re.I,
)
_HOLDS_ZH = re.compile(r"^(?:一?[个段条部](?:有|带|关于|含有|包含)|有(?!人))(?=\S)")
_SPARE_EN = re.compile(
    r"\s+(?:(?:exactly|happens?|happen(?:ed|ing)?|occurs?|takes?\s+place|comes?\s+up|pops?\s+up|is\s+(?:that|it)|one|ones|videos?|clips?|instead|at\s+all|this\s+time|in\s+it|in\s+there|there|again)\s*)$",
    re.I,
)
_SPARE_ZH = re.compile(
    r"(?:的时候|时候|的那一刻|发生的?|的地方|出现的?$|的那种|那种|的视频|的$|了$|呢$|吗$|的片段|那一段|那段|那个|那些|的话)+$"
)
_FILL_EN = re.compile(
    r"^(?:that|it|this|he|she|they|there|the\s+(?:part|moment)|something|everything)(?:\s+(?:is|was|happens?|happen|be|starts?|begin|begins|start))?$",
    re.I,
)
_FILL_ZH = re.compile(r"^(?:它|这个|那个|这|那|这件事|那件事|发生|出现|开始|视频|是|的|在)+$")

_ASKING_EN = re.compile(
    r"^(?:and\s+)?(?:(?:what|who|how|why|which)\b.*|(?:is|are|was|were|does|do|did|has|have|can)\s+(?:there\s+|you\s+see\s+|i\s+see\s+)?(?:any\s+)?)"
    r"|\s+in\s*$",
    re.I,
)
_ASKING_ZH = re.compile(
    r"^(?:里面?|中)?(?:有没有|是不是|是否|有)|.*(?:什么|谁|怎么|为什么|多少|哪).*|(?:吗|么|呢)$"
)


def cleaned(text: str) -> str:
    """Full-width letters made plain, control characters and runs of white space made one blank."""
    text = unicodedata.normalize("NFC", _CONTROL.sub(" ", text))
    text = text.encode("utf-8", "replace").decode("utf-8")  # halves of a character are none
    text = "".join(
        unicodedata.normalize("NFKC", c) if 0xFF10 <= ord(c) <= 0xFF5A else c for c in text
    )
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    return _BETWEEN_CJK.sub("", " ".join(text.split()))


def stripped(text: str, lang: Lang) -> str:
    """Without the marks at its end and the politeness around it."""
    before, ends = (_BEFORE_ZH, _POLITE_ZH) if lang == "zh" else (_BEFORE_EN, _POLITE_EN)
    last = ""
    while text != last:
        last = text
        shorter = ends.sub("", text.strip(ENDS))
        text = shorter if shorter.strip(ENDS) else text.strip(ENDS)
    rest = before.sub("", text)
    return rest if rest else text


def described(text: str, cues: Cues, *, change: bool = False) -> str:
    """A description without `find me`, `a video with` and the like; of a change also `but`."""
    text = text.strip(ENDS + ":：-")
    if change and not _IN_PLACE.match(text):
        text = (_CHANGE_ZH if cues.lang == "zh" else _CHANGE_EN).sub("", text)
        text = "" if cues.empty.fullmatch(text) else text
    lead = cues.lead.match(text)
    if lead is not None and lead.end() < len(text):
        text = text[lead.end() :]
    if cues.lang == "zh":
        text = _HOLDS_ZH.sub("", text)
    shorter = cues.tail.sub("", text)
    return shorter.strip(ENDS) or text.strip(ENDS)


def subject(question: str, cues: Cues) -> str:
    """What a question is about: without the words that ask, and without what it is asked of."""
    asking = _ASKING_ZH if cues.lang == "zh" else _ASKING_EN
    return asking.sub(" ", references(question, cues)[1]).strip(ENDS)


def tidied(text: str, cues: Cues) -> str:
    """A description without words at its end that describe nothing; empty where nothing is left."""
    spare, fill = (_SPARE_ZH, _FILL_ZH) if cues.lang == "zh" else (_SPARE_EN, _FILL_EN)
    last = ""
    while text != last:
        last = text
        shorter = spare.sub("", text).strip(ENDS)
        text = shorter or text
    return "" if fill.fullmatch(text) else text
