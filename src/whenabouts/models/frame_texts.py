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
        """Ids of frames by their printed times, padded to the longest; None for other models.

        Where the settings have `timestamp_slip`, the times of one video at once.
        """
        if self.settings.timestamps == "none":
            return None
        sentences = sentences_of(times, slip=self.settings.timestamp_slip)
        limit = self.settings.timestamp_tokens
        if self.settings.timestamps == "bert" and self.timestamps is not None:
            found = self.timestamps.encode(sentences, limit)
            return FrameTexts(torch.from_numpy(found.ids), torch.from_numpy(found.mask))
        rows = [self.tokens.encode(sentence)[:limit] for sentence in sentences]
        ones = [[1] * len(row) for row in rows]
        if self.settings.timestamp_pad == "behind":
            return FrameTexts(pad_right(rows, self.tokens.pad_id), pad_right(ones, 0))
        # The published code padded as it generates: in front, with the end token.
        turned = [
            pad_right([row[::-1] for row in some], filler).flip(1)
            for some, filler in ((rows, self.tokens.end_id), (ones, 0))
        ]
        return FrameTexts(turned[0], turned[1])


def sentences_of(times: Sequence[str], *, slip: bool) -> tuple[str, ...]:
    """The sentences of all frames of a video; `slip`: the last one as IVCR's code has it.

    >>> sentences_of(("0.0", "2.5"), slip=True)[-1]
    'This frame is sampled at 2.5 seconds second.'
    """
    if not slip or not times:
        return frame_sentences(times)
    return frame_sentences([*times[:-1], f"{times[-1]} seconds"])
