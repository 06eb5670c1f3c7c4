"""English sentences from claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from whenabouts.shapeworld import words_en as words
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.truth import Claim, Description, Mention, Setting

PLAIN_SHARE = 0.6
"""Share of the words that are the plainest of their row."""


def sentence(description: Description, dice: Dice) -> str:
    """One of the many ways to say this description in English."""
    claims = description.claims
    if len(claims) == 1:
        text = clause(claims[0], dice, dice.pick(("verb", "verb", "noun", "there", "it")))
    elif not description.ordered:
        form = dice.pick(("verb", "noun"))
        parts = [clause(claim, dice, form) for claim in claims]
        text = ", ".join(parts[:-1]) + dice.pick((" and ", ", and ")) + parts[-1]
    else:
        text = _in_order(claims, dice)
    text = re.sub(r" +", " ", text).replace(" ,", ",").strip()
    if dice.chance(0.2):
        text = text[0].upper() + text[1:] + "."
    return text


def clause(claim: Claim, dice: Dice, form: str, *, the: bool = False) -> str:
    """A claim in one of four forms; `the` speaks of somebody who is known.

    `verb`: a star spins; `noun`: a star spinning; `there`: there is a star spinning; `it`: there is
    a star and it spins.
    """
    place = _place(claim.setting, dice)
    subject, many = noun(claim.actor, dice, the=the)
    if claim.action is None:
        if form in ("there", "it") or (form == "verb" and dice.chance(0.5)):
            return f"there {'are' if many else 'is'} {subject} {place}"
        return f"{subject} {place}"
    if claim.partner and claim.action in words.TURNED and dice.chance(0.3):
        subject, many = noun(claim.partner, dice, the=the)
        verb, rest = _plainly(words.TURNED[claim.action], dice)
        rest = rest.format(p=noun(claim.actor, dice, the=the)[0])
    else:
        verb, rest = predicate(claim, dice, the=the)
    single, plural, doing = forms(verb)
    if form == "noun":
        doing = "" if verb == "be" else doing
        return f"{subject} {doing} {rest} {place}"
    if form == "there":
        doing = "" if verb == "be" else doing
        return f"there {'are' if many else 'is'} {subject} {doing} {rest} {place}"
    if form == "it":
        it, does = ("they", plural) if many else ("it", single)
        return f"there {'are' if many else 'is'} {subject} {place} and {it} {does} {rest}"
    does = plural if many else single
    if verb != "be" and dice.chance(0.3):
        does = f"{'are' if many else 'is'} {doing}"
    if place and dice.chance(0.25):
        return f"{place}, {subject} {does} {rest}"
    return f"{subject} {does} {rest} {place}"


def predicate(claim: Claim, dice: Dice, *, the: bool = False) -> tuple[str, str]:
    """The verb of a claim in its base form, and what follows it."""
    if claim.action is None:
        return "be", "in view"
    verb, rest = _plainly(words.ACTIONS[claim.action], dice)
    other = noun(claim.partner, dice, the=the)[0] if claim.partner else "it"
    return verb, rest.format(p=other, to=_becoming(claim, dice) if "{to}" in rest else "")


def noun(mention: Mention, dice: Dice, *, the: bool = False) -> tuple[str, bool]:
    """A mention with its article or number, and whether it is a plural."""
    size = _plainly(words.SIZES[mention.size], dice) if mention.size else ""
    colour = _plainly(words.COLOURS[mention.colour], dice) if mention.colour else ""
    if mention.shape is None and mention.count is None:
        return " ".join(("something", size, colour)), False
    count = mention.count or 1
    name = _plainly(words.SHAPES[mention.shape] if mention.shape else words.THING, dice)
    number = _plainly(words.COUNTS[count], dice, 0.85)
    if count > 1:
        name = plural(name)
    rest = " ".join(word for word in (size, colour, name) if word)
    if the:
        number = "the" if count == 1 else f"the {words.COUNTS[count][0]}"
    elif number == "a" and rest[0] in "aeiou":
        number = "an"
    return f"{number} {rest}", count > 1


def plural(name: str) -> str:
    """The plural of a shape's name."""
    head, _, last = name.rpartition(" ")
    return f"{head} {words.PLURALS.get(last, last + 's')}".strip()


def _plainly(row: Sequence, dice: Dice, share: float = PLAIN_SHARE):  # noqa: ANN202
    return row[0] if dice.chance(share) else dice.pick(row)


def _becoming(claim: Claim, dice: Dice) -> str:
    """What the actor becomes: a colour, or a shape with its article."""
    becomes = claim.becomes or Mention()
    if claim.action == "changes colour":
        return _plainly(words.COLOURS[becomes.colour], dice) if becomes.colour else "another colour"
    text, many = noun(Mention(becomes.shape, None, None, claim.actor.count), dice)
    return text.split(" ", 1)[1] if many and dice.chance(0.5) else text


def forms(verb: str) -> tuple[str, str, str]:
    """Third person singular, plural and participle."""
    if verb in words.VERBS:
        return words.VERBS[verb]
    stem = verb[:-1] if verb.endswith("e") else verb
    return verb + "s", verb, stem + "ing"


def _place(setting: Setting, dice: Dice) -> str:
    parts: list[str] = []
    if setting.ground or setting.colour:
        row = words.GROUNDS[setting.ground] if setting.ground else words.ANY_GROUND
        colour = _plainly(words.COLOURS[setting.colour], dice) if setting.colour else ""
        text = _plainly(row, dice).format(c=colour)
        parts.append(text.replace("a orange", "an orange"))
    if setting.light:
        parts.append(_plainly(words.LIGHTS[setting.light], dice))
    return " ".join(parts)


def _in_order(claims: Sequence[Claim], dice: Dice) -> str:
    """Two or more claims, one after the other."""
    way = dice.below(5 if len(claims) == 2 else 3)
    form = "noun" if way == 2 else "verb"
    parts = [clause(claim, dice, form) for claim in claims]
    if way == 0:
        return ", then ".join(parts)
    if way == 1:
        middle = [f"then {part}" for part in parts[1:-1]]
        end = dice.pick(("then", "finally", "and then"))
        return ", ".join([f"first {parts[0]}", *middle, f"{end} {parts[-1]}"])
    if way == 2:
        return dice.pick((", followed by ", ", later ")).join(parts)
    if way == 3:
        return f"{parts[1]} after {parts[0]}"
    return dice.pick((f"{parts[0]} before {parts[1]}", f"{parts[0]}. After that, {parts[1]}"))
