"""How well a watcher answers about drawn videos that it has never seen: files, through the decoder.

Moment retrieval, highlight detection, dense captioning and open questions, in both languages.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from whenabouts.errors import MissingPartError
from whenabouts.evaluate.interval import clustered_interval
from whenabouts.evaluate.report import Report
from whenabouts.library.watchers import open_video
from whenabouts.metrics.captions import Events
from whenabouts.metrics.dense_captions import dense_captions
from whenabouts.metrics.highlights import clip_ratings, highlights
from whenabouts.metrics.watching import caption_tokens, plain_answer
from whenabouts.protocols import Told, Watcher
from whenabouts.settings import Settings
from whenabouts.shapeworld.ask import phrasings
from whenabouts.shapeworld.axes import Lang, Split
from whenabouts.shapeworld.collection import Item, write_item
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.instruct import Asked, Lesson, lessons
from whenabouts.shapeworld.questions import Answer
from whenabouts.shapeworld.say import absent_query
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.script import Script
from whenabouts.types import Span, Video

THRESHOLDS = (0.3, 0.5, 0.7)
TASKS: tuple[Asked, ...] = ("moment retrieval", "highlights", "dense captioning", "question")
_KEY = 93
ALIKE = 0.75
"""Least likeness (F1 of words) of an open answer to some way to say the truth."""

OnDone = Callable[[int, int], None]


class WatchingSettings(Settings):
    """Which videos are drawn and what is asked about them."""

    split: Split = "test"
    videos: int = Field(default=60, gt=0)
    first_seed: int = 0
    duration_s: tuple[float, float] = (60.0, 120.0)
    scenes: tuple[int, int] = (3, 5)
    events: tuple[int, int] = (4, 8)
    """Fewest and most main events; other videos are passed over."""
    langs: tuple[Lang, ...] = ("en", "zh")
    tasks: tuple[Asked, ...] = TASKS
    each: int = Field(default=3, gt=0)
    """Most questions of one task about one video, in each language."""
    absent: int = Field(default=0, ge=0)
    """Queries about each video, in each language, for what never happens: right is to tell no
    moment. Watchers that always tell one, such as `frames`, have 0."""
    resamples: int = Field(default=1000, gt=0)
    folder: Path = Path("runs/watching")
    """Where the videos are drawn; those that are there are not drawn again."""


@dataclass(slots=True)
class _Found:
    """Shares in [0, 1] by figure, one list a video: questions about one video belong together."""

    values: dict[str, dict[int, list[float]]] = field(
        default_factory=dict[str, dict[int, list[float]]]
    )

    def add(self, name: str, video: int, share: float) -> None:
        self.values.setdefault(name, {}).setdefault(video, []).append(share)


def evaluate(watcher: Watcher, settings: WatchingSettings, on_done: OnDone | None = None) -> Report:
    """Figures in percent with 95 % intervals over videos; highlights as HL-min-VeryGood.

    Names end in the language: `moment.R@1 IoU=0.5.en`. A task that the watcher refuses is left out.
    """
    found, predictions = _Found(), list[dict[str, Any]]()
    refused: set[Asked] = set()
    for number, script in enumerate(itertools.islice(_scripts(settings), settings.videos)):
        video = open_video(_drawn(script, settings))
        for lang in settings.langs:
            for lesson in _chosen(script, lang, settings, refused):
                try:
                    told = _ask(watcher, video, lesson, lang)
                except MissingPartError:
                    refused.add(lesson.task)
                    continue
                shares = judge(lesson, told, video, lang)
                for name, share in shares.items():
                    found.add(f"{name}.{lang}", number, share)
                predictions.append(_row(lesson, told, video, lang, shares))
            for query in _never(script, lang, settings.absent):
                told = watcher.ground(video, query)
                found.add(f"moment.absent.{lang}", number, float(not told.turn.moments))
        if on_done is not None:
            on_done(number + 1, settings.videos)
    figures, intervals = dict[str, float](), dict[str, tuple[float, float]]()
    for name, by_video in found.values.items():
        groups = list(by_video.values())
        figures[name] = 100.0 * float(np.mean(list(itertools.chain(*groups))))
        low, high = clustered_interval(groups, settings.resamples)
        intervals[name] = 100.0 * low, 100.0 * high
    return Report(figures, intervals, tuple(predictions))


def _never(script: Script, lang: Lang, count: int) -> Iterator[str]:
    """Queries that nothing in a video answers."""
    dice = Dice(_KEY, script.seed, 1)
    for _ in range(count):
        yield absent_query(script, lang, dice).text


def judge(lesson: Lesson, told: Told, video: Video, lang: Lang) -> dict[str, float]:
    """Shares in [0, 1] that one answer earns; an open one is right in any words for the truth."""
    if lesson.task == "moment retrieval":
        spans = [moment.span for moment in told.turn.moments[:1]]
        truth = Span(lesson.events[0].start_s, lesson.events[0].end_s or video.duration_s)
        iou = spans[0].iou(truth) if spans else 0.0
        hits = {f"moment.R@1 IoU={t}": float(iou >= t) for t in THRESHOLDS}
        return hits | {"moment.mIoU": iou}
    if lesson.task == "highlights":
        ratings = clip_ratings(video.duration_s, *zip(*lesson.marks, strict=True))
        scores = [] if told.curve is None else list(told.curve.scores)[: len(ratings)]
        if len(set(scores)) < 2:  # names no clip; ties would still win where the first one is right
            return {"highlights.HIT@1": 0.0, "highlights.mAP": 0.0}
        best = highlights([scores], [ratings])["VeryGood"]
        return {"highlights.HIT@1": best["Hit1"], "highlights.mAP": best["mAP"]}
    if lesson.task == "dense captioning":
        told_events = _events([(m.span.start_s, m.span.end_s, m.text) for m in told.turn.moments])
        true_events = _events(
            [(e.start_s, e.end_s or video.duration_s, e.text) for e in lesson.events]
        )
        one = dense_captions({"v": told_events}, {"v": true_events}, caption_tokens)["v"]
        return {"captions.F1": one["F1"], "captions.CIDEr": one["CIDEr"]}
    return {"answers.right": float(_says(told.turn.text, lesson, lang))}


def _says(text: str, lesson: Lesson, lang: Lang) -> bool:
    """Whether an open answer says the truth in any words.

    It must be nearly one of the ways to say the right answer, and nearer to these than to the ways
    to say each wrong one.
    """
    about = lesson.about
    if about is None:
        return plain_answer(text) == plain_answer(lesson.answer)
    said = _pieces(text)

    def near(answer: Answer) -> float:
        return max(_likeness(said, _pieces(way)) for way in phrasings(about, answer, lang))

    right = near(about.right)
    return right >= ALIKE and all(right > near(wrong) for wrong in about.wrong)


def _pieces(text: str) -> Counter[str]:
    """Words; each Chinese character is one."""
    return Counter(caption_tokens([plain_answer(text)])[0])


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """F1 of the pieces of two texts."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _ask(watcher: Watcher, video: Video, lesson: Lesson, lang: Lang) -> Told:
    if lesson.task == "moment retrieval":
        return watcher.ground(video, lesson.query)
    if lesson.task == "highlights":
        return watcher.highlights(video, lesson.query)
    if lesson.task == "dense captioning":
        return watcher.captions(video, lang)
    return watcher.tell(video, lesson.text)


