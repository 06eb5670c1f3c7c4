"""Words in the picture and words that are said."""

from __future__ import annotations

from dataclasses import replace

from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.script import Drawn, Scene, Spoken
from whenabouts.types import Span

DRAWN: dict[Lang, tuple[str, ...]] = {
    "en": (
        "HELLO", "OPEN", "EXIT", "COFFEE", "TICKETS", "PLATFORM 9", "NO PARKING", "SALE TODAY",
        "GOOD MORNING", "LIBRARY", "ROOM 42", "THE END", "FRESH BREAD", "BUS STOP", "QUIET PLEASE",
        "WELCOME HOME",
    ),
    "zh": (
        "你好", "欢迎光临", "出口", "咖啡店", "售票处", "禁止停车", "今日特价", "早上好",
        "图书馆", "会议室", "剧终", "新鲜面包", "公交车站", "请安静", "晚安", "回家吃饭",
    ),
}  # fmt: skip
SPOKEN: dict[Lang, tuple[str, ...]] = {
    "en": (
        "Please remember to water the plants.",
        "The train to the coast leaves at seven.",
        "I have lost my keys again.",
        "This recipe needs more salt.",
        "Tomorrow we will climb the mountain.",
        "Nobody expected so much snow in April.",
        "Turn left at the old bridge.",
        "The concert has been cancelled.",
        "My grandmother taught me this song.",
        "We should call the doctor now.",
        "The new camera arrives on Friday.",
        "Who left the window open?",
    ),
    "zh": (
        "请记得给植物浇水。",
        "去海边的火车七点出发。",
        "我又把钥匙弄丢了。",
        "这道菜还要多放点盐。",
        "明天我们去爬山。",
        "没人想到四月会下这么大的雪。",
        "到了老桥就往左拐。",
        "音乐会已经取消了。",
        "这首歌是奶奶教我的。",
        "我们现在应该叫医生。",
        "新相机星期五就到。",
        "是谁把窗户打开了？",
    ),
}


def draw_words(dice: Dice, scene: Scene, share: float) -> Scene:
    """The scene with a drawn word or a spoken line in about this share of the cases each."""
    if dice.chance(share):
        lang: Lang = "zh" if dice.chance(0.4) else "en"
        text = dice.pick(DRAWN[lang])
        height = dice.between(0.1, 0.14)
        y = dice.pick((0.04, 0.95 - height))
        drawn = Drawn(text, lang, _part(dice, scene.span), 0.5, y, height, dice.chance(0.5))
        scene = replace(scene, drawn=(drawn,))
    if dice.chance(share):
        lang = "zh" if dice.chance(0.4) else "en"
        line = Spoken(dice.pick(SPOKEN[lang]), lang, _part(dice, scene.span))
        scene = replace(scene, spoken=(line,))
    return scene


def _part(dice: Dice, span: Span) -> Span:
    """A stretch of at least two seconds, or the whole span when it is shorter."""
    length_s = min(span.length_s, dice.between(2.0, 4.0))
    start_s = span.start_s + (span.length_s - length_s) * dice.share()
    return Span(round(start_s, 2), min(span.end_s, round(start_s + length_s, 2)))
