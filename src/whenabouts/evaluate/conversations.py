"""Conversations about drawn videos, turn by turn, and queries for what no video shows.

What stands before a turn is what the brain itself answered (`own`), the right answers (`gold`), or
nothing (`none`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whenabouts.evaluate.dialogue_settings import DialogueSettings, History
from whenabouts.evaluate.drawn_library import Corpus
from whenabouts.metrics.dialogue import Asked, Outcome
from whenabouts.protocols import Brain
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.dialogues import Gold
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.say import say
from whenabouts.shapeworld.talk import Exchange, dialogue
from whenabouts.types import Moment, Turn, Video

_KEY, _NOWHERE = 95, 96


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn with its answer."""

    said: Exchange
    reply: Turn
    seconds: float


def talk_all(
    brain: Brain, corpus: Corpus, settings: DialogueSettings, lang: Lang, history: History
) -> tuple[list[Outcome], list[dict[str, Any]]]:
    """What came of every turn of the drawn dialogues of one language."""
    outcomes: list[Outcome] = []
    rows: list[dict[str, Any]] = []
    for seed in settings.seeds:
        for number in range(settings.dialogues):
            dice = Dice(_KEY, seed, number, settings.langs.index(lang))
            said = dialogue(corpus.truth, dice.whole(1, settings.turns), lang, dice)
            name = f"{lang}-{seed}-{number:04d}"
            for turn, heard in enumerate(converse(brain, said, corpus, history), 1):
                one = replace(judge(heard), dialogue=name, turn=turn, lang=lang)
                outcomes.append(one)
                rows.append(_row(one, heard, history))
    return outcomes, rows


def converse(
    brain: Brain, said: Sequence[Exchange], corpus: Corpus, history: History
) -> Iterator[Heard]:
    """One dialogue, turn by turn."""
    turns: tuple[Turn, ...] = ()
    for one in said:
        asked = Turn("user", one.text)
        begun = time.perf_counter()
        reply = brain.reply((*turns, asked))
        spent_s = time.perf_counter() - begun
        yield Heard(one, reply, spent_s)
        if history != "none":
            kept = reply if history == "own" else right_turn(one, reply, corpus)
            turns = (*turns, asked, kept)


def right_turn(said: Exchange, reply: Turn, corpus: Corpus) -> Turn:
    """The right answer, with the other moments of the reply behind the right one.

    It has no memo: whoever keeps something there has to make do with the turns.
    """
    intent = said.intent
    if not intent.gold:
        return Turn("assistant", said.reply)
    meant = _moment(intent.gold[0], corpus)
    others = [moment for moment in reply.moments if moment.video.id != meant.video.id]
    moments = (meant, *others) if intent.act == "videos" else (meant,)
    return Turn("assistant", said.reply, intent.act, moments)


def _moment(gold: Gold, corpus: Corpus) -> Moment:
    script = corpus.truth.scripts[gold.video]
    path = next(row.path for row in corpus.library.videos() if row.id == gold.video)
    video = Video(
        gold.video, Path(path), script.duration_s, script.fps, script.width, script.height
    )
    return Moment(video, gold.spans[0], 1.0)


def judge(heard: Heard) -> Outcome:
    """What came of one turn, whoever's turn it was."""
    intent, reply = heard.said.intent, heard.reply
    kinds: dict[str, Asked] = {"videos": "video", "moment": "moment", "say": "talk"}
    shown = list(dict.fromkeys(moment.video.id for moment in reply.moments))
    right = {gold.video for gold in intent.gold}
    meant = intent.gold[0].video if intent.gold else ""
    iou, given = 0.0, None
    if intent.act == "moment" and reply.moments:
        first = reply.moments[0]
        if first.video.id == meant:
            iou = max(first.span.iou(span) for span in intent.gold[0].spans)
            given = iou
    return Outcome(
        "",
        0,
        kinds[intent.act],
        rank=next((n for n, video in enumerate(shown, 1) if video in right), None),
        meant=shown.index(meant) + 1 if meant in shown else None,
        iou=iou,
        iou_given=given,
        answered=claims(reply),
        search=meant,
        seconds=heard.seconds,
    )


def claims(reply: Turn) -> bool:
    """Whether a reply says that it found something; `say` shows at most what comes near."""
    return bool(reply.moments) and reply.act != "say" and reply.memo.get("sure") is not False


def nowhere(
    brain: Brain, truth: LibraryTruth, settings: DialogueSettings, lang: Lang
) -> list[Outcome]:
    """What came of queries that no video answers, each the first of its conversation."""
    found: list[Outcome] = []
    for seed in settings.seeds:
        dice = Dice(_NOWHERE, seed, settings.langs.index(lang))
        for number in range(settings.nowhere):
            text = say(truth.describe_nowhere(dice), lang, dice)
            begun = time.perf_counter()
            reply = brain.reply((Turn("user", text),))
            spent_s = time.perf_counter() - begun
            found.append(
                Outcome(
                    f"{lang}-none-{seed}-{number:04d}",
                    1,
                    "nothing",
                    answered=claims(reply),
                    lang=lang,
                    seconds=spent_s,
                )
            )
    return found


def _row(one: Outcome, heard: Heard, history: History) -> dict[str, Any]:
    intent = heard.said.intent
    return {
        "dialogue": one.dialogue,
        "turn": one.turn,
        "history": history,
        "move": intent.move,
        "text": heard.said.text,
        "gold": [gold.video for gold in intent.gold[:5]],
        "spans": [[span.start_s, span.end_s] for gold in intent.gold[:1] for span in gold.spans],
        "act": heard.reply.act,
        "answer": heard.reply.text,
        "found": [
            [m.video.id, round(m.span.start_s, 2), round(m.span.end_s, 2)]
            for m in heard.reply.moments[:10]
        ],
        "rank": one.rank,
        "iou": round(one.iou, 4),
        "seconds": round(one.seconds, 4),
    }
