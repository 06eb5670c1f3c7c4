"""Conditions on files in English words: how long, from when, of which kind."""

from __future__ import annotations

import re
from datetime import datetime

from whenabouts.dialogue import calendar
from whenabouts.dialogue.calendar import Period, Side
from whenabouts.library.filters import Filters

_COUNTS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0,
    "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "fifteen": 15.0,
    "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "forty-five": 45.0, "fifty": 50.0,
    "sixty": 60.0, "ninety": 90.0, "half a": 0.5, "half an": 0.5, "a half": 0.5, "a couple of": 2.0,
    "a few": 3.0, "a quarter of an": 0.25, "one and a half": 1.5, "two and a half": 2.5,
}  # fmt: skip
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_NUM = r"(?:\d+(?:[.,]\d+)?|" + "|".join(sorted(_COUNTS, key=len, reverse=True)) + ")"
_UNIT = r"(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_LENGTH = rf"(?:\d+:\d\d(?::\d\d)?|{_NUM}[\s-]*{_UNIT}\b(?:\s+(?:and\s+)?(?:a\s+half\b|{_NUM}\s*{_UNIT}\b))?)"
_LONG = r"(?:\s*(?:long|in\s+length|of\s+length|or\s+so|in\s+duration|total))?"
_TIE = r"(?:(?:that|which)\s+(?:are|is|last|lasts|run|runs|take|takes)\s+|lasting\s+|running\s+)?"
_UNDER = (
    r"(?:(?:short(?:er)?|less|fewer|under|lower|smaller)\s+than|under|below|at\s+most|up\s+to|"
    r"(?:no|not)\s+(?:longer|more)\s+than|max(?:imum|\.)?(?:\s+of)?|shorter\s+as|within|not\s+over|<=?)"
)
_OVER = (
    r"(?:(?:long(?:er)?|more|greater|bigger|upwards)\s+(?:than|of)|over|above|at\s+least|exceeding|"
    r"(?:no|not)\s+(?:shorter|less)\s+than|min(?:imum|\.)?(?:\s+of)?|beyond|>=?)"
)
_SHORT = re.compile(
    rf"\b(?:{_TIE}{_UNDER}\s+(?P<a>{_LENGTH}){_LONG}|(?P<b>{_LENGTH})\s+or\s+(?:less|shorter|under)|"
    rf"(?P<c>{_LENGTH}){_LONG}\s+(?:at\s+(?:most|the\s+most)|max(?:imum)?|tops))",
    re.I,
)
_LONGER = re.compile(
    rf"\b(?:{_TIE}{_OVER}\s+(?P<a>{_LENGTH}){_LONG}|(?P<b>{_LENGTH})\s+(?:or|and)\s+(?:more|longer|over|up)|"
    rf"(?P<c>{_LENGTH}){_LONG}\s+(?:at\s+(?:least|the\s+least)|min(?:imum)?))",
    re.I,
)
_RANGE = re.compile(
    rf"\b{_TIE}(?:between|from)\s+(?P<a>{_LENGTH}|{_NUM})\s*(?:and|to|-)\s*(?P<b>{_LENGTH}){_LONG}"
    rf"|\b(?P<c>{_NUM})\s*(?:to|-)\s*(?P<d>{_LENGTH})\s+(?:long|clips?|videos?|ones)",
    re.I,
)
_ABOUT = re.compile(
    rf"\b{_TIE}(?:about|around|roughly|approximately|exactly|some|nearly|almost)\s+(?P<a>{_LENGTH}){_LONG}"
    rf"|\b{_TIE}(?P<b>{_LENGTH})\s+long\b|\b(?P<c>{_LENGTH})(?=\s+(?:clips?|videos?|ones?|films?)\b)",
    re.I,
)
_SHORT_ONES = re.compile(
    r"\b(?:only\s+|just\s+)?(?:the\s+)?(?:very\s+|really\s+)?(?P<how>short|long|brief)(?:er)?\s+"
    r"(?:ones?|videos?|clips?|films?)\b(?!\s+(?:of|with|about|where))|^(?:only\s+|make\s+it\s+|something\s+|but\s+)(?P<how2>short|long)(?:er)?(?:\s+ones?)?$",
    re.I,
)
SHORT_S, LONG_S = 60.0, 300.0
"""What `short ones` and `long ones` mean."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = {
    d: n
    for n, d in enumerate(
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    )
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_YEAR = r"(?:19[5-9]\d|20\d\d)"
_WHEN = (
    r"(?P<today>today|yesterday|the\s+day\s+before\s+yesterday|last\s+night|this\s+morning)|"
    r"(?P<rel>this|last|the\s+last|the\s+past|past|previous)\s+(?:(?P<num>"
    + _NUM
    + r")\s+)?(?P<unit>days?|weeks?|months?|years?|weekend)|"
    rf"(?P<srel>this|last|this\s+past)\s+(?P<season>{_SEASON})|(?P<season2>{_SEASON})(?:\s+(?:of\s+)?(?P<syear>{_YEAR}|last\s+year|this\s+year))?|"
    rf"(?P<iso>{_YEAR}-\d\d?-\d\d?)|(?:the\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?|"
    rf"(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:seconds|minutes))(?:,?\s+(?P<y2>{_YEAR}))?|"
    rf"(?:last\s+|this\s+)?(?P<m3>{_MONTH})(?:,?\s+(?:of\s+)?(?P<y3>{_YEAR}|last\s+year|this\s+year))?|(?:the\s+year\s+)?(?P<y4>{_YEAR})|"
    r"(?:the\s+)?(?P<decade>(?:19|20)?\d0)'?s|(?:last\s+)?(?P<wd>monday|tuesday|wednesday|thursday|friday|saturday|sunday)|"
    r"(?P<xmas>(?:last\s+)?christmas)(?:\s+(?P<xy>"
    + _YEAR
    + r"))?|(?P<ago>"
    + _NUM
    + r")\s+(?P<agou>day|week|month|year)s?\s+ago"
)
_SIDES: tuple[tuple[str, Side], ...] = (
    (
        r"(?:since|newer\s+than|from(?=\s+\S+(?:\s+\S+)?\s+on(?:wards?)?\b)|starting(?:\s+from)?|as\s+of)",
        "since",
    ),
    (r"(?:after|later\s+than|more\s+recent\s+than)", "after"),
    (r"(?:before|older\s+than|earlier\s+than|prior\s+to)", "before"),
    (r"(?:until|till|up\s+to|by\s+the\s+end\s+of)", "until"),
    (r"(?:from|in|of|during|on|at|within|made|dated|back\s+in|over)", "in"),
)
_TAKEN = r"(?:(?:that\s+)?(?:(?:were|was|i|we|they)\s+)?(?:recorded|filmed|shot|taken|made|took|created)\s+)?"
_DATES: tuple[tuple[re.Pattern[str], Side], ...] = tuple(
    (re.compile(rf"\b{_TAKEN}{words}\s+(?:the\s+)?(?:{_WHEN})(?:\s+on(?:wards?)?)?\b", re.I), side)
    for words, side in _SIDES
)
_BETWEEN = re.compile(
    rf"\b{_TAKEN}(?:between|from)\s+(?P<a>(?:{_MONTH}\s+)?{_YEAR}|{_MONTH})\s+(?:and|to|until|till|-)\s+(?P<b>(?:{_MONTH}\s+)?{_YEAR}|{_MONTH})\b",
    re.I,
)
_BARE = re.compile(rf"\b{_TAKEN}(?:{_WHEN})(?:'s)?\b", re.I)
"""A date without a word before it counts only where nothing else could be meant."""
_CERTAIN = ("today", "rel", "srel", "iso", "xmas", "ago")
_KIND = (
    ("image", re.compile(r"\b(?:only|just)\s+(?:the\s+)?(?:photos?|pictures?|images?|stills?)\b|\b(?:photos?|pictures?|images?)\s+only\b", re.I)),
    ("animation", re.compile(r"\b(?:only|just)?\s*(?:the\s+)?(?:gifs?|animations)(?:\s+only)?\b", re.I)),
    ("audio", re.compile(r"\b(?:only|just)\s+(?:the\s+)?(?:audio|sounds?|music)(?:\s+(?:files?|recordings?|clips?|tracks?))?\b|\b(?:audio|sounds?|music)\s+(?:(?:files?|recordings?|clips?|tracks?)\s+)?only\b", re.I)),
    ("video", re.compile(r"\b(?:only|just)\s+(?:real\s+)?videos?(?:\s+files?)?(?=\s*$|,)|\b(?:no|without)\s+(?:photos?|images?|still\s+pictures?|stills)\b|\bvideos\s+only\b", re.I)),
)  # fmt: skip
_SILENT = re.compile(
    r"\b(?:only\s+)?(?:the\s+)?silent\s+(?:ones?|videos?|clips?)|\b(?:without|with\s+no|no)\s+(?:any\s+)?(?:speech|talking|voices?|spoken\s+words?|dialogue)\b|\bwhere\s+(?:nobody|no\s+one)\s+(?:talks|speaks|says\s+anything)\b",
    re.I,
)
_SPOKEN = re.compile(
    r"\b(?:only\s+)?(?:the\s+ones\s+)?(?:with|that\s+have|having)\s+(?:some\s+)?(?:speech|talking|voices?|spoken\s+words?|dialogue|people\s+talking|someone\s+talking)\b|\bwhere\s+(?:somebody|someone|people|anyone)\s+(?:talks?|speaks?)\b(?!\s+(?:about|to|with|of))",
    re.I,
)
_LANGS = {
    "english": "en",
    "chinese": "zh",
    "mandarin": "zh",
    "german": "de",
    "french": "fr",
    "japanese": "ja",
    "korean": "ko",
    "spanish": "es",
    "italian": "it",
    "russian": "ru",
}
_LANG = re.compile(
    r"\b(?:spoken\s+)?in\s+(?P<a>"
    + "|".join(_LANGS)
    + r")(?=\s*$|,|\s+only)|\bwith\s+(?P<b>"
    + "|".join(_LANGS)
    + r")\s+(?:speech|subtitles|text|audio|narration|voice)\b|\b(?P<c>"
    + "|".join(_LANGS)
    + r")[\s-]+(?:speaking|language)\s*(?:ones?|videos?)?",
    re.I,
)
_FOLDER = re.compile(
    r"\b(?:only\s+)?(?:in|from|inside|under|within)\s+(?:the\s+|my\s+)?(?:(?:folder|directory)\s+(?:called\s+|named\s+)?[\"'“]?(?P<a>[\w .-]+?)[\"'”]?(?=$|[,;?!]|\s+(?:with|where|and|that)\b)|[\"'“]?(?P<b>[\w.-]+)[\"'”]?\s+(?:folder|directory)\b)",
    re.I,
)
_NAME = re.compile(
    r"\b(?:whose\s+(?:file\s*)?name\s+(?:is|contains|has|starts\s+with)|(?:files?\s+|videos?\s+|ones?\s+)?(?:called|named)|with)\s+[\"'“]?(?P<a>[\w.*-]+)[\"'”]?(?:\s+in\s+(?:the\s+|its\s+|their\s+)?(?:file\s*)?(?:name|title)s?\b)",
    re.I,
)


_NO_LESS = re.compile(
    r"\b(?:not|no|never)\s+(?:any\s+)?(?:shorter|less|under|below)(?:\s+than)?\s+(?=an?\b|one\b|\d|two|three|five|ten|half)",
    re.I,
)
_NO_MORE = re.compile(
    r"\b(?:not|no|never)\s+(?:any\s+)?(?:longer|more|over|above)(?:\s+than)?\s+(?=an?\b|one\b|\d|two|three|five|ten|half)",
    re.I,
)


def limits(text: str, now: datetime) -> tuple[Filters, str]:
    """The conditions in a text, and the text without them."""
    found: dict[str, object] = {}
    text = _NO_MORE.sub("at most ", _NO_LESS.sub("at least ", text))
    for step in (_lengths, _dates, _kinds, _places):
        more, text = step(text, now)
        found |= more
    return Filters.model_validate(found), " ".join(text.split()).strip(" ,;")


def seconds(text: str) -> float:
    """The length that some words tell, seconds; 0 where they tell none.

    >>> seconds("a minute and a half")
    90.0
    """
    text = text.lower().strip()
    if ":" in text:
        total = 0.0
        for part in text.split(":"):
            total = total * 60 + float(part)
        return total
    half = re.search(r"and\s+a\s+half$", text)
    parts = re.findall(rf"({_NUM})[\s-]*({_UNIT})\b", text[: half.start()] if half else text)
    lengths = [_count(number) * _UNITS[unit[0]] for number, unit in parts]
    if half and parts:
        lengths.append(_UNITS[parts[0][1][0]] / 2)
    return sum(lengths)


def _count(text: str) -> float:
    text = " ".join(text.lower().split())
    return _COUNTS[text] if text in _COUNTS else float(text.replace(",", "."))


def _first(match: re.Match[str]) -> str:
    return next((value for value in match.groups() if value), "")


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _lengths(text: str, _now: datetime) -> tuple[dict[str, object], str]:
    found: dict[str, object] = {}
    between = _RANGE.search(text)
    if between is not None:
        low, high = (between["a"] or between["c"]), seconds(between["b"] or between["d"])
        unit = re.sub(r"^.*?([a-z]+)$", r"\1", (between["b"] or between["d"]).lower())
        low_s = seconds(low) or seconds(f"{low} {unit}")
        if 0 < low_s < high:
            return {"shortest_s": low_s, "longest_s": high}, _cut(text, between)
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
        long = (few["how"] or few["how2"]).lower() == "long"
        found = {"shortest_s": LONG_S} if long else {"longest_s": SHORT_S}
        text = _cut(text, few)
    return found, text


def _dates(text: str, now: datetime) -> tuple[dict[str, object], str]:
    between = _BETWEEN.search(text)
    if between is not None:
        first, last = _point(between["a"], now), _point(between["b"], now)
        bounds = Period(first.start, last.end).bounds("in")
        return _told(bounds), _cut(text, between)
    found: dict[str, object] = {}
    for pattern, side in _DATES:
        match = pattern.search(text)
        period = None if match is None else _period(match, now)
        if match is not None and period is not None:
            found |= _told(period.bounds(side))
            text = _cut(text, match)
    match = None if found else _BARE.search(text)
    if match is not None and (
        any(match[name] for name in _CERTAIN) or match.span() == (0, len(text))
    ):
        period = _period(match, now)
        if period is not None:
            found, text = _told(period.bounds("in")), _cut(text, match)
    return found, text


def _told(filters: Filters) -> dict[str, object]:
    return filters.model_dump(exclude_none=True, exclude_defaults=True)


def _point(text: str, now: datetime) -> Period:
    words = text.lower().split()
    if len(words) == 2:
        return calendar.month(_MONTHS[words[0].strip(".")], int(words[1]), now)
    if words[0].isdigit():
        return calendar.year(int(words[0]), now)
    return calendar.month(_MONTHS[words[0].strip(".")], None, now)


def _period(match: re.Match[str], now: datetime) -> Period | None:
    """The period that one of the alternatives of `_WHEN` names."""
    told = {key: value.lower() for key, value in match.groupdict().items() if value}
    told["side"] = match[0].lower().split()[0]
    for name, read in _PERIODS:
        if name in told:
            return read(told, now)
    return None


def _of_today(told: dict[str, str], now: datetime) -> Period:
    back = {"yesterday": 1, "last night": 1, "the day before yesterday": 2}
    return calendar.day(now, back.get(" ".join(told["today"].split()), 0))


def _of_span(told: dict[str, str], now: datetime) -> Period:
    unit, rel = told["unit"].rstrip("s"), " ".join(told["rel"].split())
    if unit == "weekend":
        return Period(calendar.weekday(5, now).start, calendar.weekday(6, now).end)
    kind: calendar.Unit = unit  # pyright: ignore[reportAssignmentType] # the pattern names these only
    if "num" in told or rel.startswith("the") or rel == "past":
        return calendar.past(kind, now, _count(told.get("num", "one")))
    return calendar.whole(kind, now, 0 if rel == "this" else 1)


def _of_season(told: dict[str, str], now: datetime) -> Period | None:
    if "season2" in told and "syear" not in told and told["side"] not in ("from", "since"):
        return None  # a beach in summer: what it shows, not when it was recorded
    name = (told.get("season") or told["season2"]).replace("fall", "autumn")
    if told.get("srel", "").endswith("this"):
        return calendar.season(name, now.year, now)
    return calendar.season(name, _year(told.get("syear"), now), now)


def _year(text: str | None, now: datetime) -> int | None:
    if text is None:
        return None
    return int(text) if text.isdigit() else now.year - (text == "last year")


def _of_date(told: dict[str, str], now: datetime) -> Period | None:
    at = "1" if "d1" in told else "2"
    month = _MONTHS[told[f"m{at}"].strip(".")]
    return calendar.date(_year(told.get(f"y{at}"), now), month, int(told[f"d{at}"]), now)


def _of_iso(told: dict[str, str], now: datetime) -> Period | None:
    year, month, of_day = map(int, told["iso"].split("-"))
    return calendar.date(year, month, of_day, now) if 1 <= month <= 12 else None


def _of_decade(told: dict[str, str], now: datetime) -> Period:
    number = int(told["decade"])
    if number < 100:
        number += 1900 if number > 20 else 2000
    return calendar.year(number, now, 10)


def _of_ago(told: dict[str, str], now: datetime) -> Period:
    unit: calendar.Unit = told["agou"]  # pyright: ignore[reportAssignmentType] # the pattern names these only
    return calendar.whole(unit, now, round(_count(told["ago"])))


def _of_christmas(told: dict[str, str], now: datetime) -> Period:
    first = calendar.date(_year(told.get("xy"), now), 12, 24, now) or calendar.day(now)
    return Period(first.start, first.end.replace(month=12, day=27))


_PERIODS = (
    ("today", _of_today), ("unit", _of_span), ("season", _of_season), ("season2", _of_season),
    ("iso", _of_iso), ("d1", _of_date), ("d2", _of_date),
    ("m3", lambda told, now: calendar.month(_MONTHS[told["m3"].strip(".")], _year(told.get("y3"), now), now)),
    ("y4", lambda told, now: calendar.year(int(told["y4"]), now)), ("decade", _of_decade),
    ("wd", lambda told, now: calendar.weekday(_DAYS[told["wd"]], now)), ("xmas", _of_christmas),
    ("ago", _of_ago),
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
        found["lang"], text = _LANGS[_first(match).lower()], _cut(text, match)
    return found, text


def _places(text: str, _now: datetime) -> tuple[dict[str, object], str]:
    match = _FOLDER.search(text)
    if match is not None:
        return {"name": f"*/{_first(match).strip()}/*"}, _cut(text, match)
    match = _NAME.search(text)
    if match is not None:
        name = _first(match)
        return {"name": name if "*" in name else f"*{name}*"}, _cut(text, match)
    return {}, text
