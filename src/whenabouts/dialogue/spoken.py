"""How people write: contractions, slips of the keyboard, particles and fillers made plain."""

from __future__ import annotations

import re

from whenabouts.dialogue.plan import Lang

_PLAIN_EN: dict[str, str] = {
    "whats": "what's", "wheres": "where's", "whos": "who's", "hows": "how's", "whens": "when's",
    "thats": "that's", "theres": "there's", "dont": "don't", "doesnt": "doesn't", "isnt": "isn't",
    "didnt": "didn't", "wasnt": "wasn't", "arent": "aren't", "werent": "weren't", "cant": "can't",
    "wont": "won't", "couldnt": "couldn't", "shouldnt": "shouldn't", "hasnt": "hasn't",
    "havent": "haven't", "aint": "isn't", "im": "I'm", "ive": "I've", "lets": "let's",
    "gimme": "give me", "lemme": "let me", "wanna": "want to", "gonna": "going to",
    "gotta": "have to", "kinda": "kind of", "sorta": "sort of", "dunno": "don't know", "u": "you",
    "ur": "your", "pls": "please", "plz": "please", "plss": "please", "thx": "thanks",
    "tnx": "thanks", "vid": "video", "vids": "videos", "pic": "photo", "pics": "photos",
    "tho": "though", "abt": "about", "b4": "before", "w/": "with", "w/o": "without",
    "ppl": "people", "smth": "something", "sth": "something", "ya": "you", "nvm": "never mind",
    "rn": "right now", "coz": "because", "cuz": "because", "yea": "yeah", "yeh": "yeah",
    "wat": "what", "wut": "what", "wots": "what's", "teh": "the", "okey": "ok",
    "kindly": "please",
    "'em": "them", "em": "them", "ima": "I'll", "imma": "I'll", "nite": "night", "thru": "through",
}  # fmt: skip
_KNOWN_EN = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "video", "videos",
    "similar", "export", "compare", "before", "after", "minute", "minutes", "seconds", "between",
    "different", "without", "instead", "download", "screenshot", "please", "beginning", "previous",
)  # fmt: skip
"""Words that an utterance hangs on: known with one slip in them."""
_OTHER_EN = frozenset(
    ("expert", "sport", "forth", "thirds", "filth", "firs", "seconded", "videoed", "place", "pleased",
     "firsts", "fists", "afters", "compares", "exports", "sixths", "fifths", "fourths")
)  # fmt: skip
"""Words of their own that are one slip away from those."""
_WORD = re.compile(r"(?<![\w'])(?:w/o?(?=\s)|'em\b|[A-Za-z0-9]+\b)(?!['’]\w)")
_NTH_IS = re.compile(
    r"\b(?P<nth>first|second|third|fourth|fifth|sixth|last|\dst|\dnd|\drd|\dth|one|other)(?:'s)(?=\s+\w)",
    re.I,
)
_TURNS_EN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bisn't\s+(?:(?:so|that|too|half)\s+)?bad\b", re.I), "is good"),
    (re.compile(r"\bnot\s+(?:(?:so|that|too|half)\s+)?bad(?:\s+at\s+all)?\b", re.I), "good"),
    (re.compile(r"\bwhereabouts\b", re.I), "where"),
    (re.compile(r"\b(when|where)'s\b", re.I), r"\1 is"),
    (re.compile(r"^(?:no|nope|nah|not\s+enough)[,.]\s+(?=(?:further|even|a\s+bit|a\s+little|earlier|later|more\s+to|back)\b)", re.I), ""),
    (re.compile(r"\b(?:nothing|none|no\s+(?:videos|ones|clips))\s+(?:over|above|longer\s+than|beyond|more\s+than)\b", re.I), "at most"),
    (re.compile(r"\b(?:nothing|none|no\s+(?:videos|ones|clips))\s+(?:under|below|shorter\s+than|less\s+than)\b", re.I), "at least"),
    (re.compile(r"\b(?:stuff|material|footage)(?=\s+(?:from|in|on|shot|filmed|recorded|taken)\b)", re.I), "ones"),
)  # fmt: skip
_LEAD_EN = re.compile(
    r"^(?:(?:let's(?=\s+(?:drop|undo|remove|forget|revert|scrap|lose)\b)|lol|haha+|hehe+|yo|btw|honestly|dude|mate|bro|guys|folks|sir|alright|all\s+right|"
    r"right\s+then|right\s+so|anyway|ok\s+so|okay\s+so|ok\s+then|so\s+yeah|yeah\s+so|ooh+|aah+|argh+|"
    r"ugh+|whoa|wow|gosh|damn|hang\s+on|hold\s+on|let\s+me\s+think|let's\s+see|i\s+was\s+wondering\s+if|"
    r"would\s+it\s+be\s+possible|would\s+you\s+be\s+so\s+kind\s+(?:as\s+)?to|if\s+you\s+don't\s+mind|"
    r"if\s+it's\s+not\s+too\s+much\s+trouble|be\s+a\s+dear\s+and|do\s+me\s+a\s+favou?r\s+and)\b[,.!…\s]+)+(?=\w{2})",
    re.I,
)
_YES_EN = re.compile(
    r"^(?:yeah|yes|yep|yup|sure|cool|great|nice|okay|ok|fine|good)[,.!\s]+(?:and\s+|now\s+|so\s+|then\s+)*"
    r"(?=(?:show|play|let\s+me|let's|open|give|can|could|find|cut|save|export|go|more|where|when|what|who|how|"
    r"does|did|is|are|download|send|keep\s+only|only|just|start)\b|let's\s+(?:drop|undo|remove|forget|revert|scrap|lose)\b)",
    re.I,
)
_TAIL_EN = re.compile(
    r"(?:,\s*(?:mate|man|dude|bro|buddy|sir|right|no)|[,.\s]+(?:actually|honestly|though|lol|haha+|if\s+possible|if\s+you\s+would|"
    r"if\s+you\s+don't\s+mind|would\s+you|could\s+you|can\s+you|right\s+now|asap|real\s+quick|cheers|ta|"
    r"i\s+think|i\s+guess|i\s+reckon|i\s+suppose|for\s+a\s+sec(?:ond)?|for\s+me|ok|okay|yeah|huh|eh|"
    r"if\s+i\s+(?:may|could|remember\s+(?:right|correctly|well))))[!.\s]*$",
    re.I,
)
_PLAIN_ZH: tuple[tuple[str, str], ...] = (
    (r"哪会儿|哪个时候|啥时候|啥时|嘛时候|几时", "什么时候"), (r"啥样", "什么样"), (r"为啥", "为什么"), (r"干啥", "干什么"),
    (r"有木有|有没得", "有没有"), (r"木有|没得", "没有"), (r"啥|神马|甚么", "什么"), (r"咋样", "怎么样"),
    (r"咋|肿么", "怎么"), (r"酱紫", "这样"), (r"(?<=[这那])俩", "两个"), (r"仨", "三个"),
    (r"呗(?=$|[，,。])", "吧"), (r"(?<=\S)(?:哒|滴)(?=$|[，,。])", "的"), (r"[妳您]", "你"),
    (r"最长(?=[半一二三四五六七八九十两\d])", "最多"), (r"最短(?=[半一二三四五六七八九十两\d])", "至少"), (r"(?<![\u4e00-\u9fff])挑(?=[短长])", "只要"), (r"(?:照着|按照|参照|仿照|比着)(?=第|这|那|它|\d)", "像"), (r"几[条段部则支](?=$|吧|看看|给我)", "几个"), (r"^(?:不够|不对|还不够|不是)[，,](?=再|往|接着|继续|更)", ""), (r"从(?:最?下|最?后|底)(?:面|下)?(?:(?:往|向)(?:上|前)(?:面)?)?数?(?=第)", "倒数"), (r"(?:最后|上面?|刚才)的?(?:一|那)*个(?=条件|限制|筛选|要求)", "刚才的"), (r"里头", "里面"), (r"前头", "前面"), (r"后头", "后面"), (r"下边", "下面"), (r"上边", "上面"),
    (r"(?:瞅瞅|瞧瞧|康康|瞄一眼|瞅一眼|瞧一眼|看一眼|看眼|过目)", "看看"), (r"瞅(?=第|这|那|一)", "看"),
    (r"那儿(?!子|女|童)", "那里"), (r"这儿(?!子|女|童)", "这里"), (r"哪儿", "哪里"), (r"(?<=[点会段块片])儿(?!子|女|童)", ""),
    (r"俺|咱(?!们)", "我"), (r"[光单](?=要|看|留)", "只"), (r"(?<=的)才(?:要|行|可以|好|看)$", ""), (r"(?<=至少)[得要]", ""), (r"给我整", "给我来"), (r"整(?=一个|张|段)", "来"), (r"(?<=\S)(?:哈|昂|捏|噻|嘞|哟|喽|咯)(?=$|[，,。])", ""),
)  # fmt: skip
_RULES_ZH = tuple((re.compile(old), new) for old, new in _PLAIN_ZH)
_LEAD_ZH = re.compile(
    r"^(?:(?:诶|欸|哎呀?|哎哟|唉|额+|呃+|嗯+|emm+|e{2,}m*|哈哈+|嘿+|喂|害|话说|那什么|那个啥|哦对|喔|噢|对了|老铁|亲|亲爱的|大哥|"
    r"兄弟|哥们|宝|朋友|小助手|劳驾|劳烦|拜托|麻烦你(?!了)|能否麻烦你?|可以麻烦你|请问(?:一下)?|请你|要不|不如|干脆|"
    r"行(?=[，,。！!])|好(?=[，,。！!])|好的|OK|ok|欧克)[，,。！!、\s…]*)+(?=\S\S)"
)
_ASKED_ZH = re.compile(
    r"^(?P<what>.*(?:有|过|了|到|完|在|会|能|是|掉|倒|着|开|样|对|像).*?)(?:没|没有|不)$"
)


