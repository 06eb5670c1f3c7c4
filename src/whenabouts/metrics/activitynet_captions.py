"""Dense captioning as the ActivityNet Captions evaluator scores it.

Figures of each threshold are averaged over videos first and over thresholds last; F1 comes from
the averages. Windows stay as they were predicted, reversed or not. Shares in [0, 1].
Source: Krishna et al., "Dense-Captioning Events in Videos" (ICCV 2017), its public evaluator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from whenabouts.errors import InputError
from whenabouts.metrics.captions import (
    THRESHOLDS,
    CaptionLikeness,
    Events,
    Pairs,
    Tokenize,
    Vocabulary,
    covered,
    harmonic,
)
from whenabouts.metrics.dense_captions import likeness_matrix
from whenabouts.metrics.ngrams import ORDERS, bleu, cider, rouge_l
from whenabouts.metrics.soda import Story, Variant, soda
from whenabouts.metrics.windows import caption_iou

Figures = dict[str, float]

MOST_EVENTS = 1000
"""Predictions of a video that count."""
NEARNESS_S = (1, 3, 5, 10, 30, 60)


def activitynet(
    predictions: Mapping[str, Events],
    truths: Mapping[str, Events],
    tokenize: Tokenize,
    meteor: CaptionLikeness | None = None,
) -> Figures:
    """Figures over the videos in both; a video with an empty prediction counts 0.

    Without `meteor` there is no METEOR.
    """
    videos = _shared(predictions, truths)
    words = Vocabulary(
        (_ascii(c) for pair in videos for events in pair for c in events.captions), tokenize
    )
    found: Figures = {}
    scored = [_captions(told, true, words, meteor) for told, true in videos]
    for name in scored[0]:
        found[name] = float(np.mean([figures[name] for figures in scored]))
    ious = [caption_iou(told.windows, true.windows, repair=False) for told, true in videos]
    by_threshold: list[tuple[float, float, float]] = []
    for threshold in THRESHOLDS:
        shares = _averaged([covered(iou, threshold) for iou in ious])
        by_threshold.append(shares)
        found |= _named(shares, f"@{threshold}")
    means = np.mean(by_threshold, axis=0)
    # F1 is the mean of the F1 of each threshold, not that of the means.
    return found | _named((float(means[0]), float(means[1]), float(means[2])), "")


def start_time_navigation(
    predictions: Mapping[str, Events], truths: Mapping[str, Events]
) -> Figures:
    """How many events start less than 1, 3, ... 60 s from one of the other side."""
    videos = _shared(predictions, truths)
    found: Figures = {}
    for near_s in NEARNESS_S:
        shares: list[tuple[float, float]] = []
        for told, true in videos:
            apart = np.abs(told.windows[:, None, 0] - true.windows[None, :, 0])
            shares.append(covered(-apart, -near_s))
        found |= _named(_averaged(shares), f"@{near_s}s")
    return found


def story_figures(
    predictions: Mapping[str, Events],
    truths: Mapping[str, Events],
    tokenize: Tokenize,
    meteor: CaptionLikeness | None,
    variant: Variant = "c",
) -> Story:
    """Means of SODA over the videos in both, the events of each sorted by their start.

    Only variant d needs no `meteor`.
    """
    if meteor is None and variant != "d":
        raise InputError(f"SODA_{variant} needs METEOR; SODA_d does not")
    videos = [(p.sorted(), t.sorted()) for p, t in _shared(predictions, truths, most=None)]
    words = Vocabulary((c for pair in videos for e in pair for c in e.captions), tokenize)
    stories: list[Story] = []
    for told, true in videos:
        ious = caption_iou(true.windows, told.windows, repair=False)
        likeness = ious if meteor is None else likeness_matrix(told, true, words, meteor)
        stories.append(soda(ious, likeness, variant))
    return Story(*(float(value) for value in np.mean(stories, axis=0)))


def _shared(
    predictions: Mapping[str, Events], truths: Mapping[str, Events], most: int | None = MOST_EVENTS
) -> list[tuple[Events, Events]]:
    names = [name for name in truths if name in predictions]
    if not names:
        raise InputError(
            f"none of {len(predictions)} predicted videos is among {len(truths)} in the "
            "references; ids are file names without their ending"
        )
    cut = {name: predictions[name] for name in names}
    return [
        (Events(cut[name].windows[:most], cut[name].captions[:most]), truths[name])
        for name in names
    ]


def _captions(
    told: Events, true: Events, words: Vocabulary, meteor: CaptionLikeness | None
) -> Figures:
    """Figures of one video, averaged over thresholds; a video without pairs has 0."""
    told = Events(told.windows, tuple(map(_ascii, told.captions)))
    true = Events(true.windows, tuple(map(_ascii, true.captions)))
    ious = caption_iou(told.windows, true.windows, repair=False)
    rows: list[Figures] = []
    for threshold in THRESHOLDS:
        pairs = Pairs.at(ious, threshold)
        rows.append(_corpus(pairs, told, true, words, meteor))
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _corpus(
    pairs: Pairs, told: Events, true: Events, words: Vocabulary, meteor: CaptionLikeness | None
) -> Figures:
    total = max(1, len(pairs))
    matched = pairs.sentences(told, true, words)
    texts = pairs.texts(told, true, words)
    lonely = [(words[told.captions[p]], words.nothing) for p in pairs.alone]
    found: Figures = {}
    if meteor is not None:
        found["METEOR"] = meteor.together(texts) if texts else 0.0
    found["CIDEr"] = sum(cider(matched, len(lonely))) / total
    found["ROUGE-L"] = rouge_l(matched) * len(matched) / total
    scores = bleu(matched + lonely) if len(pairs) else [0.0] * ORDERS
    return found | {f"BLEU-{n + 1}": score for n, score in enumerate(scores)}


def _averaged(shares: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    precision, recall = (float(mean) for mean in np.mean(shares, axis=0))
    return precision, recall, harmonic(precision, recall)


def _named(shares: tuple[float, float, float], ending: str) -> Figures:
    names = ("Precision", "Recall", "F1")
    return {f"{name}{ending}": share for name, share in zip(names, shares, strict=True)}


def _ascii(text: str) -> str:
    return "".join(letter if letter.isascii() else " " for letter in text)