def _scripts(settings: WatchingSettings) -> Iterator[Script]:
    """Videos of the split with the wanted number of events, without end."""
    plan = Plan(duration_s=settings.duration_s, scenes=settings.scenes)
    fewest, most = settings.events
    for seed in itertools.count(settings.first_seed):
        script = draw_script(seed, settings.split, plan)
        if fewest <= len(script.main_events) <= most:
            yield script


def _drawn(script: Script, settings: WatchingSettings) -> Path:
    """The file of a script, drawn if it is not there."""
    (low, high), (few, many) = settings.duration_s, settings.scenes
    name = f"{settings.split}_{low:g}-{high:g}_{few}-{many}_{script.seed}.mp4"
    path = settings.folder.expanduser() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.mp4")
        write_item(Item(script, Path(part.name)), path.parent, beside=False)
        part.replace(path)
    return path


def _chosen(
    script: Script, lang: Lang, settings: WatchingSettings, refused: set[Asked]
) -> list[Lesson]:
    """The questions about a video: a few of each task, the same whoever answers."""
    dice = Dice(_KEY, script.seed)
    taught = lessons(script, lang, dice)
    wanted = [task for task in settings.tasks if task not in refused]
    by_task = {task: [lesson for lesson in taught if lesson.task == task] for task in wanted}
    return [lesson for found in by_task.values() for lesson in found[: settings.each]]


def _events(rows: Sequence[tuple[float, float, str]]) -> Events:
    return Events.of([[start, end] for start, end, _ in rows], [text for _, _, text in rows])


def _row(
    lesson: Lesson, told: Told, video: Video, lang: Lang, shares: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "video": video.path.name,
        "task": lesson.task,
        "kind": "" if lesson.about is None else lesson.about.ask,
        "lang": lang,
        "asked": lesson.query or lesson.text,
        "answer": told.turn.text,
        "moments": [
            [round(m.span.start_s, 2), round(m.span.end_s, 2), m.text] for m in told.turn.moments
        ],
        "truth": [[e.start_s, e.end_s, e.text] for e in lesson.events] or lesson.answer,
        "notes": list(told.notes),
        "figures": {name: round(share, 4) for name, share in shares.items()},
    }
