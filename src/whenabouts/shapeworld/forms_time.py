"""Forms of datasets whose captions tell of spans.

Charades-STA, QVHighlights, ActivityNet Captions and DiDeMo.
"""

from __future__ import annotations

import csv
import json
import math
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
DIDEMO_PIECE_S, DIDEMO_LONGEST_S = 5.0, 30.0
"""Length of the pieces, and how much of a video was described."""


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


# DiDeMo: descriptions of moments in pieces of 5 s, each placed by four people.


def place_didemo(number: int, _script: Script) -> Path:
    """`videos/12345678@N03_4567890123_0a1b2c3d4e.mp4`: owner, photo and a secret."""
    dice = Dice(44, number)
    owner = 10_000_000 + dice.below(90_000_000)
    photo = 10**9 + number
    secret = "".join(dice.pick(string.hexdigits[:16]) for _ in range(10))
    return Path("videos") / f"{owner}@N{dice.below(8):02d}_{photo}_{secret}.mp4"


def annotate_didemo(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`{train,val,test}_data.json`, and `{train,val,test}_list.txt` with the file names."""
    number = 0
    for split in ("train", "val", "test"):
        chosen = of_split(items, split)
        lines: list[Line] = []
        for item in chosen:
            pieces = max(
                1, math.ceil(min(item.script.duration_s, DIDEMO_LONGEST_S) / DIDEMO_PIECE_S)
            )
            events = item.script.main_events
            early = [event for event in events if event.span.start_s < DIDEMO_LONGEST_S]
            for event in early or events[:1]:
                text = event_caption(item.script, event, lang, dice).text.rstrip(".。")
                lines.append(
                    {
                        "annotation_id": number,
                        "description": text,
                        "video": item.path.name,
                        "times": [_pieces(event.span, pieces, dice) for _ in range(4)],
                        "num_segments": pieces,
                    }
                )
                number += 1
        text = json.dumps(dice.shuffled(lines), ensure_ascii=False)
        (folder / f"{split}_data.json").write_text(text, "utf-8")
        names = "".join(f"{item.path.name}\n" for item in chosen)
        (folder / f"{split}_list.txt").write_text(names, "utf-8")


def _pieces(span: Span, count: int, dice: Dice) -> list[int]:
    """First and last piece of a moment; one person in four is off by one."""
    first = min(int(span.start_s // DIDEMO_PIECE_S), count - 1)
    last = min(max(first, math.ceil(span.end_s / DIDEMO_PIECE_S) - 1), count - 1)
    if dice.below(4) == 0:
        first = max(0, first - 1)
    return [first, last]


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
