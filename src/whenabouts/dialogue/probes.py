"""What candidates may differ in, and the words to ask about it: data for `question.py`."""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.dialogue.plan import Lang


@dataclass(frozen=True, slots=True)
class Value:
    """One answer: its words to the user and to the encoder."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
    probe: str
    """English description whose likeness to the frames says whether this value holds."""
    wish_en: str
    """What it adds to what is wanted."""
    wish_zh: str

    def words(self, lang: Lang) -> tuple[str, ...]:
        """The words for it, the plainest first."""
        return self.zh if lang == "zh" else self.en

    def wish(self, lang: Lang) -> str:
        """What the answer adds to the wish."""
        return self.wish_zh if lang == "zh" else self.wish_en


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that candidates may differ in."""

    name: str
    en: str
    """The question, without the answers."""
    zh: str
    values: tuple[Value, ...]

    def asks(self, lang: Lang) -> str:
        """The question."""
        return self.zh if lang == "zh" else self.en


def _colours(probe: str, wish_en: str, wish_zh: str) -> tuple[Value, ...]:
    names = (
        ("red", "红色", "红"), ("orange", "橙色", "橙"), ("yellow", "黄色", "黄"),
        ("green", "绿色", "绿"), ("cyan", "青色", "青"), ("blue", "蓝色", "蓝"), ("purple", "紫色", "紫"),
        ("pink", "粉色", "粉"), ("brown", "棕色", "棕"), ("white", "白色", "白"),
        ("grey", "灰色", "灰"), ("black", "黑色", "黑"),
    )  # fmt: skip
    return tuple(
        Value((en,), (zh, short), probe.format(en), wish_en.format(en), wish_zh.format(zh))
        for en, zh, short in names
    )


TRAITS: tuple[Trait, ...] = (
    Trait(
        "light", "Is it by day or at night?", "是白天还是晚上？",
        (
            Value(("by day", "day", "daylight", "daytime"), ("白天",), "by day", "by day", "白天"),
            Value(("at night", "night", "dark"), ("晚上", "夜里", "夜晚"), "at night", "at night", "夜里"),
        ),
    ),
    Trait(
        "place", "Is it indoors or outdoors?", "是室内还是室外？",
        (
            Value(("indoors", "inside", "indoor"), ("室内", "屋里"), "a scene indoors in a room", "indoors", "室内"),
            Value(("outdoors", "outside", "outdoor"), ("室外", "户外", "外面"), "a scene outdoors", "outdoors", "室外"),
        ),
    ),
    Trait(
        "people", "Are there people in it?", "里面有人吗？",
        (
            Value(("yes", "people", "there are"), ("有", "有人"), "a person", "with people", "有人"),
            Value(("no", "nobody", "no people"), ("没有", "没人"), "nobody, an empty scene", "", ""),
        ),
    ),
    Trait(
        "ground", "Which colour is the background?", "背景是什么颜色？",
        _colours("on a {} background", "on a {} background", "{}背景"),
    ),
    Trait(
        "colour", "Which colour is the main thing?", "主要的东西是什么颜色？",
        _colours("something {}", "something {}", "{}的东西"),
    ),
)  # fmt: skip
"""In the order in which they are preferred where they split the candidates alike."""
