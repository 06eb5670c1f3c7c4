"""Conversations in the form of IVCR-200K: with candidates, their numbers and the answers.

The candidates that another retriever would bring are made from the truth: the right video among
those that are most like it in what was asked for. Talk has no place in this form and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from whenabouts.shapeworld.axes import Lang, Split
from whenabouts.shapeworld.dialogues import Intent
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.say import say
from whenabouts.shapeworld.talk import Exchange, dialogue
from whenabouts.shapeworld.truth import Claim, Description, Mention

CANDIDATES = 10
CHAT, SINGLE_VIDEO, SINGLE_MOMENT, FROM_VIDEO, FROM_MOMENT, APART = 0, 1, 2, 3, 4, 7
"""Types of a dialogue: talk; one turn; several, beginning with a video or with a moment; turns that
have nothing to do with each other."""
FIRST = 0.4
"""How often the right video is the first candidate on purpose; else any place is as likely."""

Entry = dict[str, Any]
"""One dialogue as the file has it."""

_VIDEO: dict[Lang, tuple[str, ...]] = {
    "en": ("The query matches video {k}. {why}", "It is video {k}. {why}"),
    "zh": ("符合的是 video {k} 。{why}", "找到了，是 video {k} 。{why}"),
}
_MOMENT: dict[Lang, tuple[str, ...]] = {
    "en": (
        "It happens in video {k} at {s}s-{e}s.",
        "Query content found in video {k} at {s}s-{e}s.",
    ),
    "zh": ("在 video {k} 的 {s}s-{e}s 。", "片段在 video {k} 的 {s}s-{e}s 。"),
}
_KNOWN: dict[Lang, str] = {"en": "We spoke about it before.", "zh": "前面说过这个视频。"}
_THANKS: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": (("thank you!", "You are welcome."), ("what can you do?", "I find videos and moments.")),
    "zh": (("谢谢！", "不客气。"), ("你能做什么？", "我能找到视频和片段。")),
}


def draw_entry(
    truth: LibraryTruth,
    split: Split,
    lang: Lang,
    dice: Dice,
    *,
    most_turns: int = 10,
    first: float = FIRST,
) -> Entry:
    """A drawn conversation about a collection: one of all types, at most `most_turns` turns."""
    kind = dice.weighed(
        [(CHAT, 0.04), (SINGLE_VIDEO, 0.16), (FROM_VIDEO, 0.6), (FROM_MOMENT, 0.15), (APART, 0.05)]
    )
    if kind == CHAT:
        return _talk(split, lang, dice)
    if kind == APART:
        turns = [_asked(truth, 1, lang, dice)[0] for _ in range(dice.whole(2, 4))]
        return _entry(split, APART, lang, [Writer(truth, dice, first).pair(one) for one in turns])
    count = 1 if kind == SINGLE_VIDEO else dice.whole(2, max(2, most_turns))
    turns = _asked(truth, count, lang, dice)
    if kind == FROM_MOMENT:
        moments = [n for n, one in enumerate(turns) if one.intent.act == "moment"]
        turns = turns[moments[0] :] if moments else turns
    opening = turns[0].intent.act
    if len(turns) == 1:
        kind = SINGLE_VIDEO if opening == "videos" else SINGLE_MOMENT
    else:
        kind = FROM_VIDEO if opening == "videos" else FROM_MOMENT
    writer = Writer(truth, dice, first)
    return _entry(split, kind, lang, [writer.pair(one) for one in turns])


class Writer:
    """Puts the turns of one conversation down as questions and answers."""

    def __init__(self, truth: LibraryTruth, dice: Dice, first: float = FIRST) -> None:
        self._truth, self._dice, self._first = truth, dice, first
        self._numbers: dict[str, int] = {}
        """Under which number each video was shown last."""
        self._vague: Description | None = None

    def pair(self, said: Exchange) -> tuple[Entry, Entry]:
        """The user's half and the answer."""
        intent, gold = said.intent, said.intent.gold[0]
        moment = intent.act == "moment"
        candidates = self._candidates(intent)
        if moment:
            candidates = [gold.video, *(one for one in candidates if one != gold.video)]
        number = self._numbers.get(gold.video, 1)
        if not moment:
            number = candidates.index(gold.video) + 1
            self._numbers |= {video: n for n, video in enumerate(candidates, 1)}
        if intent.description is not None and not moment:
            self._vague = intent.description
        span = [round(t, 1) for t in (gold.spans[0].start_s, gold.spans[0].end_s)]
        text = self._dice.pick((_MOMENT if moment else _VIDEO)[said.lang]).format(
            k=number, s=span[0], e=span[1], why=self._why(intent, said.lang)
        )
        answer: Entry = {
            "from": "gpt",
            "value": text.strip(),
            "video_id": gold.video,
            "candidate_videos": candidates,
            "gt_se": span if moment else [-1, -1],
            "fits": [one.video for one in intent.gold],
        }
        return {"from": "human", "value": said.text, "text_id": ""}, answer

    def _why(self, intent: Intent, lang: Lang) -> str:
        if intent.description is None:
            return _KNOWN[lang]
        text = say(intent.description, lang, self._dice).rstrip(".。")
        return text + ("。" if lang == "zh" else ".")

    def _candidates(self, intent: Intent) -> list[str]:
        """The right video among those most like what was asked for; no other one is right, too."""
        right = intent.gold[0].video
        claims = list(intent.description.claims) if intent.description else []
        if intent.move == "correct" and self._vague is not None:
            claims = [*claims, *self._vague.claims]
        also = {one.video for one in intent.gold[1:]}
        likeness = dict.fromkeys(self._truth.scripts, 0.0)
        for claim in claims:
            for weight, loose in _looser(claim):
                for video in self._truth.answers(loose):
                    likeness[video] += weight
        others = [video for video in self._dice.shuffled(list(likeness)) if video != right]
        others.sort(key=lambda video: (video in also, -likeness[video] - self._dice.share()))
        found = others[: CANDIDATES - 1]
        place = 0 if self._dice.chance(self._first) else self._dice.below(len(found) + 1)
        return [*found[:place], right, *found[place:]]


def _looser(claim: Claim) -> list[tuple[float, Claim]]:
    """Claims that hold of what is like what was asked for, with how much that counts."""
    actor = claim.actor
    found = [(3.0, claim), (2.0, Claim(Mention(actor.shape, actor.colour)))]
    if claim.action is not None and claim.partner is None and claim.becomes is None:
        found.append((1.0, replace(claim, actor=Mention(actor.shape))))
    return found


def _asked(truth: LibraryTruth, turns: int, lang: Lang, dice: Dice) -> list[Exchange]:
    """So many turns in a row that are not just talk."""
    while True:
        drawn = dialogue(truth, turns + 2, lang, dice)
        found = [one for one in drawn if one.intent.act != "say"][:turns]
        if found:
            return found


def _talk(split: Split, lang: Lang, dice: Dice) -> Entry:
    question, answer = dice.pick(_THANKS[lang])
    pair: tuple[Entry, Entry] = (
        {"from": "human", "value": question, "text_id": ""},
        {"from": "gpt", "value": answer, "video_id": "", "candidate_videos": [], "gt_se": [-1, -1]},
    )
    return _entry(split, CHAT, lang, [pair])


def _entry(split: Split, kind: int, lang: Lang, pairs: Sequence[tuple[Entry, Entry]]) -> Entry:
    said = [half for pair in pairs for half in pair]
    return {"split": split, "type": [kind], "lang": lang, "conversations": said}
