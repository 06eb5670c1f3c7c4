"""Forms of datasets whose captions tell of whole clips: MSR-VTT, MSVD, LSMDC."""

from __future__ import annotations

import csv
import json
import pickle
import string
from collections.abc import Iterable, Sequence
from pathlib import Path

from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.collection import Item, of_split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.say import caption, coarse_caption, scene_caption
from whenabouts.shapeworld.script import Script

MSRVTT_CAPTIONS = 20
MSVD_CAPTIONS = 12
CLIPS_A_FILM = 20


def captions(script: Script, lang: Lang, count: int, dice: Dice) -> list[str]:
    """Different captions of one video, two thirds of them fine, without a full stop."""
    found: dict[str, None] = {}
    while len(found) < count:
        kind = dice.below(6)
        if kind == 0:
            said = coarse_caption(script, lang, dice)
        elif kind == 1:
            said = scene_caption(script, dice.below(len(script.scenes)), lang, dice)
        else:
            said = caption(script, lang, dice)
        found[said.text.rstrip(".。")] = None
    return list(found)


# MSR-VTT: the "9k" and "7k" training lists and the "1k-A" test list with one caption a video. As
# published, 9k has all that is not in 1k-A, and 7k the full split's train and validate videos.


def place_msrvtt(number: int, _script: Script) -> Path:
    """`videos/all/video7.mp4`."""
    return Path("videos/all") / f"video{number}.mp4"


def annotate_msrvtt(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`MSRVTT_data.json` with twenty captions a video, and the three lists."""
    full = _full_splits(items)
    videos: list[dict[str, object]] = []
    sentences: list[dict[str, object]] = []
    for number, item in enumerate(items):
        said = captions(item.script, lang, MSRVTT_CAPTIONS, dice)
        videos.append(
            {
                "category": item.script.seed % 20,
                "url": "",
                "video_id": item.name,
                "start time": 0.0,
                "end time": round(item.script.duration_s, 3),
                "split": full[item.name],
                "id": number,
            }
        )
        for text in said:
            line = {"caption": text, "video_id": item.name, "sen_id": len(sentences)}
            sentences.append(dict[str, object](line))
    info = {"data": "shape world", "version": "1", "year": "", "contributor": "", "description": ""}
    data = {"info": info, "videos": videos, "sentences": sentences}
    target = folder / "msrvtt_data"
    target.mkdir(parents=True, exist_ok=True)
    (target / "MSRVTT_data.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    rows = [[item.name] for item in of_split(items, "train")]
    _csv(target / "MSRVTT_train.9k.csv", ["video_id"], rows)
    rows = [row for row in rows if full[row[0]] != "test"]
    _csv(target / "MSRVTT_train.7k.csv", ["video_id"], rows)
    tests = [
        [f"ret{n}", f"msr{item.name[5:]}", item.name, caption(item.script, lang, dice).text]
        for n, item in enumerate(of_split(items, "val", "test"))
    ]
    head = ["key", "vid_key", "video_id", "sentence"]
    _csv(target / "MSRVTT_JSFUSION_test.csv", head, tests)


def _full_splits(items: Sequence[Item]) -> dict[str, str]:
    """`train`, `validate` and `test` as the data file has them: some of 9k is in its test split."""
    names = [item.name for item in of_split(items, "train")]
    trained = max(1, round(len(names) * 0.7))
    validated = trained + max(1, round(len(names) * 0.08))
    full = dict.fromkeys((item.name for item in items), "test")
    full |= dict.fromkeys(names[:validated], "validate")
    return full | dict.fromkeys(names[:trained], "train")


# MSVD: three lists of names, and a pickled table of captions as lists of words.


def place_msvd(number: int, script: Script) -> Path:
    """`YouTubeClips/NAME_0_12.mp4`: eleven letters, then the first and last second."""
    return Path("YouTubeClips") / f"{_letters(11, 7, number)}_0_{int(script.duration_s)}.mp4"


def annotate_msvd(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`train_list.txt`, `val_list.txt`, `test_list.txt` and `raw-captions.pkl`."""
    for split in ("train", "val", "test"):
        names = [item.name + "\n" for item in of_split(items, split)]
        (folder / f"{split}_list.txt").write_text("".join(names), "utf-8")
    table: dict[str, list[list[str]]] = {}
    for item in items:
        said = captions(item.script, lang, MSVD_CAPTIONS, dice)
        table[item.name] = [text.replace(",", "").split() for text in said]
    with (folder / "raw-captions.pkl").open("wb") as file:
        pickle.dump(table, file, protocol=2)


# LSMDC: tables without a header, one clip a row; clips of one film share a folder.


def place_lsmdc(number: int, script: Script) -> Path:
    """`avi/0001_Shapes/0001_Shapes_00.00.08.000-00.00.14.200.mp4`."""
    film = f"{number // CLIPS_A_FILM + 1:04d}_Shapes_{script.split.capitalize()}"
    start_s, end_s = _film_times(number, script)
    return Path("avi") / film / f"{film}_{_film_clock(start_s)}-{_film_clock(end_s)}.mp4"


def annotate_lsmdc(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """The tables of training, validation and the public test of 1,000 clips."""
    names = {
        "train": "LSMDC16_annos_training.csv",
        "val": "LSMDC16_annos_val.csv",
        "test": "LSMDC16_challenge_1000_publictect.csv",
    }
    rows: dict[str, list[str]] = {split: [] for split in names}
    for number, item in enumerate(items):
        start, end = (_film_clock(time_s) for time_s in _film_times(number, item.script))
        text = caption(item.script, lang, dice).text
        rows[item.split].append("\t".join((item.name, start, end, start, end, text)) + "\n")
    for split, name in names.items():
        (folder / name).write_text("".join(rows[split]), "utf-8")


def _film_times(number: int, script: Script) -> tuple[float, float]:
    """When a clip begins and ends in its film, in seconds."""
    start_s = (number % CLIPS_A_FILM) * 30.0
    return start_s, start_s + script.duration_s


def _film_clock(time_s: float) -> str:
    seconds, milliseconds = divmod(round(time_s * 1000), 1000)
    return f"{seconds // 3600:02d}.{seconds // 60 % 60:02d}.{seconds % 60:02d}.{milliseconds:03d}"


def _letters(count: int, key: int, number: int) -> str:
    """A name of letters, different for each number."""
    dice = Dice(key, number)
    return "".join(dice.pick(string.ascii_letters) for _ in range(count))


def _csv(path: Path, head: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
