"""Samples into one batch for SeViLA: prompts, targets, labels, and equally many frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from whenabouts.data.qa.samples import QaSample
from whenabouts.errors import DataError
from whenabouts.models.sevila_prompts import answer_prompt, locate_prompt, query_prompt, target
from whenabouts.models.sevila_settings import SevilaSettings
from whenabouts.models.t5 import Ids
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.models.torch_pixels import normalised
from whenabouts.train.sevila_loss import SevilaBatch


class SevilaCollate:
    """Makes batches for one model."""

    def __init__(self, settings: SevilaSettings, tokens: T5Tokens) -> None:
        self.settings, self.tokens = settings, tokens

    def __call__(self, samples: Sequence[QaSample]) -> tuple[SevilaBatch, tuple[str, ...]]:
        """The batch, and what of its texts was cut."""
        asked = [place for place, one in enumerate(samples) if one.row.dataset != "qvhighlights"]
        frames = max(len(one.clip) for one in samples)
        locate, cut = self._ids([locating(one) for one in samples])
        answer, more = self._ids([answering(samples[place]) for place in asked])
        cut = max(cut, more)
        targets = Ids.of([self.tokens.target(wanted(samples[place])) for place in asked])
        places = [_spread(len(one.clip), frames) for one in samples]
        known = [one.shows for one in samples]
        shows = None
        if all(one is not None for one in known):
            rows = [one[at] for one, at in zip(known, places, strict=True) if one is not None]
            shows = torch.from_numpy(np.stack(rows))
        lettered = [one.row.answer if one.row.options and not one.open else None for one in samples]
        batch = SevilaBatch(
            torch.stack([self._seen(one, at) for one, at in zip(samples, places, strict=True)]),
            locate,
            torch.tensor(asked, dtype=torch.long),
            answer,
            targets,
            torch.tensor([-1 if place is None else place for place in lettered]),
            torch.tensor([len(one.row.options) for one in samples]),
            shows,
            self._names(samples, places),
        )
        told = f"a question is {cut} tokens too long; its end is cut off" if cut else ""
        return batch, (told,) if told else ()

    def _names(self, samples: Sequence[QaSample], places: Sequence[np.ndarray]) -> Ids | None:
        if not all(one.named for one in samples):
            return None
        chosen = zip(samples, places, strict=True)
        texts = [name for one, at in chosen for place in at for name in one.named[place]]
        return self._ids(texts)[0]

    def _ids(self, texts: Sequence[str]) -> tuple[Ids, int]:
        return self.tokens.rows(texts, self.settings.text_tokens)

    def _seen(self, sample: QaSample, places: np.ndarray) -> Tensor:
        if sample.memory is not None:
            return torch.from_numpy(sample.memory[places])
        return normalised(torch.from_numpy(sample.clip.pixels[places]), self.settings.pixels)


def locating(sample: QaSample) -> str:
    """What the localizer is asked."""
    row = sample.row
    if row.dataset == "qvhighlights":
        return query_prompt(row.question)
    return locate_prompt(row.question, () if sample.open else row.options)


def answering(sample: QaSample) -> str:
    """What the answerer is asked."""
    return answer_prompt(sample.row.question, () if sample.open else sample.row.options)


def wanted(sample: QaSample) -> str:
    """What the answerer is to write."""
    row = sample.row
    if row.answer is None:
        raise DataError(f"the question {row.id} has no published answer; train on another split")
    return row.options[row.answer] if sample.open else target(row.answer)


def _spread(there: int, wanted: int) -> np.ndarray:
    """Places of frames, some twice where a video has fewer than others of its batch."""
    return np.arange(wanted) * there // wanted
