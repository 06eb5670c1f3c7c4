"""Questions put into words, with lettered options or for a short answer, in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from whenabouts.shapeworld import grammar_en as en
from whenabouts.shapeworld import grammar_zh as zh
from whenabouts.shapeworld import words_en, words_zh
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.questions import Answer, Ask, Asked, Kind, ask_about
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import Claim, Mention, Setting
from whenabouts.types import Span


@dataclass(frozen=True, slots=True)
class Question:
    """A question with options; `answer` is the place of the right one."""

    kind: Kind
    lang: Lang
    text: str
    options: tuple[str, ...]
    answer: int
    spans: tuple[Span, ...]
    """Where in the video the answer can be seen."""

    @property
    def short(self) -> str:
        """The answer to the open question."""
        return self.options[self.answer]


def question(
    script: Script, kind: Kind, lang: Lang, dice: Dice, options: int = 5
) -> Question | None:
    """A question of this kind about the video; None if it offers none."""
    asked = ask_about(script, kind, dice, options - 1)
    return None if asked is None else put(asked, lang, dice)


def phrasings(asked: Asked, answer: Answer, lang: Lang, draws: int = 150) -> frozenset[str]:
    """Ways to say an answer, right or wrong, as many as so many draws find."""
    option = _option_zh if lang == "zh" else _option_en
    return frozenset(option(asked, answer, Dice(_KEY, draw)) for draw in range(draws))


def put(asked: Asked, lang: Lang, dice: Dice) -> Question:
    """A question in words, its options in random order."""
    answers: list[Answer] = [asked.right, *asked.wrong]
    order = dice.shuffled(range(len(answers)))
    if lang == "zh":
        text, options = _text_zh(asked, dice), [_option_zh(asked, a, dice) for a in answers]
    else:
        text, options = _text_en(asked, dice), [_option_en(asked, a, dice) for a in answers]
    shown = tuple(options[place] for place in order)
    return Question(asked.kind, lang, text, shown, order.index(0), asked.spans)


_KEY = 51
_EN: dict[Ask, tuple[str, ...]] = {
    "how many": ("how many {things} are there?", "how many {things} can be seen?"),
    "what colour": ("what colour is {the} that {does}?", "name the colour of {the} that {does}"),
    "what background": ("what is the background while {it_all}?", "what is behind when {it_all}?"),
    "what after": ("what happens after {it_all}?", "what comes next after {it_all}?"),
    "what before": ("what happens before {it_all}?", "what comes just before {it_all}?"),
    "what meanwhile": ("what else happens while {it_all}?", "{it_all}: what else happens then?"),
    "which nth": ("which shape comes {nth}?", "which shape is the {nth} to come into view?"),
    "why back": ("why does {the} turn back?", "why does {the} change its direction?"),
    "why away": ("why does {the} move away?", "why is {the} running?"),
    "how changed": ("how does {the} change?", "what becomes of {the}?"),
    "does to": ("what does {the} do with {other}?", "how does {the} act on {other}?"),
    "which after": ("which shape comes after {it_all}?", "{it_all}: which shape is next?"),
    "what next": ("what will {the} do next?", "what is {the} going to do?"),
    "fits inside": ("inside which shape could {the} fit?", "which shape is big enough for {the}?"),
}  # fmt: skip
_NTH_EN = {0: "last", 1: "first", 2: "second", 3: "third"}


def _text_en(asked: Asked, dice: Dice) -> str:
    row = _EN[asked.ask]
    text = row[0] if asked.number == 0 and asked.ask == "which nth" else dice.pick(row)
    claim = asked.about[0] if asked.about else Claim(Mention())
    who = claim.actor
    verb, rest = en.predicate(claim, dice, the=True)
    single, plural, _ = en.forms(verb)
    the, many = en.noun(who, dice, the=True)
    bare = replace(who, count=2) if asked.ask == "how many" else who
    text = text.format(
        things=en.noun(bare, dice, the=True)[0].removeprefix("the two "),
        the=the,
        does=f"{plural if many else single} {rest}".strip(),
        it_all=en.clause(claim, dice, "verb", the=True),
        nth=_NTH_EN[asked.number],
        other=en.noun(asked.about[1].actor, dice, the=True)[0] if len(asked.about) > 1 else "",
    )
    if many:
        text = re.sub(r"\b(does|is) the\b", lambda m: f"{_MANY[m[1]]} the", text)
    text = re.sub(r" +", " ", text).replace(" ?", "?")
    return text[0].upper() + text[1:] if dice.chance(0.3) else text


_MANY = {"does": "do", "is": "are"}


def _option_en(asked: Asked, answer: Answer, dice: Dice) -> str:
    if isinstance(answer, int):
        return {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}[answer]
    if isinstance(answer, Setting):
        place = words_en.GROUNDS[answer.ground or "plain"][0].format(c=answer.colour or "")
        return re.sub(r"\ba (?=[aeiou])", "an ", place.removeprefix("on "))
    if isinstance(answer, Mention):
        return answer.colour or "" if answer.shape is None else en.noun(answer, dice)[0]
    if asked.ask in ("why back", "why away"):
        return "because " + _tidy(en.clause(answer, dice, "verb", the=True))
    if asked.ask == "does to":
        verb, rest = en.predicate(replace(answer, partner=None), dice)
        return _tidy(f"it {en.forms(verb)[0]} {rest}")
    if asked.ask in ("how changed", "what next"):
        verb, rest = en.predicate(answer, dice)
        many = (answer.actor.count or 1) > 1
        return _tidy(f"{'they' if many else 'it'} {en.forms(verb)[1 if many else 0]} {rest}")
    return _tidy(en.clause(answer, dice, "verb"))


def _tidy(text: str) -> str:
    return re.sub(r" +", " ", text).strip()


_ZH: dict[Ask, tuple[str, ...]] = {
    "how many": ("有几个{things}？", "画面里一共有几个{things}？"),
    "what colour": ("{does}的{the}是什么颜色的？", "{does}的{the}是哪种颜色？"),
    "what background": ("{it_all}的时候，背景是什么样的？",),
    "what after": ("{it_all}之后发生了什么？", "{it_all}以后接着发生什么？"),
    "what before": ("{it_all}之前发生了什么？",),
    "what meanwhile": ("{it_all}的同时还发生了什么？",),
    "which nth": ("{nth}出现的是什么图形？", "{nth}出现的图形是哪个？"),
    "why back": ("{the}为什么往回走？", "{the}为什么改变方向？"),
    "why away": ("{the}为什么要跑开？", "为什么{the}在逃跑？"),
    "how changed": ("{the}发生了什么变化？", "{the}变得怎么样了？"),
    "does to": ("{the}对{other}做了什么？", "{the}和{other}之间发生了什么？"),
    "which after": ("{it_all}之后出现的是哪个图形？",),
    "what next": ("{the}接下来会怎么样？", "{the}接着要做什么？"),
    "fits inside": ("{the}可以放进哪个图形里？", "哪个图形大得能装下{the}？"),
}
_NTH_ZH = {0: "最后", 1: "第一个", 2: "第二个", 3: "第三个"}


def _text_zh(asked: Asked, dice: Dice) -> str:
    claim = asked.about[0] if asked.about else Claim(Mention())
    who = claim.actor
    return dice.pick(_ZH[asked.ask]).format(
        things=zh.noun_parts(replace(who, count=1), dice)[1],
        the=zh.noun(who, dice, the=True),
        does=zh.predicate(claim, dice),
        it_all=zh.noun(who, dice, the=True) + zh.predicate(claim, dice),
        nth=_NTH_ZH[asked.number],
        other=zh.noun(asked.about[1].actor, dice, the=True) if len(asked.about) > 1 else "",
    )


def _option_zh(asked: Asked, answer: Answer, dice: Dice) -> str:
    if isinstance(answer, int):
        return "一两三四五六"[answer - 1] + "个"
    if isinstance(answer, Setting):
        colour = words_zh.COLOURS[answer.colour][0] if answer.colour else ""
        return words_zh.GROUNDS[answer.ground or "plain"][0].format(c=colour)
    if isinstance(answer, Mention):
        if answer.shape is None:
            return words_zh.COLOURS[answer.colour][0] if answer.colour else ""
        return zh.noun(answer, dice)
    if asked.ask in ("why back", "why away"):
        return "因为" + zh.clause(answer, dice, "verb", the=True)
    if asked.ask == "does to":
        return zh.predicate(replace(answer, partner=None), dice)
    if asked.ask in ("how changed", "what next"):
        return zh.predicate(answer, dice)
    return zh.clause(answer, dice, "verb")
