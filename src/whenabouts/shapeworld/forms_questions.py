"""Forms of sets of multiple-choice questions: NExT-QA, STAR, How2QA, TVQA and VLEP.

All splits have answers, also where the published test has none. `evidence.json`, which no published
set has, tells where in its video each answer can be seen: `{question id: [[start_s, end_s], ...]}`.
"""

from __future__ import annotations

import csv
import json
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from whenabouts.shapeworld.ask import Question, put
from whenabouts.shapeworld.axes import SPLITS, Lang
from whenabouts.shapeworld.collection import Item, of_split
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.forms_plain import Line, write_lines
from whenabouts.shapeworld.questions import Ask, Asked, Kind, ask_about
from whenabouts.shapeworld.script import Script
from whenabouts.shapeworld.truth import claim_spans
from whenabouts.types import Span

EVIDENCE = "evidence.json"
NEXTQA_KINDS: tuple[Kind, ...] = ("causal", "temporal", "descriptive")
STAR_KINDS: tuple[Kind, ...] = ("interaction", "sequence", "prediction", "feasibility")
_ALL: tuple[Kind, ...] = (*NEXTQA_KINDS, *STAR_KINDS)
_TYPES: Mapping[Ask, str] = {
    "why back": "CW", "why away": "CW", "how changed": "CH", "what after": "TN",
    "what before": "TP", "what meanwhile": "TC", "which nth": "TC", "how many": "DC",
    "what background": "DL", "what colour": "DO",
}  # fmt: skip
"""NExT-QA's types of what is asked."""
_EACH = 2
"""Questions of each kind about a video, where it offers as many."""
_TRIES = 6
_MARGIN_S = 1.0
"""Shown before and after what a question is about, where the form shows a part."""

Evidence = dict[str, list[list[float]]]
Say = Callable[[Item, "Put", int], Line]
"""A question as a line of its file; the number counts the questions of the file."""


@dataclass(frozen=True, slots=True)
class Put:
    """A question in words, and what it was made of."""

    asked: Asked
    question: Question

    @property
    def shown(self) -> Span:
        """From the first to the last time that counts."""
        first, last = self.question.spans[0], self.question.spans[-1]
        return first.union(last)


def put_all(
    script: Script, kinds: Sequence[Kind], options: int, lang: Lang, dice: Dice
) -> Iterator[Put]:
    """Up to `_EACH` questions of each kind, none twice."""
    for kind in kinds:
        seen: set[tuple[object, ...]] = set()
        for _ in range(_TRIES):
            asked = ask_about(script, kind, dice, options - 1)
            if asked is None or len(seen) == _EACH:
                break
            key = (asked.ask, asked.about, asked.number)
            if key not in seen:
                seen.add(key)
                yield Put(asked, put(asked, lang, dice))


# NExT-QA: a table a split, and a file that says in which folder each video lies.


def place_nextqa(number: int, _script: Script) -> Path:
    """`NExTVideo/0007/4000000007.mp4`."""
    return Path("NExTVideo") / f"{number % 10:04d}" / f"{4_000_000_000 + number}.mp4"


