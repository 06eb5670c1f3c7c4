"""Conditions on files in Chinese words: how long, from when, of which kind."""

from __future__ import annotations

import re
from datetime import datetime

from whenabouts.dialogue import calendar
from whenabouts.dialogue.calendar import Period, Side
from whenabouts.library.filters import Filters

SHORT_S, LONG_S = 60.0, 300.0
"""What 短的 and 长的 mean."""
_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NUM = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百半几]+)"
_UNIT = r"(?:个?小时|个?钟头|分钟|分半钟?|分|秒钟|秒)"
_LENGTH = rf"(?:\d+:\d\d(?::\d\d)?|{_NUM}(?:个)?(?:半)?{_UNIT}(?:半)?(?:{_NUM}秒(?:钟)?)?)"
_SHORT = re.compile(
    rf"(?:(?:长度|时长|时间)?(?:(?<!不)(?:短于|少于|小于|低于)|(?:不|别|不要|不能|不可|不得|没有?)超过|不到|不足|不长于|不多于|不高于|不大于|最多|至多|没到)(?P<a>{_LENGTH})(?:长)?|"
    rf"(?:长度|时长|时间)?(?:在)?(?P<b>{_LENGTH})(?:以内|之内|以下|内|以里)|比(?P<c>{_LENGTH})(?:更|还)?短)"
)
_LONGER = re.compile(
    rf"(?:(?:长度|时长|时间)?(?:(?<!不)(?:长于|多于|大于|高于|超过)|不少于|不短于|不低于|不小于|至少|最少|起码)(?P<a>{_LENGTH})(?:长)?|"
    rf"(?:长度|时长|时间)?(?:在)?(?P<b>{_LENGTH})(?:以上|之上|往上)|比(?P<c>{_LENGTH})(?:更|还)?长)"
)
_RANGE = re.compile(
    rf"(?:长度|时长|在)?(?P<a>{_LENGTH}|{_NUM})(?:到|至|-|~|和|与)(?P<b>{_LENGTH})(?:之间|长|的视频|左右)?"
)
_ABOUT = re.compile(
    rf"(?:大约|大概|差不多|约)(?P<a>{_LENGTH})(?:长)?(?:左右)?|(?P<b>{_LENGTH})(?:左右|上下)(?:长)?|(?P<c>{_LENGTH})长(?=的)"
)
_SHORT_ONES = re.compile(
    r"(?:只要|要|找)?(?:比较|较|更)?(?P<how>短|长)(?:一?点(?:儿)?|一些)?的(?:视频|片子|片段)?(?=$|[，,])|(?P<how2>短|长)视频(?=$|[，,])"
)
_YEAR = r"(?:(?:19|20)\d\d|[一二][九〇零][一二三四五六七八九〇零]{2})年"
_REL_YEAR = r"(?:去年|今年|前年|大前年)"
_SEASON = r"(?:春天|夏天|秋天|冬天|春季|夏季|秋季|冬季|暑假|寒假|春|夏|秋|冬)"
_WHEN = (
    r"(?P<today>今天|昨天|前天|大前天|昨晚|今早|今晚)|"
    rf"(?P<syear>{_YEAR}|{_REL_YEAR})(?:的)?(?P<season>{_SEASON})|(?P<srel>上个|上一个|这个|刚过去的|今)(?P<season2>{_SEASON})|"
    rf"(?P<y1>{_YEAR}|{_REL_YEAR})?(?:的)?(?P<m1>\d{{1,2}}|[一二三四五六七八九十]+)月(?P<d1>\d{{1,2}}|[一二三四五六七八九十]+)(?:日|号)|"
    rf"(?P<y2>{_YEAR}|{_REL_YEAR})(?:的)?(?P<m2>\d{{1,2}}|[一二三四五六七八九十]+)月(?:份)?|(?P<m3>\d{{1,2}}|[一二三四五六七八九十]+)月(?:份)?|"
    rf"(?P<y4>{_YEAR}|{_REL_YEAR})|(?P<rel>上上|上|这|本)(?:个)?(?P<unit>周末|星期|礼拜|周|月)(?P<wd>[一二三四五六日天](?=的|拍|录|$|，))?|"
    rf"(?:最近|近|过去|这)(?:的)?(?P<num>{_NUM})(?:个)?(?P<nunit>天|周|星期|礼拜|月|年)|(?P<ago>{_NUM})(?:个)?(?P<agou>天|周|星期|礼拜|月|年)(?:以)?前|(?P<recent>最近)"
)
_TAKEN = r"(?:(?:是|我|我们)?(?:拍摄|录制|拍|录|制作)(?:于|的|时间在|在)?)?"
_TAKEN_END = r"(?:(?:拍摄|录制|拍|录|制作)(?:过)?(?:的)?)?"
_DATES: tuple[tuple[re.Pattern[str], Side], ...] = (
    (re.compile(rf"(?:从|自)?(?:{_WHEN})(?:开始|起|以来|至今|到现在){_TAKEN_END}"), "since"),
    (re.compile(rf"{_TAKEN}(?:在)?(?:{_WHEN})(?:之后|以后|后){_TAKEN_END}(?!，)"), "after"),
    (re.compile(rf"{_TAKEN}(?:在|早于)?(?:{_WHEN})(?:之前|以前|前){_TAKEN_END}(?!，)"), "before"),
    (re.compile(rf"(?:早于)(?:{_WHEN})"), "before"),
    (re.compile(rf"{_TAKEN}(?:在|于)?(?:{_WHEN})(?:里|期间|的时候|时|内)?{_TAKEN_END}"), "in"),
)
_BETWEEN = re.compile(
    rf"(?:从|在)?(?P<a>{_YEAR})(?:到|至|和|-)(?P<b>{_YEAR})(?:之间|间)?{_TAKEN_END}"
)
_KIND = (
    ("image", re.compile(r"(?:只(?:要|看|找)?|仅)(?:图片|照片|相片|静态图)")),
    ("animation", re.compile(r"(?:只(?:要|看|找)?|仅)?(?:动图|gif|GIF|动画图)")),
    ("audio", re.compile(r"(?:只(?:要|看|找)?|仅)(?:音频|录音|声音文件)")),
    ("video", re.compile(r"(?:只(?:要|看|找)?|仅)视频(?=$|[，,])|不要(?:图片|照片)")),
)
_SILENT = re.compile(
    r"(?:没有|不要|无)(?:人)?(?:说话|讲话|语音|人声|对白|台词)(?:声)?(?:的)?|无声的?|静音的?|没人(?:说话|讲话)的?"
)
_SPOKEN = re.compile(
    r"(?:有|带|含)(?:人)?(?:说话|讲话|语音|人声|对白|台词)(?:声)?(?:的)?(?!.{0,2}(?:提到|关于))"
)
_LANGS = {
    "英语": "en",
    "英文": "en",
    "中文": "zh",
    "汉语": "zh",
    "普通话": "zh",
    "日语": "ja",
    "韩语": "ko",
    "法语": "fr",
    "德语": "de",
    "西班牙语": "es",
}
_LANG = re.compile(
    r"(?:说|讲|用|是|带)?(?P<a>"
    + "|".join(_LANGS)
    + r")(?:的)?(?:视频|字幕|语音|对白|解说)?(?:的)?(?=$|[，,]|那[些个种])"
)
_FOLDER = re.compile(
    r"(?:在|只看|只要)?[“\"「]?(?P<a>[\w.-]+?)[”\"」]?(?:这个|那个)?(?:文件夹|目录)(?:里|下|中)?(?:面)?(?:的)?"
)
_NAME = re.compile(
    r"(?:文件名|名字|名称)(?:里|中)?(?:有|含|包含|带|叫|是)(?:有)?[“\"「]?(?P<a>[\w.*-]+?)[”\"」]?(?:的)?(?=$|[，,])"
)


