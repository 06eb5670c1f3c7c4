"""Samples of instructions as the tensors that a video LLM learns from.

Shapes: B samples, L text tokens, V videos of T frames in one look, S pixels a side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED, training_ids, training_text
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.splice import pad_right
from whenabouts.models.time_tokens import second_row
from whenabouts.models.torch_pixels import normalised
from whenabouts.models.video_llm import FrameTexts
from whenabouts.models.video_llm_sizes import VideoLlmSizes

Stamps = Callable[[Sequence[str]], FrameTexts | None]
"""Printed times to the ids of the sentences beside frames, padded to the longest of the call."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Videos that go through the vision together."""

    pixels: Tensor
    """float32 [V,T,3,S,S], normalised."""
    texts: FrameTexts | None
    seconds: Tensor | None
    """int64 [V,T], where the model has a table with a row a second."""


@dataclass(frozen=True, slots=True, eq=False)
class VideoLlmBatch:
    """What one step learns from."""

    ids: Tensor
    """int64 [B,L], padded behind."""
    labels: Tensor
    """int64 [B,L]: answers alone; `IGNORED` elsewhere."""
    mask: Tensor
    """int64 [B,L]: 1 where there is text."""
    looks: tuple[Look, ...]
    """One look at all videos when they have equally many frames, else one a video, in order."""
    notes: tuple[str, ...]
    """Texts that were cut off."""


@dataclass(frozen=True, slots=True)
class Collate:
    """Puts samples together for one model."""

    sizes: VideoLlmSizes
    pixels: PixelSettings
    tokens: LlamaTokens
    stamps: Stamps
    limit: int = 2048
    """Longest text in tokens, visual ones included."""
    time_tokens: bool = False
    """Whether times in texts are time tokens."""

    def __call__(self, samples: Sequence[InstructionSample]) -> VideoLlmBatch:
        """The batch of these samples, on the CPU."""
        rows, notes = self._texts(samples)
        ids = pad_right([row for row, _ in rows], self.tokens.pad_id)
        counts = {len(sample.clip) for sample in samples}
        groups = [list(samples)] if len(counts) == 1 else [[sample] for sample in samples]
        return VideoLlmBatch(
            ids,
            pad_right([labels for _, labels in rows], IGNORED),
            # As the references have it, so that a genuine <unk> is masked out too.
            ids.ne(self.tokens.pad_id).long(),
            tuple(self._look(group) for group in groups),
            tuple(notes),
        )

    def _texts(
        self, samples: Sequence[InstructionSample]
    ) -> tuple[list[tuple[list[int], list[int]]], list[str]]:
        rows: list[tuple[list[int], list[int]]] = []
        notes: list[str] = []
        for sample in samples:
            message = sample.message("tokens" if self.time_tokens else "plain")
            count = self.sizes.tokens_of(len(sample.clip))
            text = training_text(sample.turns, message, count)
            ids, labels = training_ids(text, self.tokens, self.limit)
            if all(label == IGNORED for label in labels):
                raise InputError(
                    f"nothing of {sample.video or sample.source!r} is learnt: its question and "
                    f"{count} visual tokens fill {self.limit} tokens; raise the limit"
                )
            if len(ids) == self.limit:
                notes.append(f"the text about {sample.video} may be cut at {self.limit} tokens")
            rows.append((ids, labels))
        return rows, notes

    def _look(self, group: Sequence[InstructionSample]) -> Look:
        frames = torch.from_numpy(np.stack([sample.clip.pixels for sample in group]))
        times = [sample.clip.times for sample in group]
        rows = self.sizes.second_positions
        seconds = None
        if rows:
            seconds = torch.tensor([[second_row(float(t), rows) for t in one] for one in times])
        texts = self.stamps([time for one in times for time in one])
        return Look(normalised(frames, self.pixels), texts, seconds)
