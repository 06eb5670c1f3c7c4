"""Multiple-choice answers from files: EgoSchema, VideoMME, MVBench, or plain letters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from whenabouts.errors import InputError
from whenabouts.evaluate.interval import interval
from whenabouts.evaluate.score_files import Scored, as_records, is_table, name_of, read_json, told
from whenabouts.metrics.answers import choices
from whenabouts.metrics.fields import need

Benchmark = Literal["letters", "egoschema", "videomme", "mvbench"]

_NAMES = ("id", "q_uid", "question_id", "qid", "video")
_GROUPS = ("duration", "task_type", "task", "domain")
"""What the accuracy is split by: the first of these that the references have."""


def score_choices(
    predictions: Path, references: Path, benchmark: Benchmark, resamples: int
) -> Scored:
    """Accuracy in percent, also by group; an answer that names no option is wrong, never a guess.

    References: `{id: answer}` or records with `id`, `answer` and perhaps a group (`duration` for
    VideoMME, `task_type` for MVBench). `answer` is a letter, an index from 0, or "(A) text".
    Predictions: `{id: text}` or records with `id` and an answer text.
    """
    truths = _table(references, "answer")
    answers = _table(predictions, None)
    if not truths:
        raise InputError(f"{references} has no references")
    missing = [name for name in truths if name not in answers]
    if missing:
        raise InputError(
            f"{predictions} has no answer to {len(missing)} of {len(truths)} questions, first "
            f"{missing[0]!r}; give an empty text where there is none"
        )
    group = next((g for g in _GROUPS if any(g in row for row in truths.values())), None)
    right: dict[str, list[bool]] = {"accuracy": []}
    unanswered = 0
    for name, row in truths.items():
        named, correct = _judge(str(need(answers[name], "answer")), need(row, "answer"), benchmark)
        unanswered += not named
        right["accuracy"].append(correct)
        if group and group in row:
            right.setdefault(f"accuracy.{row[group]}", []).append(correct)
    shares = {name: 100.0 * np.array(some, float) for name, some in right.items()}
    notes = [f"{len(truths)} questions"]
    if unanswered:
        notes.append(f"{unanswered} answers name no option and count as wrong")
    return Scored(
        {name: float(some.mean()) for name, some in shares.items()},
        {name: interval(some, resamples) for name, some in shares.items()},
        tuple(notes),
    )


def _judge(answer: str, truth: Any, benchmark: Benchmark) -> tuple[bool, bool]:
    """Whether an option is named, and whether it is the right one."""
    if benchmark == "mvbench":
        return bool(answer.strip()), bool(answer.strip()) and choices.mvbench(answer, str(truth))
    wanted = _letter(truth)
    if benchmark == "egoschema":
        place = choices.egoschema(answer)
        named = None if place is None else "ABCDE"[place]
    elif benchmark == "videomme":
        named = choices.videomme(answer)
    else:
        named = choices.letter(answer, 10)
    return named is not None, named == wanted


def _letter(truth: Any) -> str:
    if isinstance(truth, int) and 0 <= truth < 10:
        return "ABCDEFGHIJ"[truth]
    named = choices.letter(str(truth), 10)
    if named is None:
        raise InputError(f"the true answer {truth!r} is no letter, index or `(A) text`")
    return named


def _table(path: Path, wanted: str | None) -> dict[str, dict[str, Any]]:
    """Records by name; a plain value is the answer."""
    value = read_json(path)
    if is_table(value):
        return {
            str(name): dict(row) if isinstance(row, Mapping) else {"answer": row}
            for name, row in value.items()
        }
    listed = as_records(value, path)
    rows = {name_of(row, _NAMES): row for row in listed}
    if len(rows) != len(listed):
        raise InputError(f"{path} names a question twice")
    if wanted is None:
        return {name: {"answer": told(row)} for name, row in rows.items()}
    lacking = [name for name, row in rows.items() if wanted not in row]
    if lacking:
        raise InputError(f"{path} has no `{wanted}` for {lacking[0]!r}")
    return {name: dict(row) for name, row in rows.items()}
