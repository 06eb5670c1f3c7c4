"""What the evaluations of TimeChat and VTG-LLM ask of each video, and the files they leave.

The annotation files are COCO-like: `{"annotations": [{"image_id": "x.mp4", "id", ...}]}`, with
`segments` for dense captioning, `timestamp` and `caption` for moment retrieval, `duration` and
`caption` for highlights. QVHighlights' own JSON lines are read too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, TypeAdapter

from whenabouts.data.instruct.transcript import told_lines
from whenabouts.data.tables import read_json, read_json_lines
from whenabouts.errors import InputError
from whenabouts.metrics.answers import timechat, vtgllm
from whenabouts.models.instructions import Event, with_speech
from whenabouts.models.phrases import Task
from whenabouts.models.prompts_published import System, filled


class Annotation(BaseModel):
    """One line of an annotation file, as far as a question needs it."""

    image_id: str
    id: int | str | None = None
    caption: str = ""
    duration: float | None = None

    @property
    def video(self) -> str:
        """Name of the file; only the base name counts."""
        return PurePosixPath(self.image_id).name


class _File(BaseModel):
    annotations: list[Annotation]


class _Highlight(BaseModel):
    qid: int | str
    query: str
    vid: str
    duration: float


_COCO, _LINES = TypeAdapter(_File), TypeAdapter(_Highlight)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of an evaluation."""

    annotation: Annotation
    text: str
    """What the model is asked."""

    @property
    def video(self) -> str:
        """Name of the file."""
        return self.annotation.video


def read_annotations(path: Path) -> list[Annotation]:
    """The lines of a COCO-like file, or of a JSON-lines file of QVHighlights."""
    if path.suffix == ".jsonl":
        return [
            Annotation(image_id=f"{line.vid}.mp4", id=line.qid, caption=line.query,
                       duration=line.duration)
            for line in read_json_lines(path, _LINES)
        ]  # fmt: skip
    return read_json(path, _COCO).annotations


def ask(
    annotations: Sequence[Annotation],
    task: Task,
    prompt: str,
    *,
    dataset: str = "",
    transcripts: Mapping[str, list[Event]] | None = None,
) -> list[Asked]:
    """The question for each annotation.

    `transcripts` has what is said, by the name of the video; with it every question begins with
    the transcript, `None.` where there is none. The published batches took the transcript by the
    place in the batch, which was another video's from the second batch on.
    """
    if not annotations:
        raise InputError(f"a file without annotations asks nothing about {task}; name another")
    if task in ("moment retrieval", "highlights") and not all(a.caption for a in annotations):
        raise InputError(f"{task} needs a caption in every annotation: what is looked for")
    found: list[Asked] = []
    for annotation in annotations:
        text = filled(prompt, query=annotation.caption, dataset=dataset)
        if transcripts is not None:
            text = with_speech(text, told_lines(transcripts.get(annotation.video, [])))
        found.append(Asked(annotation, text))
    return found


def raw_results(
    asked: Sequence[Asked], answers: Sequence[str], task: Task, prompts: Sequence[str]
) -> list[dict[str, Any]]:
    """What was answered: the content of `{dataset}_{split}_f{frames}_result.json`.

    `prompts` are the whole texts that the model was given.
    """
    found: list[dict[str, Any]] = []
    for one, answer, prompt in zip(asked, answers, prompts, strict=True):
        line: dict[str, Any] = {"vname": one.video, "generated_cap": answer}
        if task != "dense captioning":
            line |= {"query": one.annotation.caption, "id": one.annotation.id}
        found.append({**line, "prompt": prompt})
    return found


def read_results(
    asked: Sequence[Asked], answers: Sequence[str], task: Task, system: System = "timechat"
) -> dict[str, Any] | list[Any]:
    """What the answers say, read as the system's evaluation does: the content of `fmt_...json`."""
    pairs = list(zip(asked, answers, strict=True))
    parser = timechat if system == "timechat" else vtgllm
    if task == "dense captioning":
        return {
            one.video: [
                {"timestamp": window, "caption": caption}
                for window, caption in zip(*parser.dense_captions(answer), strict=True)
            ]
            for one, answer in pairs
        }
    if task == "moment retrieval":
        return {
            str(one.annotation.id): {
                "timestamp": parser.grounding(answer),
                "query": one.annotation.caption,
                "vid": one.video,
            }
            for one, answer in pairs
        }
    if task == "highlights":
        return [_curve(one, *parser.highlights(answer), system) for one, answer in pairs]
    raise InputError(
        f"the published evaluations do not read answers of {task!r}; known: dense captioning, "
        "moment retrieval, highlights"
    )


def _curve(
    one: Asked, times_s: Sequence[float], scores: Sequence[float], system: System
) -> dict[str, Any]:
    if one.annotation.duration is None:
        raise InputError(f"highlights of {one.video} need the duration in its annotation")
    clip_scores = (timechat if system == "timechat" else vtgllm).clip_scores
    return {
        "qid": one.annotation.id,
        "query": one.annotation.caption,
        "vid": one.video,
        "pred_saliency_scores": clip_scores(times_s, scores, one.annotation.duration),
    }


def write_results(
    folder: Path,
    asked: Sequence[Asked],
    answers: Sequence[str],
    task: Task,
    *,
    name: str,
    prompts: Sequence[str],
    system: System = "timechat",
) -> tuple[Path, Path]:
    """Both files of an evaluation; `name` is `result_name(...)`."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, read = folder / name, folder / f"fmt_{name}"
    for path, values in (
        (raw, raw_results(asked, answers, task, prompts)),
        (read, read_results(asked, answers, task, system)),
    ):
        path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    return raw, read


def result_name(dataset: str, split: str, frames: int) -> str:
    """How published evaluations name a file of results.

    >>> result_name("youcook", "val", 96)
    'youcook_val_f96_result.json'
    """
    return f"{dataset}_{split}_f{frames}_result.json"
