"""Dense captioning as TimeChat scores YouCook2 (and others after it): per video, then the mean.

Windows and captions together: precision, recall and F1 of windows, CIDEr and METEOR of the
captions whose windows overlap, SODA_c of both. Shares in [0, 1]; CIDEr in [0, 10].
"""

from __future__ import annotations

import re
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
from whenabouts.metrics.ngrams import Sentence, cider
from whenabouts.metrics.soda import soda
from whenabouts.metrics.windows import Floats, caption_iou

Figures = dict[str, float]


def dense_captions(
    predictions: Mapping[str, Events],
    truths: Mapping[str, Events],
    tokenize: Tokenize,
    meteor: CaptionLikeness | None = None,
) -> dict[str, Figures]:
    """Figures of each video of `truths`; 0 everywhere for a video without predictions.

    Without `meteor` there is neither METEOR nor SODA_c. `SODA_c` is as published, which takes some
    captions for others where a video has more than ten predictions; `SODA_c repaired` does not.
    """
    known = {name: predictions.get(name, Events.of([], [])) for name in truths}
    captions = [c for events in (*known.values(), *truths.values()) for c in events.captions]
    words = Vocabulary(captions, tokenize)
    return {name: _video(known[name], truths[name], words, meteor) for name in truths}


def mean_figures(by_video: Mapping[str, Figures]) -> Figures:
    """Mean over videos of every figure."""
    if not by_video:
        raise InputError("no video to average over; the references are empty")
    names = next(iter(by_video.values()))
    return {
        name: float(np.mean([figures[name] for figures in by_video.values()])) for name in names
    }


def _video(
    told: Events, true: Events, words: Vocabulary, meteor: CaptionLikeness | None
) -> Figures:
    ious = caption_iou(told.windows, true.windows, repair=True)
    corpora = [Pairs.at(ious, threshold) for threshold in THRESHOLDS]
    found: Figures = {"CIDEr": float(np.mean([_cider(c, told, true, words) for c in corpora]))}
    if meteor is not None:
        scores = [meteor.together(c.texts(told, true, words)) if len(c) else 0.0 for c in corpora]
        found["METEOR"] = float(np.mean(scores))
    shares = [covered(ious, threshold) for threshold in THRESHOLDS]
    for threshold, (precision, recall) in zip(THRESHOLDS, shares, strict=True):
        found[f"Precision@{threshold}"] = precision
        found[f"Recall@{threshold}"] = recall
    found["Precision"], found["Recall"] = (float(mean) for mean in np.mean(shares, axis=0))
    # F1 of a video from its two means; what is reported is the mean of these over videos.
    found["F1"] = harmonic(found["Precision"], found["Recall"])
    if meteor is not None:
        likeness = likeness_matrix(told, true, words, meteor)
        found["SODA_c"] = soda(ious.T, _slipped(likeness)).f1
        found["SODA_c repaired"] = soda(ious.T, likeness).f1
    found["predictions"] = float(len(told))
    return found


def likeness_matrix(
    told: Events, true: Events, words: Vocabulary, meteor: CaptionLikeness
) -> Floats:
    """METEOR of every pair, [G,P].

    As in the published code the truth stands where METEOR expects the prediction, and METEOR is
    not the same both ways.
    """
    pairs = [(words.text(g), words.text(p)) for g in true.captions for p in told.captions]
    return np.array(meteor.each(pairs), np.float64).reshape(len(true), len(told))


def _slipped(likeness_GP: Floats) -> Floats:
    """Columns as the published YouCook2 evaluator has them: 0, 1, 10, 11, .., 2, 20, ..

    Its scorer sorts the numbers of the predictions as text, so from the eleventh prediction on a
    window is multiplied with the likeness of another caption.
    """
    return likeness_GP[:, sorted(range(likeness_GP.shape[1]), key=str)]


def _cider(pairs: Pairs, told: Events, true: Events, words: Vocabulary) -> float:
    if not len(pairs):
        return 0.0
    return sum(cider(pairs.sentences(told, true, words), len(pairs.alone))) / len(pairs)


def paragraphs(
    predictions: Mapping[str, Events],
    truths: Mapping[str, Events],
    tokenize: Tokenize,
    meteor: CaptionLikeness | None = None,
    shifted: bool = False,
) -> Figures:
    """CIDEr and METEOR of all captions of a video as one text, in one corpus of all videos.

    `shifted`: as published, where a video without predictions is missing from one list only and
    every later prediction is held against the wrong truth.
    """
    names = [name for name in truths if len(predictions.get(name, ()))]
    true = [_letters(" ".join(truths[name].captions)) for name in (truths if shifted else names)]
    told = [_letters(". ".join(predictions[name].captions)) for name in names]
    texts = list(zip(told, true, strict=False))
    words = Vocabulary([text for pair in texts for text in pair], tokenize)
    pairs: Sequence[tuple[Sentence, Sentence]] = [(words[p], words[g]) for p, g in texts]
    found = {"Para_CIDEr": float(np.mean(cider(pairs))) if pairs else 0.0}
    if meteor is not None:
        joined = [(words.text(p), words.text(g)) for p, g in texts]
        found["Para_METEOR"] = meteor.together(joined) if joined else 0.0
    return found


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]+", " ", text.lower()).strip()


def youcook2_captions(pure_cap: str) -> list[str]:
    """The sentences of a YouCook2 annotation."""
    return [f"{sentence}." for sentence in pure_cap.split(". ")]


def activitynet_captions(caption: str) -> list[str]:
    """The sentences of an ActivityNet annotation in TimeChat's form."""
    return [f"{piece.strip()}." for piece in caption.split(".") if len(piece) > 5]
