"""What the dense captioning evaluators share: events, the pairs they score, and the scorers.

A scorer of captions is a tokenizer and, where Java is at hand, METEOR; both come in as arguments,
so a figure never depends on what happens to be installed without saying so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from whenabouts.errors import InputError
from whenabouts.metrics.fields import need, need_numbers
from whenabouts.metrics.ngrams import Sentence
from whenabouts.metrics.windows import Floats, as_windows

THRESHOLDS = (0.3, 0.5, 0.7, 0.9)

Tokenize = Callable[[Sequence[str]], list[list[str]]]
"""Captions to token lists, all at once."""

NO_MATCH = "qzvxjkwpyq"
"""Stands for the random letters against which a prediction without partner is scored."""


class CaptionLikeness(Protocol):
    """METEOR: how alike a prediction and a reference are, from PTB tokens joined by blanks."""

    def each(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """A score a pair of (prediction, reference), in [0, 1]."""
        ...

    def together(self, pairs: Sequence[tuple[str, str]]) -> float:
        """One score of all pairs, from their added counts; not the mean of `each`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Captioned windows of one video: windows float64 [N,2] in s, and N captions."""

    windows: Floats
    captions: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.windows.shape != (len(self.captions), 2):
            raise InputError(
                f"{len(self.captions)} captions for windows of shape {self.windows.shape}; each "
                "caption needs one window [start_s, end_s]"
            )

    @classmethod
    def of(cls, windows: Sequence[Sequence[float]], captions: Iterable[str]) -> Events:
        """From lists as the files have them."""
        return cls(as_windows(windows), tuple(captions))

    @classmethod
    def predicted(cls, events: Sequence[Mapping[str, Any]], key: str) -> Events:
        """From a list of `{"timestamp": [s, e], key: caption}`."""
        windows = [need_numbers(event, "timestamp") for event in events]
        return cls.of(windows, [str(need(event, key)) for event in events])

    def sorted(self) -> Events:
        """The same events by their start."""
        order = np.argsort(self.windows[:, 0], kind="stable")
        return Events(self.windows[order], tuple(self.captions[place] for place in order))

    def __len__(self) -> int:
        return len(self.captions)


class Vocabulary:
    """Captions tokenized and counted once, however many pairs they stand in."""

    def __init__(self, captions: Iterable[str], tokenize: Tokenize) -> None:
        unique = list(dict.fromkeys(captions))
        self._sentences = {
            caption: Sentence.of(tokens)
            for caption, tokens in zip(unique, tokenize(unique), strict=True)
        }
        self.nothing = Sentence.of([NO_MATCH])
        """What a prediction without partner is scored against."""

    def __getitem__(self, caption: str) -> Sentence:
        return self._sentences[caption]

    def text(self, caption: str) -> str:
        """The tokens of a caption, joined by blanks."""
        return " ".join(self._sentences[caption].tokens)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which predictions of a video are scored against which truths, at one threshold."""

    matched: tuple[tuple[int, int], ...]
    """(prediction, truth), every pair whose overlap reaches the threshold."""
    alone: tuple[int, ...]
    """Predictions that reach none; each is scored against nonsense and so counts as 0."""

    def __len__(self) -> int:
        return len(self.matched) + len(self.alone)

    @classmethod
    def at(cls, ious_PG: Floats, threshold: float) -> Pairs:
        """Pairs with an overlap of at least `threshold`."""
        reached = ious_PG >= threshold
        return cls(
            tuple((int(p), int(g)) for p, g in np.argwhere(reached)),
            tuple(int(p) for p in np.flatnonzero(~reached.any(axis=1))),
        )

    def texts(self, told: Events, true: Events, words: Vocabulary) -> list[tuple[str, str]]:
        """Tokens of every pair, joined by blanks, for METEOR."""
        found = [
            (words.text(told.captions[p]), words.text(true.captions[g])) for p, g in self.matched
        ]
        return found + [(words.text(told.captions[p]), NO_MATCH) for p in self.alone]

    def sentences(
        self, told: Events, true: Events, words: Vocabulary
    ) -> list[tuple[Sentence, Sentence]]:
        """Counted sentences of the matched pairs."""
        return [(words[told.captions[p]], words[true.captions[g]]) for p, g in self.matched]


def covered(ious_PG: Floats, threshold: float) -> tuple[float, float]:
    """Shares of predictions, and of truths, with an overlap above `threshold`; 0 of none."""
    above = ious_PG > threshold
    precision = above.any(axis=1).mean() if above.shape[0] else 0.0
    recall = above.any(axis=0).mean() if above.shape[1] else 0.0
    return float(precision), float(recall)


def harmonic(precision: float, recall: float) -> float:
    """Harmonic mean; 0 where both are 0."""
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0
