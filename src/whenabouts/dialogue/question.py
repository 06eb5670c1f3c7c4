"""One useful question when candidates tie: the trait whose answer is expected to tell most.

The gain of a question is the entropy of the candidates less what is expected to be left of it after
the answer, in bits. What a candidate shows is not known but guessed from its stored frames, and the
guess enters as a probability, so a trait that cannot be seen gains nothing. Legend: C candidates,
V values of a trait, D width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.dialogue.plan import Lang
from whenabouts.dialogue.probes import TRAITS, Trait
from whenabouts.dialogue.topic import Question
from whenabouts.library.library import Library
from whenabouts.store.rows import FrameRows
from whenabouts.systems.peaks import within
from whenabouts.types import Moment

Floats = NDArray[np.float32]
TIED = 0.85
"""A candidate ties with the best one from this share of its score."""
FEWEST = 3
"""So many must tie."""
MOST = 10
"""So many are looked at."""
GAIN_BITS = 0.6
"""A question that is expected to tell less is not asked."""
TEMPERATURE = 0.02
"""Cosine; how sure a difference between two values of a trait is."""
_LENGTHS = ("short", "long")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, its words, and what it is expected to tell."""

    question: Question
    text: str
    gain_bits: float


class Asker:
    """Chooses questions for one library; keeps the encoded traits."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._probes: dict[str, Floats] = {}

    def best(
        self, moments: Sequence[Moment], asked: Sequence[str], said: str, lang: Lang
    ) -> Asking | None:
        """The question that splits the tied candidates best; None where none is worth asking.

        Args:
            moments: candidates, best first.
            asked: traits that were asked about before.
            said: all that the user has said of the video: what is told is not asked.
            lang: of the words.
        """
        tied = [m for m in moments[:MOST] if m.score >= TIED * moments[0].score] if moments else []
        if len(tied) < FEWEST:
            return None
        weights = np.array([max(m.score, 1e-6) for m in tied], np.float64)
        prior_C = weights / weights.sum()
        stored = self._library.frames([m.video.id for m in tied])
        every: list[Asking] = []
        for trait in TRAITS:
            if trait.name in asked or _told(trait, said):
                continue
            chances_CV = self._chances(trait, tied, stored)
            every.append(_visual(trait, chances_CV, gain_bits(prior_C, chances_CV), lang))
        length = None if "length" in asked else _by_length(tied, prior_C, lang)
        if length is not None:
            every.append(length)
        best = max(every, key=lambda one: one.gain_bits, default=None)
        return best if best is not None and best.gain_bits >= GAIN_BITS else None

    def _chances(
        self, trait: Trait, tied: Sequence[Moment], stored: Mapping[str, FrameRows]
    ) -> NDArray[np.float64]:
        """How likely each candidate shows each value, [C,V]."""
        probes_VD = self._encoded(trait)
        rows: list[Floats] = []
        for moment in tied:
            frames = stored.get(moment.video.id)
            if frames is None or not len(frames):
                rows.append(np.zeros(len(probes_VD), np.float32))
                continue
            first, last = within(frames.times_s, moment.span)
            inside = np.asarray(frames.vectors[first:last], np.float32)
            rows.append((inside @ probes_VD.T).max(axis=0))
        scores_CV = np.array(rows, np.float64)
        # Some words are close to every picture: only what differs between candidates counts.
        scores_CV -= scores_CV.mean(axis=0)
        odds = np.exp((scores_CV - scores_CV.max(axis=1, keepdims=True)) / TEMPERATURE)
        return odds / odds.sum(axis=1, keepdims=True)

    def _encoded(self, trait: Trait) -> Floats:
        if trait.name not in self._probes:
            encode = self._library.encoder.encode_text
            vectors = [encode(value.probe).pooled for value in trait.values]
            self._probes[trait.name] = np.stack(vectors)
        return self._probes[trait.name]


def gain_bits(prior_C: NDArray[np.float64], chances_CV: NDArray[np.float64]) -> float:
    """The mutual information of candidate and answer, bits."""
    joint_CV = prior_C[:, None] * chances_CV
    answer_V = joint_CV.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(joint_CV > 0, np.log2(chances_CV / answer_V), 0.0)
    return float((joint_CV * share).sum())


def _told(trait: Trait, said: str) -> bool:
    """Whether the user has spoken of this trait: then there is nothing to ask."""
    words = {word for value in trait.values for word in (*value.en, *value.zh) if len(word) > 1}
    words -= {"yes", "no", "there are", "没有"}
    low = f" {said.lower()} "
    if trait.name == "ground":
        return "background" in low or "背景" in low
    return any((f" {word} " in low) if word.isascii() else (word in low) for word in words)


def _visual(trait: Trait, chances_CV: NDArray[np.float64], gain: float, lang: Lang) -> Asking:
    likely = chances_CV.sum(axis=0) > 0.05 * len(chances_CV)
    values = [value for value, shown in zip(trait.values, likely, strict=True) if shown]
    question = Question(
        trait.name,
        tuple(value.words(lang) for value in trait.values),
        tuple(value.wish(lang) for value in trait.values),
        tuple({} for _ in trait.values),
    )
    text = trait.asks(lang)
    if len(trait.values) > 2:
        names = [value.words(lang)[0] for value in values[:5]]
        told = "、".join(names) if lang == "zh" else ", ".join(names)
        text = f"{text[:-1]}（{told}……）？" if lang == "zh" else f"{text[:-1]} ({told}, ...)?"
    return Asking(question, text, gain)


def _by_length(tied: Sequence[Moment], prior_C: NDArray[np.float64], lang: Lang) -> Asking | None:
    """Longer or shorter than the middle, where the lengths differ by far."""
    lengths_s = sorted(moment.video.duration_s for moment in tied)
    low_s, high_s = lengths_s[len(lengths_s) // 2 - 1], lengths_s[len(lengths_s) // 2]
    if high_s < 2 * max(low_s, 1.0):
        return None
    at_s = float(round(math.sqrt(max(low_s, 1.0) * high_s)))
    longer = np.array([float(m.video.duration_s > at_s) for m in tied])
    gain = gain_bits(prior_C, np.stack([1 - longer, longer], axis=1))
    filters: tuple[dict[str, Any], ...] = ({"longest_s": at_s}, {"shortest_s": at_s})
    words = (("shorter", "short"), ("longer", "long"))
    text = f"Is it longer or shorter than {at_s:.0f} seconds?"
    if lang == "zh":
        words, text = (("短", "更短"), ("长", "更长")), f"视频比{at_s:.0f}秒长还是短？"
    return Asking(Question("length", words, ("", ""), filters), text, gain)
