"""Moment-DETR as an ONNX file, so that use needs no torch.

`video` float32 [B,N,V], `video_mask` [B,N], `text` [B,T,W], `text_mask` [B,T] to `spans` [B,Q,2]
(centre and width in shares of the valid steps), `scores` [B,Q] in [0, 1], `saliency` [B,N].
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from whenabouts.models.moment_detr import MomentDetr
from whenabouts.weights.export import write_onnx

INPUTS = ["video", "video_mask", "text", "text_mask"]
OUTPUTS = ["spans", "scores", "saliency"]


class Teller(nn.Module):
    """The windows of the last layer."""

    def __init__(self, model: MomentDetr) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, video: Tensor, video_mask: Tensor, text: Tensor, text_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """See the head of the module."""
        found = self.model(video, video_mask, text, text_mask)
        return found.spans[-1], found.logits[-1].softmax(dim=-1)[..., 0], found.saliency


def export_moments(model: MomentDetr, path: Path) -> None:
    """Write the network."""
    sizes = model.sizes
    model = model.eval().float().cpu()
    steps, words = min(9, sizes.most_steps), min(5, sizes.most_words)
    batch = torch.export.Dim("batch", min=1, max=1 << 16)
    step = torch.export.Dim("steps", min=1, max=max(2, sizes.most_steps))
    word = torch.export.Dim("words", min=1, max=max(2, sizes.most_words))
    example = (
        torch.randn(2, steps, sizes.video_width),
        torch.ones(2, steps),
        torch.randn(2, words, sizes.text_width),
        torch.ones(2, words),
    )
    along_video, along_text = {0: batch, 1: step}, {0: batch, 1: word}
    write_onnx(
        Teller(model),
        example,
        path,
        names=(INPUTS, OUTPUTS),
        dynamic=(along_video, along_video, along_text, along_text),
    )
