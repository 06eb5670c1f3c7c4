"""A collection of scripts that will be written: their splits, names and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from whenabouts.media.write import write_video
from whenabouts.shapeworld.axes import SPLITS, Split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.render import stream
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.subtitles import spoken, srt

TRACK_LANGS = {"en": "eng", "zh": "zho"}
"""Language codes as containers want them."""
SEEDS_A_FOLDER = 1_000_000
"""Seeds between two folders, so that folders of different seeds share no video."""


@dataclass(frozen=True, slots=True)
class Item:
    """One video of the collection: `path` is where its file lies below the folder."""

    script: Script
    path: Path

    @property
    def name(self) -> str:
        """File name without its ending."""
        return self.path.stem

    @property
    def split(self) -> Split:
        """`train`, `val` or `test`."""
        return self.script.split


def draw_scripts(
    videos: int, seed: int, plan: Plan, shares: tuple[float, float, float]
) -> list[Script]:
    """Scripts of all splits, train first; a split with a positive share gets at least one."""
    counts = [round(videos * share) for share in shares]
    counts = [max(count, int(share > 0)) for count, share in zip(counts, shares, strict=True)]
    largest = max(range(3), key=lambda index: counts[index])
    counts[largest] = max(1, counts[largest] + videos - sum(counts))
    first = seed * SEEDS_A_FOLDER
    return [
        draw_script(first + number, split, plan)
        for split, count in zip(SPLITS, counts, strict=True)
        for number in range(count)
    ]


def write_item(item: Item, folder: Path, *, beside: bool = True) -> Path:
    """Write one video; its spoken lines become a track inside or, if `beside`, often a .srt file.

    Frames are drawn while they are encoded, so memory does not grow with the video.
    """
    path = folder / item.path
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = spoken(item.script)
    dice = Dice(30, SPLITS.index(item.split), item.script.seed)
    outside = beside and dice.chance(0.5)
    write_video(
        path,
        stream(item.script),
        item.script.fps,
        crf=dice.whole(18, 30),
        subtitles=[] if outside else [(line.span, line.text) for line in lines],
        lang=TRACK_LANGS[lines[0].lang] if lines else "und",
    )
    if outside:
        for lang in sorted({line.lang for line in lines}):
            text = srt(line for line in lines if line.lang == lang)
            path.with_suffix(f".{lang}.srt").write_text(text, encoding="utf-8")
    return path


def of_split(items: Sequence[Item], *splits: Split) -> list[Item]:
    """The items of these splits."""
    return [item for item in items if item.split in splits]