def limits(text: str, now: datetime) -> tuple[Filters, str]:
    """The conditions in a text, and the text without them."""
    found: dict[str, object] = {}
    for step in (_lengths, _dates, _kinds, _places):
        more, text = step(text, now)
        found |= more
    return Filters.model_validate(found), text.strip(" ，,；;")


def number(text: str) -> float:
    """A number in Chinese or in digits.

    >>> number("二十五")
    25.0
    """
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if text == "半":
        return 0.5
    if text == "几":
        return 3.0
    if "十" in text:
        tens, _, ones = text.partition("十")
        return float((_DIGITS.get(tens, 1) if tens else 1) * 10 + _DIGITS.get(ones, 0))
    if len(text) > 1 and all(c in _DIGITS for c in text):
        return float("".join(str(_DIGITS[c]) for c in text))
    return float(_DIGITS.get(text[0], 1))


def seconds(text: str) -> float:
    """The length that some words tell, seconds; 0 where they tell none.

    >>> seconds("一分半钟"), seconds("半小时"), seconds("1分20秒")
    (90.0, 1800.0, 80.0)
    """
    if ":" in text:
        total = 0.0
        for part in text.split(":"):
            total = total * 60 + float(part)
        return total
    total = 0.0
    for count, half, unit, after in re.findall(
        rf"({_NUM}?)(?:个)?(半)?(小时|钟头|分|秒)(?:钟)?(半)?", text
    ):
        size_s = {"小": 3600.0, "钟": 3600.0, "分": 60.0, "秒": 1.0}[unit[0]]
        amount = number(count) if count else (0.5 if half else 0.0)
        if count and (half or (after and count != "半")):
            amount += 0.5
        total += amount * size_s
    return total


