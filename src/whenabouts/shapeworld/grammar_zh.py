"""Chinese sentences from claims."""

from __future__ import annotations

from collections.abc import Sequence

from whenabouts.shapeworld import words_zh as words
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.truth import Claim, Description, Mention, Setting

PLAIN_SHARE = 0.6
"""Share of the words that are the plainest of their row."""


def sentence(description: Description, dice: Dice) -> str:
    """One of the many ways to say this description in Chinese."""
    claims = description.claims
    if len(claims) == 1:
        text = clause(claims[0], dice, dice.pick(("verb", "verb", "noun", "there")))
    elif not description.ordered:
        form = dice.pick(("verb", "noun"))
        parts = [clause(claim, dice, form) for claim in claims]
        text = "，".join(parts[:-1]) + dice.pick(("，还有", "，以及")) + parts[-1]
    else:
        text = _in_order([clause(claim, dice, "verb") for claim in claims], dice)
    return text + "。" if dice.chance(0.2) else text


def clause(claim: Claim, dice: Dice, form: str, *, the: bool = False) -> str:
    """A claim as `verb` (一个星形旋转), `noun` (一个旋转的星形) or `there` (有一个星形在旋转).

    `the` speaks of somebody who is known.
    """
    place, light = _place(claim.setting, dice)
    subject = noun(claim.actor, dice, the=the)
    if claim.action is None:
        return dice.pick(
            (f"{light}{place}有{subject}", f"{light}{subject}{place and '在' + place}")
        )
    if claim.partner is not None:
        told = _relation(claim, claim.partner, dice, the=the)
        lead = f"{light}{place}"
        return f"{lead}，{told}" if lead and dice.chance(0.5) else f"{lead}{told}"
    action = predicate(claim, dice)
    going = claim.action in words.TAKES_ZAI
    if form == "noun" and going and not action.startswith("转着"):
        where = f"在{place}" if place else ""
        head, rest = noun_parts(claim.actor, dice)
        return f"{light}{head}{where}{action}的{rest}"
    if form == "there":
        return f"{light}{place}有{subject}{'在' if going and not place else ''}{action}"
    way = dice.below(3)
    if place and way == 0:
        return f"{light}{subject}在{place}{action}"
    going_word = dice.pick(("", "在", "正在")) if going else ""
    if place and way == 1:
        return f"{light}在{place}，{subject}{going_word}{action}"
    return f"{light}{place}{'，' if place else ''}{subject}{going_word}{action}"


def predicate(claim: Claim, dice: Dice) -> str:
    """What is done, without by whom."""
    if claim.action is None:
        return "在画面里"
    other = noun(claim.partner, dice) if claim.partner else "它"
    action = _plainly(words.ACTIONS[claim.action], dice)
    return action.format(p=other, to=_becoming(claim, dice) if "{to}" in action else "")


def noun(mention: Mention, dice: Dice, *, the: bool = False) -> str:
    """A mention with its number; one that is known goes without."""
    number, rest = noun_parts(mention, dice)
    return rest if the and mention.count in (None, 1) else number + rest


def noun_parts(mention: Mention, dice: Dice) -> tuple[str, str]:
    """The number, and the rest of the mention."""
    name = _plainly(words.SHAPES[mention.shape] if mention.shape else words.THING, dice)
    colour = _plainly(words.COLOURS[mention.colour], dice) if mention.colour else ""
    number = _plainly(words.COUNTS[mention.count or 1], dice)
    if not mention.size:
        return number, colour + ("的" if colour and dice.chance(0.3) else "") + name
    size = words.SIZES[mention.size][0]
    ways = (f"{size}{colour}{name}", f"{size}的{colour}{name}", f"{colour}的{size}{name}")
    return number, dice.pick(ways) if colour else f"{size}{name}"


def _plainly(row: Sequence[str], dice: Dice) -> str:
    return row[0] if dice.chance(PLAIN_SHARE) else dice.pick(row)


def _relation(claim: Claim, partner: Mention, dice: Dice, *, the: bool) -> str:
    subject, other, table = claim.actor, partner, words.ACTIONS
    if claim.action in words.TURNED and dice.chance(0.3):
        subject, other, table = partner, claim.actor, words.TURNED
    assert claim.action is not None
    action = _plainly(table[claim.action], dice)
    return noun(subject, dice, the=the) + action.format(p=noun(other, dice, the=the))


def _becoming(claim: Claim, dice: Dice) -> str:
    becomes = claim.becomes or Mention()
    if claim.action == "changes colour":
        return _plainly(words.COLOURS[becomes.colour], dice) if becomes.colour else "别的颜色"
    return _plainly(words.SHAPES[becomes.shape], dice) if becomes.shape else "别的形状"


def _place(setting: Setting, dice: Dice) -> tuple[str, str]:
    """The background as a place, and the light."""
    place = ""
    if setting.ground or setting.colour:
        row = words.GROUNDS[setting.ground] if setting.ground else words.ANY_GROUND
        colour = _plainly(words.COLOURS[setting.colour], dice) if setting.colour else ""
        place = _plainly(row, dice).format(c=colour).removeprefix("的") + dice.pick(("上", "前"))
    light = _plainly(words.LIGHTS[setting.light], dice) if setting.light else ""
    return place, light


def _in_order(parts: Sequence[str], dice: Dice) -> str:
    """Two or more clauses, one after the other."""
    way = dice.below(4)
    if way == 0:
        return "，然后".join(parts)
    if way == 1:
        return "，接着".join(parts)
    if way == 2:
        middle = [f"再{part}" if dice.chance(0.3) else f"然后{part}" for part in parts[1:-1]]
        return "，".join([f"先是{parts[0]}", *middle, f"最后{parts[-1]}"])
    return "，之后".join(parts)
