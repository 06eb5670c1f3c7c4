"""A retrieval recipe's evaluation: figures, predictions, a plot of ranks and the worst captions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.data.frame_cache import FrameCache
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.errors import InputError
from whenabouts.evaluate.rank_plot import draw_ranks
from whenabouts.evaluate.report import write_lines, write_report
from whenabouts.evaluate.retrieval import (
    Judged,
    OnDone,
    RetrievalEvaluation,
    Scores,
    Task,
    evaluate,
    references,
)
from whenabouts.evaluate.worst import write_worst
from whenabouts.library.encoders import DEFAULT, open_encoder
from whenabouts.models.pairs import pack_encodings, score_all
from whenabouts.models.scoring import softmax
from whenabouts.protocols import Encoder
from whenabouts.types import Encoding
from whenabouts.weights import hub
from whenabouts.weights.folder import WEIGHTS

REFERENCES, RANKS = "references.jsonl", "ranks.png"


@dataclass(frozen=True, slots=True)
class ApartScores:
    """Scores by any encoder, each frame encoded alone, as a library stores them."""

    encoder: Encoder
    cache: FrameCache

    def __call__(
        self,
        split: RetrievalSplit,
        tell: Callable[[int, int], None] | None = None,
        captions: Sequence[str] | None = None,
    ) -> Scores:
        """[captions, videos]."""
        told = split.captions if captions is None else captions
        empty = [number for number, text in enumerate(told) if not text.strip()]
        if empty:
            raise InputError(
                f"{len(empty)} captions of {split.name} are empty, first number {empty[0]}; "
                "an encoder of a library takes no empty text"
            )
        texts = pack_encodings([self.encoder.encode_text(text) for text in told])
        videos: list[Encoding] = []
        for number, path in enumerate(split.videos):
            seen = self.encoder.encode_frames(self.cache.clip(path, split.span(number)).pixels)
            videos.append(Encoding(seen.vectors, softmax(seen.logits)))
            if tell is not None:
                tell(number + 1, len(split.videos))
        return score_all(texts, pack_encodings(videos))


def run(
    task: Task,
    settings: RetrievalEvaluation,
    encoder: str | Path,
    *,
    folder: Path | None = None,
    on_done: OnDone | None = None,
) -> Judged:
    """Evaluate an encoder on a split; with `folder` everything is written there.

    `encoder` is a checkpoint folder or a model's name. One with weights for training sees whole
    clips, as in training; `settings.apart`, or an encoder that has only its networks for use, sees
    each frame alone, as a library does.
    """
    place = None if settings.apart else _trained(encoder)
    facts: dict[str, Any] = {"encoder": str(encoder), "seen": "clips"}

    def open_scorer(cache: FrameCache) -> Any:
        if place is None:
            opened = open_encoder(encoder)
            facts.update(seen="frames alone", encoder=opened.name, fingerprint=opened.fingerprint)
            return ApartScores(opened, cache)
        from whenabouts.systems.split_scores import open_scores

        facts.update(encoder=str(place), weights=_digest(place / WEIGHTS))
        return open_scores(place, cache, task.words)

    judged = evaluate(task, open_scorer, settings, on_done)
    if folder is not None:
        _write(judged, task, settings, facts, folder)
    return judged


def _write(
    judged: Judged, task: Task, settings: RetrievalEvaluation, facts: dict[str, Any], folder: Path
) -> None:
    """All files of an evaluation."""
    split = judged.split
    facts = {
        **facts,
        "dataset": f"{task.dataset} {task.split}",
        "captions": len(split),
        "videos": len(split.videos),
        "words": task.words,
        "frames": task.frames.model_dump(mode="json"),
        "settings": settings.model_dump(mode="json"),
        "notes": list(split.notes),
    }
    write_report(judged.report, facts, folder)
    write_lines(references(split), folder / REFERENCES)
    ranks = {way: one.ranks() for way, one in judged.standings.items()}
    items = {way: one.items for way, one in judged.standings.items()}
    draw_ranks(ranks, items, folder / RANKS, f"{task.dataset} {task.split}: {facts['encoder']}")
    if settings.worst:
        cache = FrameCache(task.cache, task.frames)
        write_worst(judged, cache, folder, settings.worst)


def _trained(encoder: str | Path) -> Path | None:
    """The folder of an encoder that has weights for training."""
    place = Path(encoder).expanduser()
    if str(encoder) == DEFAULT:
        place = hub.TINY_FOLDER
    elif not place.is_dir():
        place = hub.find(encoder)
    return place if (place / WEIGHTS).is_file() else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
