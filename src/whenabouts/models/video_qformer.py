"""TimeChat's Q-Former that slides over the frames of a video.

Source: https://arxiv.org/abs/2312.02051. Each window of frames becomes the same number of tokens,
so a longer video gets more of them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from whenabouts.models.qformer import QFormer
from whenabouts.models.video_llm_sizes import QFormerSizes


class VideoQFormer(nn.Module):
    """One Q-Former, run over each window."""

    def __init__(self, sizes: QFormerSizes, window_frames: int, stride_frames: int) -> None:
        super().__init__()
        self.window_frames = window_frames
        self.stride_frames = stride_frames
        self.qformer = QFormer(sizes)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """`tokens` [B,T,N,W] to [B,windows*Q,W] in the order of time, and no loss to add.

        Tokens where `mask` [B,T,N] is 0 are not read.
        """
        seen: list[Tensor] = []
        for first, end in windows(tokens.shape[1], self.window_frames, self.stride_frames):
            hidden = None if mask is None else mask[:, first:end].flatten(1, 2)
            memory = tokens[:, first:end].flatten(1, 2)
            seen.append(self.qformer(memory, memory_mask=hidden))
        return torch.cat(seen, dim=1), tokens.new_zeros(())

    def initialise(self, generator: torch.Generator) -> None:
        """Random start."""
        self.qformer.initialise(generator)


def windows(frames: int, window_frames: int, stride_frames: int) -> list[tuple[int, int]]:
    """Frames [first, end) of each window; those at the end are shorter, none is empty."""
    if window_frames <= 0 or stride_frames <= 0:
        return [(0, frames)]
    starts = range(0, frames, stride_frames)
    return [(first, min(first + window_frames, frames)) for first in starts]