def _cut(text: str, match: re.Match[str]) -> str:
    before, after = text[: match.start()], text[match.end() :]
    if after.startswith("的"):  # 一分钟以内的狗: the particle goes with what it binds
        after = after[1:]
    return before + after


def _first(match: re.Match[str]) -> str:
    return next((value for value in match.groups() if value), "")


def _lengths(text: str, _now: datetime) -> tuple[dict[str, object], str]:
    found: dict[str, object] = {}
    between = _RANGE.search(text)
    if between is not None:
        high_s = seconds(between["b"])
        unit = re.sub(rf"^{_NUM}", "", between["b"])
        low_s = seconds(between["a"]) or seconds(between["a"] + unit)
        if 0 < low_s < high_s:
            return {"shortest_s": low_s, "longest_s": high_s}, _cut(text, between)
    for pattern, key in ((_SHORT, "longest_s"), (_LONGER, "shortest_s")):
        match = pattern.search(text)
        if match is not None:
            found[key] = seconds(_first(match))
            text = _cut(text, match)
    about = None if found else _ABOUT.search(text)
    if about is not None:
        length_s = seconds(_first(about))
        found = {"shortest_s": 0.75 * length_s, "longest_s": 1.25 * length_s}
        text = _cut(text, about)
    few = None if found else _SHORT_ONES.search(text)
    if few is not None:
        found = {"shortest_s": LONG_S} if "长" in _first(few) else {"longest_s": SHORT_S}
        text = _cut(text, few)
    return found, text


def _told(filters: Filters) -> dict[str, object]:
    return filters.model_dump(exclude_none=True, exclude_defaults=True)


def _dates(text: str, now: datetime) -> tuple[dict[str, object], str]:
    between = _BETWEEN.search(text)
    if between is not None:
        first, last = _year(between["a"], now), _year(between["b"], now)
        if first and last and first <= last:
            return _told(calendar.year(first, now, last - first + 1).bounds("in")), _cut(
                text, between
            )
    for pattern, side in _DATES:
        match = pattern.search(text)
        period = None if match is None else _period(match, now)
        if match is not None and period is not None:
            return _told(period.bounds(side)), _cut(text, match)
    return {}, text


