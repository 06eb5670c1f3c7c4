"""Chinese ways to count a place in a list: data, read by `places.py`."""

from __future__ import annotations

import re

from whenabouts.dialogue.placed import Told, between, few, fixed, letter, ranged
from whenabouts.dialogue.plan import Ref

_DIGITS = "一二三四五六七八九十"
STROKES = str.maketrans("壹贰叁肆伍陆柒捌玖拾", _DIGITS)
"""Numerals as on a cheque, made plain."""
_N = rf"(?:[{_DIGITS}两]|\d{{1,2}})"
_UNIT = r"(?:[个条段部支项行张则份]|名(?!选手)|位(?!选手))"
_THING = r"(?:视频|结果|片子|录像|片段|短片|影片)?"
_THAT = r"(?:的|那|这|一)*"
_NO_TIME = r"(?!镜头|画面|场景|片段|月|星期|周|小时|人(?!的)|男|女|孩|球|进球|阶段|动作|问题|条件)"
_END = r"(?=$|[，,。！!？?、是有里的在和跟与吧呢吗啊都也不没看打开放播导存下给对像比哪就先好行可])"


def number(text: str) -> int:
    """The number that a numeral stands for."""
    if text == "两":
        return 2
    return _DIGITS.index(text) + 1 if text in _DIGITS else int(text)


def _rank(sign: int = 1) -> Told:
    def told(match: re.Match[str]) -> tuple[Ref, ...]:
        value = number(match["n"])
        return (Ref("rank", sign * value),) if value else ()

    return told


def _near(match: re.Match[str]) -> tuple[Ref, ...]:
    """A neighbour of what is talked about."""
    many = match.groupdict().get("many")
    steps = number(many) if many else 1
    return (Ref("next", -steps if match["way"][0] in "上前" else steps),)


def _row(match: re.Match[str]) -> tuple[Ref, ...]:
    return tuple(Ref("rank", number(one)) for one in re.findall(rf"[{_DIGITS}]|\d+", match[0]))


def _anchored(match: re.Match[str]) -> tuple[Ref, ...]:
    value = number(match["n"]) + (-1 if match["way"] in "上前" else 1)
    return (Ref("rank", value),) if value > 0 else ()


def _many(sign: int) -> Told:
    return lambda match: (Ref("all", sign * number(match["n"])),)


_range, _between, _few = ranged(number), between(number), few(number, "两")

