"""Dialogues from files: IVCR-200K's references, predictions in the published form or our own.

Published: a JSON list of `{"user_q", "output"}`, one for each sample of the test set in order.
Ours: records with `dialogue` (place in the file, from 0), `turn` (from 1) and an answer text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from whenabouts.data.dialogues import CHAT, Dialogue, Pair, read, samples, to_evaluate
from whenabouts.errors import InputError
from whenabouts.evaluate.dialogue_report import dialogue_figures
from whenabouts.evaluate.score_files import Record, Scored, records, told
from whenabouts.metrics.answers import ivcr
from whenabouts.metrics.answers.dialogue import named_video
from whenabouts.metrics.answers.strict import read_span
from whenabouts.metrics.dialogue import Outcome
from whenabouts.metrics.ivcr import Tally, Told, official, official_turns, tally
from whenabouts.models.dialogue_text import video_number
from whenabouts.types import Span

Answers = Literal["strict", "ivcr"]
"""Who reads answers for our figures: both languages, or the published parsers."""
_ENDLESS_S = 1e6
"""Annotations have no lengths of videos."""

Key = tuple[int, int]
"""A dialogue and its turn."""


def score_dialogue(predictions: Path, references: Path, answers: Answers, resamples: int) -> Scored:
    """Our figures, and as `official.*` those that the published script prints.

    A picked candidate moves to the first place of the retriever's list. A turn without a readable
    answer is a miss. History is what the predictions were made with: the file does not tell.
    """
    dialogues = read(references)
    rows = records(predictions)
    chosen, kept = _chosen(rows, dialogues, predictions)
    if not chosen:
        raise InputError(f"{predictions} answers no turn of {references}")
    asked = {(s.dialogue, s.turn): s.rounds for s in samples(kept)}
    outcomes = [
        _outcome(key, pairs, chosen[key], answers) for key, pairs in asked.items() if key in chosen
    ]
    pool = max(len(pair.answer.candidates) for one in kept for pair in one.rounds)
    figures, intervals = dialogue_figures(outcomes, pool, resamples)
    theirs = _official(dialogues, asked, chosen, rows)
    notes = [f"{len(outcomes)} turns of {len({o.dialogue for o in outcomes})} dialogues"]
    unread = sum(not one.answered for one in outcomes)
    if unread:
        notes.append(f"{unread} answers name no candidate or no time and count as wrong")
    left = len(asked) - len(outcomes)
    if left:
        notes.append(f"{left} turns of the test set have no prediction and are not counted by us")
    return Scored(theirs | figures, intervals, tuple(notes))


def _chosen(
    rows: Sequence[Record], dialogues: Sequence[Dialogue], path: Path
) -> tuple[dict[Key, str], list[Dialogue]]:
    """Answers by turn, and the dialogues that are evaluated."""
    kept = to_evaluate(dialogues)
    if all("dialogue" in row and "turn" in row for row in rows):
        found = {(int(row["dialogue"]), int(row["turn"])): _text(row) for row in rows}
        if len(found) != len(rows):
            raise InputError(f"{path} answers a turn twice")
        return found, kept
    published = to_evaluate(dialogues, faults=True)
    for chosen in (published, kept):
        order = [(sample.dialogue, sample.turn) for sample in samples(chosen)]
        if len(order) == len(rows):
            return dict(zip(order, map(_text, rows), strict=True)), chosen
    raise InputError(
        f"{path} has {len(rows)} answers, the test set has {len(list(samples(published)))} turns; "
        "give one for each in order, or records with `dialogue` and `turn`"
    )


def _text(row: Record) -> str:
    return row["output"] if isinstance(row.get("output"), str) else told(row)


def _outcome(key: Key, pairs: Sequence[Pair], text: str, answers: Answers) -> Outcome:
    """What came of the last of these turns."""
    gold = pairs[-1].answer
    name, turn = f"{key[0]:06d}", key[1]
    if gold.span is not None:
        span = _span(text, answers)
        iou = 0.0 if span is None else span.iou(Span(*sorted(gold.span)))
        return Outcome(name, turn, "moment", iou=iou, iou_given=iou, answered=span is not None)
    most = len(gold.candidates)
    number = named_video(text, most) if answers == "strict" else video_number(text, 1)
    if number is None or number > most:
        return Outcome(name, turn, "video", answered=False, search=gold.video)
    picked = gold.candidates[number - 1]
    listed = [picked, *(video for video in gold.candidates if video != picked)]
    rank = listed.index(gold.video) + 1 if gold.video in listed else None
    right = {gold.video, *gold.fits}
    first = next((n for n, video in enumerate(listed, 1) if video in right), None)
    return Outcome(name, turn, "video", rank=first, meant=rank, search=gold.video)


def _span(text: str, answers: Answers) -> Span | None:
    if answers == "strict":
        events = read_span(text, _ENDLESS_S).events
        return events[0].span if events else None
    start_s, end_s = ivcr.window(text)
    return None if [start_s, end_s] == ivcr.NO_WINDOW else Span(*sorted((start_s, end_s)))


def _official(
    dialogues: Sequence[Dialogue],
    asked: dict[Key, tuple[Pair, ...]],
    chosen: dict[Key, str],
    rows: Sequence[Record],
) -> dict[str, float]:
    """The script's figures in percent, with its slip and without, and its table by turn."""
    turns = [
        [_told(pair) for pair in one.rounds]
        for one in dialogues
        if one.split == "test" and one.kind != CHAT
    ]
    every = [one for dialogue in turns for one in dialogue]
    answered = [(_told(asked[key][-1]), text) for key, text in chosen.items() if key in asked]
    found = _percent("official", official(answered, every))
    found |= _percent("official, first ones scored", official(answered, every, skip_first=False))
    found |= _percent("official, of the samples", tally(answered))
    said = [(str(row["user_q"]), _text(row)) for row in rows if "user_q" in row]
    if not said:
        said = [(asked[key][-1].text, text) for key, text in chosen.items() if key in asked]
    for place, row in official_turns(turns, said).items():
        found |= _percent(f"official, turn {place}", row)
    return found


def _percent(name: str, found: Tally) -> dict[str, float]:
    asked = {"video": found.videos, "moment": found.moments}
    shares = {key: value for key, value in found.shares.items() if asked[key.split()[0]]}
    return {f"{name}.{key}": 100.0 * value for key, value in shares.items()}


def _told(pair: Pair) -> Told:
    return Told(pair.text, pair.answer.span is not None, pair.answer.text)
