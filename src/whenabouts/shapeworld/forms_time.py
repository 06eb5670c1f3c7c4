"""Forms of datasets whose captions tell of spans: Charades-STA, QVHighlights, ActivityNet."""

from __future__ import annotations

import csv
import json
import string
from collections.abc import Iterator, Sequence
from pathlib import Path

from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.collection import Item, of_split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.forms_plain import Line, write_lines
from whenabouts.shapeworld.highlights import rate
from whenabouts.shapeworld.say import Query, event_caption, moment_query
from whenabouts.shapeworld.script import Script
from whenabouts.types import Span

CHARADES_COLUMNS = (
    "id", "subject", "scene", "quality", "relevance", "verified", "script", "objects",
    "descriptions", "actions", "length",
)  # fmt: skip


def distinct_queries(script: Script, lang: Lang, dice: Dice) -> Iterator[Query]:
    """One query for each main event that a query can tell from all else in the video."""
    for event in script.main_events:
        for _ in range(8):
            query = moment_query(script, event, lang, dice)
            if query.spans == (event.span,):
                yield query
                break


# Charades-STA: a line `VID start end##sentence.`, and a table with the length of each video.


def place_charades(number: int, _script: Script) -> Path:
    """`Charades_v1_480/A1B2C.mp4`: five letters and digits."""
    dice = Dice(41, number)
    letters = string.ascii_uppercase + string.digits
    head = "".join(dice.pick(letters) for _ in range(2))
    return Path("Charades_v1_480") / f"{head}{_base36(number, 3)}.mp4"


def annotate_charades(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`charades_sta_{train,test}.txt` and `Charades_v1_{train,test}.csv`."""
    for split in ("train", "test"):
        lines: list[str] = []
        with (folder / f"Charades_v1_{split}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(CHARADES_COLUMNS)
            for item in of_split(items, split):
                length = f"{item.script.duration_s:.2f}"
                table.writerow([item.name, *[""] * (len(CHARADES_COLUMNS) - 2), length])
                for query in distinct_queries(item.script, lang, dice):
                    span, text = query.spans[0], query.text.rstrip(".。").lower()
                    lines.append(f"{item.name} {span.start_s:.1f} {span.end_s:.1f}##{text}.\n")
        (folder / f"charades_sta_{split}.txt").write_text("".join(lines), "utf-8")


# QVHighlights: windows of 2 s clips and three raters' scores; the test file has neither.


def place_qvhighlights(number: int, script: Script) -> Path:
    """`videos/NAME_0.0_150.0.mp4`: a video name of eleven letters and the clip's times."""
    dice = Dice(42, number)
    name = "".join(dice.pick(string.ascii_letters + string.digits) for _ in range(11))
    return Path("videos") / f"{name}_0.0_{script.duration_s:.1f}.mp4"


def annotate_qvhighlights(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`highlight_{train,val,test}_release.jsonl`, and the test's truth in a file of its own."""
    number = 0
    for split in ("train", "val", "test"):
        lines: list[Line] = []
        for item in of_split(items, split):
            for query in distinct_queries(item.script, lang, dice):
                rated = rate(item.script, query, dice)
                if not rated.clips:
                    continue
                lines.append(
                    {
                        "qid": number,
                        "query": query.text.rstrip(".。"),
                        "duration": int(item.script.duration_s / 2) * 2,
                        "vid": item.name,
                        "relevant_windows": [_whole_pair(span) for span in rated.windows],
                        "relevant_clip_ids": list(rated.clips),
                        "saliency_scores": [list(marks) for marks in rated.scores],
                    }
                )
                number += 1
        if split == "test":
            write_lines(folder / "highlight_test_truth.jsonl", lines)
            told = ("qid", "query", "duration", "vid")
            lines = [{key: line[key] for key in told} for line in lines]
        write_lines(folder / f"highlight_{split}_release.jsonl", lines)


# ActivityNet Captions: sentences with spans for a whole video.


def place_activitynet(number: int, _script: Script) -> Path:
    """`videos/v_NAME.mp4`: eleven letters and digits after `v_`."""
    dice = Dice(43, number)
    name = "".join(dice.pick(string.ascii_letters + string.digits) for _ in range(11))
    return Path("videos") / f"v_{name}.mp4"


def annotate_activitynet(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`train.json`, `val_1.json`, `val_2.json` and the lists of ids; `test` becomes `val_2`."""
    names = {"train": "train", "val": "val_1", "test": "val_2"}
    for split in ("train", "val", "test"):
        table: dict[str, dict[str, object]] = {}
        for item in of_split(items, split):
            events = item.script.main_events
            table[item.name] = {
                "duration": round(item.script.duration_s, 2),
                "timestamps": [_pair(event.span) for event in events],
                "sentences": [_full_stop(item.script, n, lang, dice) for n in range(len(events))],
            }
        (folder / f"{names[split]}.json").write_text(json.dumps(table, ensure_ascii=False), "utf-8")
        if split != "test":
            (folder / f"{split}_ids.json").write_text(json.dumps(list(table)), "utf-8")


def _full_stop(script: Script, number: int, lang: Lang, dice: Dice) -> str:
    """A caption as a sentence."""
    text = event_caption(script, script.main_events[number], lang, dice).text.rstrip(".。")
    return f"{text}。" if lang == "zh" else f"{text[0].upper()}{text[1:]}."


def _pair(span: Span) -> list[float]:
    return [round(span.start_s, 2), round(span.end_s, 2)]


def _whole_pair(span: Span) -> list[int]:
    return [round(span.start_s), round(span.end_s)]


def _base36(number: int, length: int) -> str:
    letters = string.digits + string.ascii_uppercase
    found = ""
    for _ in range(length):
        number, rest = divmod(number, 36)
        found = letters[rest] + found
    return found
