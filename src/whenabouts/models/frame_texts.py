"""The sentence beside each frame, as ids for a Q-Former that reads when the frame was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from whenabouts.errors import InputError
from whenabouts.models.frame_times import frame_sentences
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.splice import pad_right
from whenabouts.models.tokens import TextTokens
from whenabouts.models.video_llm import FrameTexts
from whenabouts.models.video_llm_settings import VideoLlmSettings


@dataclass(frozen=True, slots=True)
class FrameTextMaker:
    """Makes them as the settings of a model say."""

    settings: VideoLlmSettings
    tokens: LlamaTokens
    timestamps: TextTokens | None = None
    """BERT's tokenizer, where the settings say so."""

    def __post_init__(self) -> None:
        if self.settings.timestamps == "bert" and self.timestamps is None:
            raise InputError(f"{self.settings.name} needs BERT's tokenizer for the times of frames")

    def __call__(self, times: Sequence[str]) -> FrameTexts | None:
        """Ids of frames by their printed times, padded to the longest; None for other models."""
        if self.settings.timestamps == "none":
            return None
        sentences, limit = frame_sentences(times), self.settings.timestamp_tokens
        if self.settings.timestamps == "bert" and self.timestamps is not None:
            found = self.timestamps.encode(sentences, limit)
            return FrameTexts(torch.from_numpy(found.ids), torch.from_numpy(found.mask))
        rows = [self.tokens.encode(sentence)[:limit] for sentence in sentences]
        ids = pad_right(rows, self.tokens.pad_id)
        return FrameTexts(ids, pad_right([[1] * len(row) for row in rows], 0))
