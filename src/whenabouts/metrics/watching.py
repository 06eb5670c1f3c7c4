"""Figures of what was told about single videos: captions, highlights and answers, from turns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from whenabouts.metrics import ptb
from whenabouts.metrics.captions import Events
from whenabouts.metrics.dense_captions import dense_captions, mean_figures
from whenabouts.metrics.highlights import CLIP_S, highlights
from whenabouts.metrics.turns import turn_of
from whenabouts.protocols import Metric
from whenabouts.types import Example, Moment, Turn

_CHINESE = re.compile(r"([\u3400-\u9fff])")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKS = re.compile(r"[^\w%]+")


def dense_captioning() -> Metric:
    """F1 of windows, and CIDEr of their captions; the moments of a turn are the events."""
    return _dense_captioning


def highlight_detection() -> Metric:
    """Highlight figures by level; the scores of true moments are saliencies from 0 to 4."""
    return _highlight_detection


def answers() -> Metric:
    """Share of answers that say the same as the target, apart from case, marks and articles."""
    return _answers


def caption_tokens(captions: Sequence[str]) -> list[list[str]]:
    """Tokens of captions in English or Chinese; each Chinese character is one."""
    return ptb.tokens([_CHINESE.sub(r" \1 ", caption) for caption in captions])


def plain_answer(text: str) -> str:
    """An answer without what does not matter.

    >>> plain_answer("A red Circle.")
    'red circle'
    """
    return " ".join(_MARKS.sub(" ", _ARTICLES.sub(" ", text.lower())).split())


def _dense_captioning(
    predictions: Mapping[str, Turn], examples: Sequence[Example]
) -> dict[str, float]:
    told = {example.id: _events(turn_of(predictions, example).moments) for example in examples}
    true = {example.id: _events(example.target.moments) for example in examples}
    figures = mean_figures(dense_captions(told, true, caption_tokens))
    return {n: share if n == "predictions" else 100.0 * share for n, share in figures.items()}


def _highlight_detection(
    predictions: Mapping[str, Turn], examples: Sequence[Example]
) -> dict[str, float]:
    curves: list[list[float]] = []
    ratings: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]] = []
    for example in examples:
        true = example.target.moments
        duration_s = (example.video or true[0].video).duration_s
        curves.append(_curve(turn_of(predictions, example).moments, duration_s))
        ratings.append(np.array(_curve(true, duration_s), np.float64)[:, None])
    levels = highlights(curves, ratings)
    return {
        f"HL-min-{level}-{name}": 100.0 * share
        for level, shares in levels.items()
        for name, share in shares.items()
    }


def _answers(predictions: Mapping[str, Turn], examples: Sequence[Example]) -> dict[str, float]:
    right = [
        plain_answer(turn_of(predictions, example).text) == plain_answer(example.target.text)
        for example in examples
    ]
    return {"accuracy": 100.0 * float(np.mean(right))}


def _events(moments: Sequence[Moment]) -> Events:
    windows = [[moment.span.start_s, moment.span.end_s] for moment in moments]
    return Events.of(windows, [moment.text for moment in moments])


def _curve(moments: Sequence[Moment], duration_s: float) -> list[float]:
    """The highest score of a moment over the middle of each clip, else 0."""
    middles = (np.arange(int(duration_s / CLIP_S)) + 0.5) * CLIP_S
    scores = np.zeros(len(middles))
    for moment in moments:
        inside = (middles >= moment.span.start_s) & (middles < moment.span.end_s)
        scores[inside] = np.maximum(scores[inside], moment.score)
    return scores.tolist()
