"""Conversations put into words: what the user says and what a good assistant answers."""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.shapeworld import grammar_en as en
from whenabouts.shapeworld import grammar_zh as zh
from whenabouts.shapeworld import words_en, words_zh
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.dialogues import Intent, Move, draw_dialogue
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.say import say
from whenabouts.shapeworld.truth import Claim, Mention


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of the user with the right act, the right videos and spans, and a good answer."""

    text: str
    reply: str
    lang: Lang
    intent: Intent


_USER: dict[Lang, dict[Move, tuple[str, ...]]] = {
    "en": {
        "describe": ("{d}", "find this video: {d}", "I am looking for a video: {d}"),
        "describe coarsely": ("{d}", "a video with {n}", "is there something with {n}?"),
        "correct": ("no, the one where {d}", "I mean the one in which {d}", "no, the one with {n}"),
        "moment": ("when does that happen: {d}?", "show me the part where {d}", "where is {n}?"),
        "after": ("and what comes after that?", "show me the next part", "and then?"),
        "before": ("and the part before that?", "what came before it?", "one part back"),
        "whole": ("show me the whole video", "I want to see all of that video"),
        "similar": ("something like this, but {c}", "the same thing but {c}, please"),
        "recall": ("back to the {nth} video", "show me the {nth} video again"),
        "chat": ("thank you!", "nice, well done", "what can you do?", "good morning"),
    },
    "zh": {
        "describe": ("{d}", "找一下这个视频：{d}", "我想看这样的视频：{d}"),
        "describe coarsely": ("{d}", "有{n}的视频", "有没有带{n}的视频？"),
        "correct": ("不对，是{d}的那个", "我说的是{d}的那个", "不对，是有{n}的那个"),
        "moment": ("{d}是在什么时候？", "给我看{d}的那一段", "{n}在哪里出现？"),
        "after": ("那之后呢？", "接下来的那一段呢？", "然后呢？"),
        "before": ("那之前的那一段呢？", "在那之前是什么？", "回到前面的那一段"),
        "whole": ("给我看整个视频", "我想看那个视频的全部"),
        "similar": ("类似的，但是要{c}", "一样的，不过换成{c}"),
        "recall": ("回到第{nth}个视频", "再看一下第{nth}个视频"),
        "chat": ("谢谢！", "不错，干得好", "你能做什么？", "早上好"),
    },
}  # fmt: skip
_REPLY: dict[Lang, dict[str, tuple[str, ...]]] = {
    "en": {
        "videos": ("The video is {v}.", "That is {v}.", "I found it: {v}."),
        "moment": ("In {v} from {s} to {e} seconds.", "It happens in {v} at {s}-{e} seconds."),
        "say": ("You are welcome.", "Tell me what you would like to see.", "Gladly."),
    },
    "zh": {
        "videos": ("是这个视频：{v}。", "找到了：{v}。"),
        "moment": ("在{v}的{s}秒到{e}秒。", "{v}，从{s}秒到{e}秒。"),
        "say": ("不客气。", "请告诉我你想看什么。", "很高兴帮到你。"),
    },
}
_BARE: tuple[Move, ...] = ("moment", "describe coarsely", "correct")
"""Moves that may speak of somebody without saying what they do."""
_NTH: dict[Lang, tuple[str, ...]] = {
    "en": ("first", "second", "third", "fourth"),
    "zh": ("一", "二", "三", "四"),
}


def dialogue(truth: LibraryTruth, turns: int, lang: Lang, dice: Dice) -> tuple[Exchange, ...]:
    """A conversation about the collection, in words."""
    return tuple(exchange(intent, lang, dice) for intent in draw_dialogue(truth, turns, dice))


def exchange(intent: Intent, lang: Lang, dice: Dice) -> Exchange:
    """One turn and its answer in words."""
    options = _USER[lang][intent.move]
    claims = intent.description.claims if intent.description else (Claim(Mention()),)
    claim = claims[0]
    # Somebody alone says all of a claim that has nothing else in it.
    alone = claims == (Claim(claim.actor),) and intent.move in _BARE
    barred = "{d}" if alone else "{n}"
    options = [option for option in options if barred not in option]
    text = dice.pick(options).format(
        d=_described(intent, lang, dice),
        n=_noun(claim.actor, lang, dice),
        c=_change(intent, claim.actor, lang, dice),
        nth=_NTH[lang][max(0, intent.number - 1)],
    )
    reply = dice.pick(_REPLY[lang][intent.act])
    if intent.gold:
        span = intent.gold[0].spans[0]
        reply = reply.format(v=intent.gold[0].video, s=f"{span.start_s:.1f}", e=f"{span.end_s:.1f}")
    return Exchange(text, reply, lang, intent)


def _described(intent: Intent, lang: Lang, dice: Dice) -> str:
    """The description; as one clause where it stands inside a sentence."""
    if intent.description is None:
        return ""
    if len(intent.description.claims) == 1 and lang == "en":
        return " ".join(en.clause(intent.description.claims[0], dice, "verb").split())
    if len(intent.description.claims) == 1:
        return zh.clause(intent.description.claims[0], dice, "verb")
    text = say(intent.description, lang, dice).rstrip(".。")
    return text[0].lower() + text[1:]


def _noun(mention: Mention, lang: Lang, dice: Dice) -> str:
    return zh.noun(mention, dice) if lang == "zh" else en.noun(mention, dice)[0]


def _change(intent: Intent, mention: Mention, lang: Lang, dice: Dice) -> str:
    """What is different about a similar one: its colour, or its shape."""
    if intent.changed == "colour" and mention.colour:
        return (words_zh if lang == "zh" else words_en).COLOURS[mention.colour][0]
    if intent.changed == "shape" and mention.shape:
        if lang == "zh":
            return words_zh.SHAPES[mention.shape][0]
        return "with " + en.noun(Mention(mention.shape, count=mention.count), dice)[0]
    return ""