def _year(text: str | None, now: datetime) -> int | None:
    if not text:
        return None
    back = {"今年": 0, "去年": 1, "前年": 2, "大前年": 3}
    if text in back:
        return now.year - back[text]
    digits = "".join(str(_DIGITS.get(c, c)) for c in text.rstrip("年"))
    return int(digits) if digits.isdigit() else None


def _period(match: re.Match[str], now: datetime) -> Period | None:
    """The period that one of the alternatives of `_WHEN` names."""
    told = {key: value for key, value in match.groupdict().items() if value}
    for name, read in _PERIODS:
        if name in told:
            return read(told, now)
    return None


def _of_season(told: dict[str, str], now: datetime) -> Period:
    name = told.get("season") or told["season2"]
    english = {
        "春": "spring",
        "夏": "summer",
        "秋": "autumn",
        "冬": "winter",
        "暑": "summer",
        "寒": "winter",
    }[name[0]]
    of_year = _year(told.get("syear"), now)
    return calendar.season(english, now.year if told.get("srel") == "今" else of_year, now)


def _of_date(told: dict[str, str], now: datetime) -> Period | None:
    month = round(number(told["m1"]))
    of_year = _year(told.get("y1"), now)
    return (
        calendar.date(of_year, month, round(number(told["d1"])), now) if 1 <= month <= 12 else None
    )


def _of_month(told: dict[str, str], now: datetime) -> Period | None:
    month = round(number(told.get("m2") or told["m3"]))
    return calendar.month(month, _year(told.get("y2"), now), now) if 1 <= month <= 12 else None


def _of_year(told: dict[str, str], now: datetime) -> Period | None:
    of_year = _year(told["y4"], now)
    return None if of_year is None else calendar.year(of_year, now)


_UNITS: dict[str, calendar.Unit] = {
    "天": "day",
    "周": "week",
    "星期": "week",
    "礼拜": "week",
    "月": "month",
    "年": "year",
}


def _of_span(told: dict[str, str], now: datetime) -> Period:
    back = {"这": 0, "本": 0, "上": 1, "上上": 2}[told["rel"]]
    if told["unit"] == "周末":
        week = calendar.whole("week", now, back)
        return Period(calendar.day(week.end, 2).start, week.end)
    period = calendar.whole(_UNITS[told["unit"]], now, back)
    if "wd" in told:
        return calendar.day(period.start, -"一二三四五六日".index(told["wd"].replace("天", "日")))
    return period


_PERIODS = (
    ("today", lambda told, now: calendar.day(now, {"昨天": 1, "昨晚": 1, "前天": 2, "大前天": 3}.get(told["today"], 0))),
    ("season", _of_season), ("season2", _of_season), ("d1", _of_date), ("m2", _of_month), ("m3", _of_month), ("y4", _of_year), ("unit", _of_span),
    ("num", lambda told, now: calendar.past(_UNITS[told["nunit"]], now, number(told["num"]))),
    ("ago", lambda told, now: calendar.whole(_UNITS[told["agou"]], now, round(number(told["ago"])))),
    ("recent", lambda _told, now: calendar.past("month", now, 1)),
)  # fmt: skip


def _kinds(text: str, _now: datetime) -> tuple[dict[str, object], str]:
    found: dict[str, object] = {}
    for kind, pattern in _KIND:
        match = pattern.search(text)
        if match is not None:
            found["kind"], text = kind, _cut(text, match)
            break
    for pattern, spoken in ((_SILENT, False), (_SPOKEN, True)):
        match = pattern.search(text)
        if match is not None:
            found["has_speech"], text = spoken, _cut(text, match)
            break
    match = _LANG.search(text)
    if match is not None:
        found["lang"], text = _LANGS[_first(match)], _cut(text, match)
    return found, text


def _places(text: str, _now: datetime) -> tuple[dict[str, object], str]:
    match = _FOLDER.search(text)
    if match is not None:
        return {"name": f"*/{_first(match)}/*"}, _cut(text, match)
    match = _NAME.search(text)
    if match is not None:
        name = _first(match)
        return {"name": name if "*" in name else f"*{name}*"}, _cut(text, match)
    return {}, text