def plain(text: str, lang: Lang) -> str:
    """An utterance as one would write it with care.

    >>> plain("yeah gimme the secodn vid", "en"), plain("诶，这俩咋不一样", "zh")
    ('give me the second video', '这两个怎么不一样')
    """
    return _zh(text) if lang == "zh" else _en(text)


def _en(text: str) -> str:
    text = _WORD.sub(lambda match: _word(match[0]), text.replace("’", "'"))
    for pattern, new in _TURNS_EN:
        text = pattern.sub(new, text)
    text = _NTH_IS.sub(lambda match: f"{match['nth']} is", text)
    for pattern in (_LEAD_EN, _YES_EN, _TAIL_EN):
        shorter = pattern.sub("", text)
        text = shorter if len(shorter.split()) > 1 or len(text.split()) < 3 else text
    return text.strip()


def _word(word: str) -> str:
    small = word.lower()
    if small in _PLAIN_EN:
        return _PLAIN_EN[small]
    if len(small) < 5 or not small.isalpha() or small in _OTHER_EN or small in _KNOWN_EN:
        return word
    return next((known for known in _KNOWN_EN if _one_slip(small, known)), word)


def _one_slip(word: str, known: str) -> bool:
    """Whether two neighbours changed places, or one letter is missing or twice there."""
    if word[0] != known[0] or word == known or abs(len(word) - len(known)) > 1:
        return False
    if len(word) == len(known):
        odd = [at for at in range(len(word)) if word[at] != known[at]]
        swapped = len(odd) == 2 and odd[1] == odd[0] + 1
        return swapped and word[odd[0]] == known[odd[1]] and word[odd[1]] == known[odd[0]]
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    at = next((n for n, letter in enumerate(shorter) if letter != longer[n]), len(shorter))
    if longer[:at] + longer[at + 1 :] != shorter:
        return False
    return shorter == word or longer[at] in longer[max(0, at - 1) : at]


def _zh(text: str) -> str:
    for pattern, new in _RULES_ZH:
        text = pattern.sub(new, text)
    shorter = _LEAD_ZH.sub("", text)
    text = shorter if shorter.strip() else text
    asked = _ASKED_ZH.match(text)
    if (
        asked is not None
        and not text.endswith(("有没有", "是不是", "好不", "行不", "什么", "怎么", "这么", "那么"))
        and len(text) > 4
    ):
        text = asked["what"] + "吗"
    return text