RULES: tuple[tuple[re.Pattern[str], Told], ...] = (
    (re.compile(r"(?:这|那|他们|它们)(?P<n>[两二三])[个条段部](?:视频|片子)?(?!人|男|女|孩)|(?:这|那)?俩(?=$|[，,。都有哪比像导存放])|两[个条](?=都|全|比|一起)"), _few),
    (re.compile(r"(?:(?<=喜欢)|(?<=留下)|(?<=留)|(?<=删掉)|(?<=删)|(?<=去掉)|(?<=导出)|(?<=保留)|(?<=给)|(?<=要))(?P<n>[一二三四五六七八九]|\d{1,2})(?=号|、|和|，|$|点赞|点踩|打|好评|差评)号?"), _rank()),
    (re.compile(r"(?:(?<=留)|(?<=删)|(?<=留下)|(?<=要))[一二三四五六七八九]{2,5}(?=$|[，,。])"), _row),
    (re.compile(rf"第?(?P<low>{_N}){_UNIT}?{_THING}(?:和|跟|与|、|同)第?(?P<high>{_N}){_UNIT}?{_THING}(?:的?正?中间|之间|当中|中间)的?{_THAT}(?:{_UNIT})?{_THING}"), _between),
    (re.compile(rf"(?:从?第)(?P<low>{_N}){_UNIT}?(?:到|至|-|~)第?(?P<high>{_N}){_UNIT}?{_THING}(?!秒|分|帧|次|天)"), _range),
    (re.compile(rf"(?:(?<=^)|(?<=[看选把放存导要]))(?P<low>{_N})(?:到|至)(?P<high>{_N})(?:号|{_UNIT}|$|都)(?!秒|分)"), _range),
    (re.compile(rf"(?:倒数|倒着数?|反着数|从(?:后|下|底|尾)(?:面|头)?(?:往|向|朝)?(?:前|上)?(?:面)?数?)的?第?(?P<n>{_N})(?:{_UNIT}|号)?{_THING}"), _rank(-1)),
    (re.compile(rf"(?:正数|顺着?数|从(?:前|上|头|左)(?:面|头)?(?:往|向|朝)?(?:后|下|右)?(?:面)?数?)的?第?(?P<n>{_N})(?:{_UNIT}|号)?{_THING}"), _rank()),
    (re.compile(rf"第?(?P<n>{_N})(?:{_UNIT}|号)的?(?:紧挨着|紧靠着|挨着|紧跟着)?的?(?P<way>上|前|下|后)(?:面|头|边|一)?的?(?:那|一)*{_UNIT}{_NO_TIME}{_THING}"), _anchored),
    (re.compile(rf"(?:第(?P<n>[{_DIGITS}\d])){{1}}(?:第[{_DIGITS}\d]){{1,4}}{_UNIT}?(?=$|[，,。都也不没对好混看打可])"), _row),
    (re.compile(r"(?:(?<=^)|(?<=[，,。；、把看]))[一二三四五六七八九]{2,5}(?=号|对|不|都|错|好|行|可以|是|没|去|删|留|要|像|符合|扔|存|导|下载)号?(?!来)"), _row),
    (re.compile(rf"(?:下下)(?:一)?{_UNIT}{_NO_TIME}{_THING}"), fixed(Ref("next", 2))),
    (re.compile(rf"(?:上上)(?:一)?{_UNIT}{_NO_TIME}{_THING}"), fixed(Ref("next", -2))),
    (re.compile(rf"(?:再)?(?:往|向|朝)(?P<way>上|下|前|后)(?:面)?(?:数|翻|跳|走|挪|移)?(?P<many>{_N}){_UNIT}{_NO_TIME}{_THING}"), _near),
    (re.compile(rf"(?:它|这[个条]|那[个条])?的?(?:紧挨着|紧靠着|挨着|紧接着|紧跟着)(?:它|这个|那个|这条)?的?(?P<way>上|下|前|后)(?:面|头|边)?的?(?:那|一)*{_UNIT}{_NO_TIME}{_THING}"), _near),
    (re.compile(rf"(?<!最)(?<!排在)(?:它|这[个条]|那[个条])?的?(?P<way>上|下|前|后)(?:面|头|边)的?(?:那|一)+{_UNIT}{_NO_TIME}{_THING}{_END}|(?:它|这[个条])的?(?P<w2>上|下|前|后)(?:面|头|边)的(?=$|[，,。吧])"), lambda match: (Ref("next", -1 if (match["way"] or match["w2"]) in "上前" else 1),)),
    (re.compile(rf"(?P<way>下)一?[条项]{_NO_TIME}{_THING}"), _near),
    (re.compile(rf"(?:隔壁|旁边|相邻|挨着)的?(?:那|一)+{_UNIT}{_NO_TIME}{_THING}"), fixed(Ref("next", 1))),
    (re.compile(rf"(?:最前|最开头|开头|起头|打头|头|前)(?:面|头)?的?(?P<n>[两二三四五六])(?:[个条段])(?!小时|月|人|星期){_THING}"), _many(1)),
    (re.compile(rf"(?:最后|末尾|尾巴|尾|末|靠后|靠下|最下面?|后)(?:面|头)?的?(?P<n>[两二三四五六\d])(?:[个条段])(?!小时|月|人|星期){_THING}"), _many(-1)),
    (re.compile(rf"(?:最|正|靠|居|当)?中(?:间|央|部)的?{_THAT}(?:{_UNIT}{_THING}|$)"), fixed(Ref("most", name="middle"))),
    (re.compile(rf"(?:最?(?:上|顶|前)(?:面|头|边|端|上)?|打头|领头|带头|排头|榜首|首位|头名|最靠[前上])(?:的|那|一)*{_UNIT}{_THING}|(?:最上面|最顶上|最上头|最前面|榜首|首位|头名|第一名)(?:的)?{_END}|(?<!最)(?:头|首)(?:这|那)?一?[个条部支]{_NO_TIME}{_THING}"), lambda match: () if re.match(r"[上前]", match[0]) else (Ref("rank", 1),)),
    (re.compile(rf"(?:最(?:下|底|末|后)(?:面|头|边|端|下|尾)?|底下|垫底|殿后|压轴|末尾|末位|尾巴上?|最靠[后下]|末了)(?:的|那|一)*{_UNIT}{_NO_TIME}{_THING}|(?:最下面|最底下|最下头|末位|(?:列表|结果)(?:里|中|的)*(?:最后|末尾)(?:那|的)*)(?:的)?{_END}|(?<=[，,。])最后(?=是|有)"), fixed(Ref("rank", -1))),
    (re.compile(rf"(?:列表|结果|清单)?(?:里|中|上)?的?(?:排|列|位|居|名)?(?:在|于|名|行)?第(?P<n>{_N})(?:位|名|项|行|张|则|份|部|条|个|号|集)(?:的)?(?:那|一)*[个条部]?{_NO_TIME}(?!选手|楼|线){_THING}"), _rank()),
    (re.compile(rf"第(?P<n>{_N})的?那?[个条部](?:视频)?{_NO_TIME}|第(?P<n2>{_N})的?(?=$|[，,。、和跟与]|有|是|里|呢|吧|不|没|那)"), lambda match: (Ref("rank", number(match["n"] or match["n2"])),)),
    (re.compile(r"(?<=[开看选放要])老(?P<n>[二三四五六])(?=$|[，,。吧])"), _rank()),
    (re.compile(rf"(?P<n>{_N})号(?:那)?{_UNIT}?{_THING}(?!楼|线|公|院|门|选手|车|球|字|拍|录|之|以|前|后|到)"), _rank()),
    (re.compile(r"(?<![A-Za-z])(?P<n>[A-Ha-h])(?:号|视频)?(?=那|这|个|$|吧|，|呢)(?:那|这)?个?"), letter),
    (re.compile(r"(?:(?<=看)|(?<=选)|(?<=点)|(?<=一下)|(?<=开)|(?<=放)|(?<=挑)|(?<=播)|(?<=是)|(?<=就)|(?<=那就)|(?<=要))(?P<n>[一二三四五六七八九]|\d{1,2})(?=(?:吧|呗|好了|谢谢|看看|哈)?$|[，,。])"), _rank()),
    (re.compile(r"^(?P<n>[一二三四五六七八九]|\d{1,2})(?=(?:里面?|号|呢|吧|呗)(?!秒|分)|$|是我|不是|就是)(?:号)?"), _rank()),
    (re.compile(rf"(?<=除了)(?P<n>{_N})(?=以外|之外|[，,]|其他|其余|别的|都|外)|(?<=可惜)(?P<x>\d)(?=不)"), lambda match: (Ref("rank", number(match["n"] or match["x"])),)),
    (re.compile(r"(?<=[，,。；])(?P<n>\d{1,2}|[一二三四五六七八九])(?=不是|不对|不行|不要|也|都|就|可以|对|错|是)"), _rank()),
)  # fmt: skip