def annotate_nextqa(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`{train,val,test}.csv`, `map_vid_vidorID.json`."""
    places = {item.name: f"{item.path.parent.name}/{item.name}" for item in items}
    (folder / "map_vid_vidorID.json").write_text(json.dumps(places), encoding="utf-8")
    evidence: Evidence = {}
    head = ["video", "frame_count", "width", "height", "question", "answer", "qid", "type"]
    for split in SPLITS:
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow([*head, *(f"a{n}" for n in range(5))])
            for item in of_split(items, split):
                script = item.script
                frames = round(script.duration_s * script.fps)
                about = [item.name, frames, script.width, script.height]
                for qid, one in enumerate(put_all(script, NEXTQA_KINDS, 5, lang, dice)):
                    kind = _TYPES[one.asked.ask]
                    # The field's readers add the marks that are left out here.
                    text = one.question.text.rstrip("?？")
                    options = [option.rstrip(".。") for option in one.question.options]
                    table.writerow([*about, text, one.question.answer, qid, kind, *options])
                    evidence[f"{kind}_{item.name}_{qid}"] = _pairs(one.question.spans)
    _write_evidence(evidence, folder)


# STAR: one JSON list a split; each question shows a part of its video.


def place_star(number: int, _script: Script) -> Path:
    """`Charades_v1_480/S0007.mp4`: five letters and digits."""
    return Path("Charades_v1_480") / f"S{number:04d}.mp4"


def annotate_star(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`STAR_{train,val,test}.json`."""
    evidence: Evidence = {}
    for split in SPLITS:
        rows: list[Line] = []
        for item in of_split(items, split):
            for one in put_all(item.script, STAR_KINDS, 4, lang, dice):
                name = f"{one.question.kind.capitalize()}_T1_{len(rows)}"
                if split != "train":
                    name = f"{name}{split}"  # ids of all splits share one file of evidence
                rows.append(_star_row(item, one, name))
                evidence[name] = _pairs(one.question.spans)
        text = json.dumps(rows, ensure_ascii=False, indent=1)
        (folder / f"STAR_{split}.json").write_text(text, encoding="utf-8")
    _write_evidence(evidence, folder)


def _star_row(item: Item, one: Put, name: str) -> Line:
    question = one.question
    # Of what comes next nothing may be seen.
    late_s = 0.0 if question.kind == "prediction" else _MARGIN_S
    shown = _clip(item.script, one.shown, late_s)
    return {
        "question_id": name,
        "question": question.text,
        "answer": question.short,
        "video_id": item.name,
        "start": round(shown.start_s, 2),
        "end": round(shown.end_s, 2),
        "choices": [{"choice_id": n, "choice": text} for n, text in enumerate(question.options)],
        "situations": {},
    }


# How2QA and TVQA: a JSON object a line, options in fields of their own.


def place_how2qa(number: int, script: Script) -> Path:
    """`videos/NAME_0_60.mp4`: eleven letters and the seconds of the clip."""
    dice = Dice(45, number)
    name = "".join(dice.pick(string.ascii_letters) for _ in range(11))
    return Path("videos") / f"{name}_0_{round(script.duration_s)}.mp4"


def place_tvqa(number: int, _script: Script) -> Path:
    """`videos/s01e02_seg01_clip_03.mp4`."""
    episode, clip = divmod(number, 20)
    name = f"s{1 + episode // 20:02d}e{1 + episode % 20:02d}_seg01_clip_{clip:02d}"
    return Path("videos") / f"{name}.mp4"


def _annotate_lines(
    items: Sequence[Item],
    folder: Path,
    lang: Lang,
    dice: Dice,
    *,
    options: int,
    name: str,
    files: Mapping[str, str],
) -> None:
    """A file a split, `name` and the number of the line being the question's id."""
    evidence: Evidence = {}
    for split in SPLITS:
        lines: list[Line] = []
        for item in of_split(items, split):
            for one in put_all(item.script, _ALL, options, lang, dice):
                shown = _clip(item.script, one.shown, _MARGIN_S)
                line: Line = {
                    "vid_name": item.name,
                    "q": one.question.text,
                    **{f"a{n}": text for n, text in enumerate(one.question.options)},
                    "answer_idx": one.question.answer,
                    "ts": f"{shown.start_s:.2f}-{shown.end_s:.2f}",
                    "qid": len(lines),
                }
                evidence[f"{split}/{name}_{len(lines)}"] = _pairs(one.question.spans)
                lines.append(line)
        write_lines(folder / files[split], lines)
    _write_evidence(evidence, folder)


annotate_how2qa = partial(
    _annotate_lines,
    options=4,
    name="HOW2QA",
    files={split: f"how2QA_{split}_release.jsonl" for split in SPLITS},
)
annotate_tvqa = partial(
    _annotate_lines,
    options=5,
    name="TVQA",
    files={"train": "tvqa_train.jsonl", "val": "tvqa_val.jsonl", "test": "tvqa_test_public.jsonl"},
)


# VLEP: a premise and two events, of which one comes next.


def place_vlep(number: int, _script: Script) -> Path:
    """`videos/shapes_s01e02_seg01_clip_03.mp4`; the annotations add `_ep`."""
    return Path("videos") / f"shapes_{place_tvqa(number, _script).name}"


def annotate_vlep(items: Sequence[Item], folder: Path, lang: Lang, dice: Dice) -> None:
    """`vlep_{train,dev,test}_release.jsonl`."""
    evidence: Evidence = {}
    number = 0
    for split, file in zip(SPLITS, ("train", "dev", "test"), strict=True):
        lines: list[Line] = []
        for item in of_split(items, split):
            for one, premise in _next_events(item.script, lang, dice):
                lines.append(
                    {
                        "example_id": number,
                        "vid_name": f"{item.name}_ep",
                        "ts": [round(premise.start_s, 2), round(premise.end_s, 2)],
                        "events": list(one.question.options),
                        "answer": one.question.answer,
                        "split": split,
                        "source": "shapes",
                    }
                )
                evidence[f"VLEP_{number}"] = _pairs(one.question.spans)
                number += 1
        write_lines(folder / f"vlep_{file}_release.jsonl", lines)
    _write_evidence(evidence, folder)


def _next_events(script: Script, lang: Lang, dice: Dice) -> Iterator[tuple[Put, Span]]:
    """What comes next after an event, with the event's own span."""
    told: set[object] = set()
    for _ in range(2 * _TRIES):
        asked = ask_about(script, "temporal", dice, 1)
        if asked is None or len(told) == _EACH:
            return
        if asked.ask != "what after" or asked.about in told:
            continue
        told.add(asked.about)
        asked = replace(asked, wrong=asked.wrong[:1])
        yield Put(asked, put(asked, lang, dice)), claim_spans(script, asked.about[0])[0]


def _clip(script: Script, span: Span, late_s: float) -> Span:
    """A little more than a span, within the video."""
    start_s = max(0.0, span.start_s - _MARGIN_S)
    return Span(start_s, min(script.duration_s, span.end_s + late_s))


def _pairs(spans: Sequence[Span]) -> list[list[float]]:
    return [[round(span.start_s, 2), round(span.end_s, 2)] for span in spans]


def _write_evidence(evidence: Evidence, folder: Path) -> None:
    (folder / EVIDENCE).write_text(json.dumps(evidence) + "\n", encoding="utf-8")
