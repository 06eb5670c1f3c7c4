"""The form of IVCR-200K: `IVCR-200K.json`, with video ids that are paths below `videos`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from whenabouts.shapeworld.axes import SPLITS, Lang
from whenabouts.shapeworld.collection import Item, of_split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.ivcr import Entry, draw_entry
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.script import Script

DIALOGUES_A_VIDEO = 2
_LANGS: tuple[Lang, ...] = ("en", "zh")


def place(number: int, _script: Script) -> Path:
    """`videos/shapes/0007.mp4`."""
    return Path("videos/shapes") / f"{number:04d}.mp4"


def annotate(items: Sequence[Item], folder: Path, _lang: Lang, dice: Dice) -> None:
    """Conversations about each split, in both languages in turn."""
    entries: list[Entry] = []
    for split in SPLITS:
        mine = of_split(items, split)
        truth = LibraryTruth({_id(item): item.script for item in mine})
        for number in range(DIALOGUES_A_VIDEO * len(mine)):
            entries.append(draw_entry(truth, split, _LANGS[number % 2], dice))
    for number, entry in enumerate(entries):
        for turn, said in enumerate(entry["conversations"][::2]):
            said["text_id"] = f"d{number}_{turn}"
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    (folder / "IVCR-200K.json").write_text(text + "\n", encoding="utf-8")


def _id(item: Item) -> str:
    return item.path.relative_to("videos").as_posix()
