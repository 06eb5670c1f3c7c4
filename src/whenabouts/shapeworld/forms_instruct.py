"""Forms of instruction data: TimeIT and VTG-IT, with the files that their evaluations read.

`train` becomes instructions. `val` and `test` become COCO-like annotations, QVHighlights lines, and
open questions with their answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from whenabouts.models.instructions import Style
from whenabouts.models.phrases import Task
from whenabouts.shapeworld.axes import Lang
from whenabouts.shapeworld.collection import Item, of_split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.forms_plain import Line, write_lines
from whenabouts.shapeworld.highlights import CLIP_S, Highlights
from whenabouts.shapeworld.instruct import Asked, Lesson, lessons
from whenabouts.shapeworld.script import Script

SET = "shapes"
"""Folder of this set inside each task."""
_FOLDERS: Mapping[Style, Mapping[Task, str]] = {
    "timeit": {
        "dense captioning": "data/dense_video_captioning",
        "moment retrieval": "data/temporal_video_grounding",
        "step localisation": "data/step_localization",
        "highlights": "data/video_highlight_detection",
        "summarisation": "data/video_summarization",
        "speech": "data/transcribed_speech_generation",
    },
    "vtg-it": {
        "dense captioning": "data/VTG-IT/dense_video_caption",
        "moment retrieval": "data/VTG-IT/moment_retrieval",
        "step localisation": "data/VTG-IT/step_localization",
        "highlights": "data/VTG-IT/video_highlight_detection",
        "summarisation": "data/VTG-IT/video_summarization",
        "speech": "data/VTG-IT/transcribed_speech",
    },
}
_SHORT: Mapping[Task, str] = {
    "dense captioning": "dvc",
    "moment retrieval": "tvg",
    "step localisation": "action",
    "highlights": "vhd",
    "summarisation": "vs",
    "speech": "tsg",
}
_QUESTIONS: Mapping[Style, str] = {"timeit": "data/valley", "vtg-it": "data/VTG-IT/valley"}

Taught = list[tuple[Item, Lesson]]


def place(number: int, _script: Script) -> Path:
    """`videos/shapes_0007.mp4`."""
    return Path("videos") / f"shapes_{number:04d}.mp4"


def annotate(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice, *, style: Style) -> None:
    """Write all files of one style."""
    for split in ("train", "val", "test"):
        taught = [
            (item, lesson)
            for item in of_split(items, split)
            for lesson in lessons(item.script, lang, dice, style)
        ]
        if split == "train":
            _write_instructions(taught, folder, style)
        else:
            _write_truth(taught, folder, style, split)
        _write_questions(_of(taught, "question"), folder / _QUESTIONS[style], split, style)


annotate_timeit = partial(annotate, style="timeit")
annotate_vtg_it = partial(annotate, style="vtg-it")


def _write_instructions(taught: Taught, folder: Path, style: Style) -> None:
    for task, at in _FOLDERS[style].items():
        lines = [_record(item, lesson) for item, lesson in _of(taught, task)]
        if lines:
            name = f"instruct_{_SHORT[task]}_{SET}" if style == "timeit" else "time_token"
            _write(folder / at / SET / f"{name}.json", lines)


def _write_questions(taught: Taught, folder: Path, split: str, style: Style) -> None:
    """Open questions: in Valley's own form for TimeIT, as records for VTG-IT."""
    if style == "vtg-it" and split == "train":
        _write(folder / "time_token.json", [_record(*one) for one in taught])
        return
    lines = [_conversation(item, lesson) for item, lesson in taught]
    name = "Valley_instruct" if split == "train" else split
    _write(folder / f"{name}_{SET}.json", lines)


def _write_truth(taught: Taught, folder: Path, style: Style, split: str) -> None:
    at = {task: folder / place / SET for task, place in _FOLDERS[style].items()}
    for task in ("dense captioning", "step localisation"):
        lines = [_segments(n, *one) for n, one in enumerate(_of(taught, task))]
        _write(at[task] / f"{split}.caption_coco_format.json", {"annotations": lines})
    lines = [_timestamp(n, *one) for n, one in enumerate(_of(taught, "moment retrieval"))]
    path = at["moment retrieval"] / f"{split}.caption_coco_format.json"
    _write(path, {"annotations": lines})
    path = at["highlights"] / f"highlight_{split}_release.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_lines(path, (_highlight(n, *one) for n, one in enumerate(_of(taught, "highlights"))))


def _of(taught: Taught, task: Asked) -> Taught:
    return [(item, lesson) for item, lesson in taught if lesson.task == task]


def _record(item: Item, lesson: Lesson) -> Line:
    turns = [{"q": lesson.text, "a": lesson.answer}]
    return {"video": item.path.as_posix(), "QA": turns, "source": SET}


def _conversation(item: Item, lesson: Lesson) -> Line:
    said = [
        {"from": "human", "value": f"<video>\n{lesson.text}"},
        {"from": "gpt", "value": lesson.answer},
    ]
    return {"video": item.path.as_posix(), "conversations": said, "source": SET}


def _segments(number: int, item: Item, lesson: Lesson) -> Line:
    told = [event.text.rstrip(".。") for event in lesson.events]
    spans = [_rounded(event.start_s, event.end_s or 0.0) for event in lesson.events]
    return {
        **_about(number, item),
        "segments": spans,
        "caption": lesson.answer,
        "pure_cap": ". ".join(told),
    }


def _timestamp(number: int, item: Item, lesson: Lesson) -> Line:
    event = lesson.events[0]
    span = _rounded(event.start_s, event.end_s or 0.0)
    return {**_about(number, item), "caption": lesson.query, "timestamp": span}


def _highlight(number: int, item: Item, lesson: Lesson) -> Line:
    clips = tuple(clip for clip, _ in lesson.marks)
    rated = Highlights(clips, tuple(marks for _, marks in lesson.marks))
    return {
        "qid": number,
        "query": lesson.query,
        "duration": int(item.script.duration_s / CLIP_S) * int(CLIP_S),
        "vid": item.name,
        "relevant_clip_ids": list(rated.clips),
        "saliency_scores": [list(marks) for marks in rated.scores],
        "relevant_windows": [[int(w.start_s), int(w.end_s)] for w in rated.windows],
    }


def _about(number: int, item: Item) -> Line:
    length = round(item.script.duration_s, 2)
    return {"image_id": item.path.name, "id": number, "duration": length}


def _rounded(start_s: float, end_s: float) -> list[float]:
    return [round(start_s, 2), round(end_s, 2)]


def _write(path: Path, values: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
