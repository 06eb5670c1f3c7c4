"""How values are told in a sentence: times, lengths, dates, evidence, conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from whenabouts.dialogue.phrases import channel, phrase
from whenabouts.dialogue.plan import Lang
from whenabouts.types import Moment, clock

_QUOTED = 60
"""Characters of a text that is quoted."""


def length(seconds: float, lang: Lang) -> str:
    """A length as people say it: 7.5 s, 2 min 5 s.

    >>> length(125, "en"), length(7.25, "zh")
    ('2 min 5 s', '7.2秒')
    """
    minute, second = ("分", "秒") if lang == "zh" else (" min ", " s")
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + second
    whole = round(seconds)
    if whole >= 3600:
        hours = "小时" if lang == "zh" else " h "
        return f"{whole // 3600}{hours}{whole % 3600 // 60}{minute}".strip()
    rest = f"{whole % 60}{second}" if whole % 60 else ""
    return f"{whole // 60}{minute}{rest}".strip()


def name(moment: Moment) -> str:
    """How a video is called."""
    return moment.video.path.name


def span(moment: Moment) -> str:
    """When a moment is."""
    return f"{clock(moment.span.start_s)}-{clock(moment.span.end_s)}"


def why(moment: Moment, lang: Lang) -> str:
    """The evidence of a moment in a few words; empty where there is none to tell."""
    told: list[str] = []
    for evidence in moment.evidence[:3]:
        text = quoted(evidence.text)
        if not text and evidence.channel == "visual":
            continue
        time = "" if evidence.time_s is None else f" {clock(evidence.time_s)}"
        told.append(f"{channel(lang, evidence.channel)}{time}" + (f" ({text})" if text else ""))
    if not told:
        return ""
    return phrase(lang, "why", words=("，" if lang == "zh" else "; ").join(dict.fromkeys(told)))


def quoted(text: str) -> str:
    """A piece of text from a video, on one line and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1].rstrip() + "…"


def date(seconds: float, lang: Lang) -> str:
    """A day."""
    when = datetime.fromtimestamp(seconds)
    return f"{when.year}年{when.month}月{when.day}日" if lang == "zh" else f"{when:%Y-%m-%d}"


def conditions(filters: dict[str, Any], lang: Lang) -> str:
    """Conditions on files in words."""
    zh = lang == "zh"
    rows: Sequence[tuple[str, str, str]] = (
        ("shortest_s", "at least {}", "至少{}"), ("longest_s", "at most {}", "最多{}"),
        ("after_s", "from {}", "{}起"), ("before_s", "before {}", "{}之前"),
        ("kind", "only {}", "只要{}"), ("lang", "language {}", "语言{}"),
        ("name", "named {}", "名称{}"),
    )  # fmt: skip
    told: list[str] = []
    for key, english, chinese in rows:
        if key not in filters:
            continue
        value = filters[key]
        if key.endswith("est_s"):
            value = length(value, lang)
        elif key in ("after_s", "before_s"):
            value = date(value, lang)
        told.append((chinese if zh else english).format(value))
    if "has_speech" in filters:
        spoken = filters["has_speech"]
        told.append(
            ("有" if spoken else "没有") + "说话"
            if zh
            else ("with" if spoken else "without") + " speech"
        )
    return ("，" if zh else ", ").join(told)
