"""What mixes the frames of a clip before they are compared with words.

Each takes frame features [B,F,D] with a mask [B,F] and adds its result to them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from whenabouts.errors import InputError
from whenabouts.models.clip import Transformer

_MASKED = -1e6
_EPS = 1e-12
_HEAD_WIDTH = 64


class NoTemporal(nn.Module):
    """Frames stay as they are."""

    def forward(self, video: Tensor, mask: Tensor) -> Tensor:  # noqa: ARG002 (one signature)
        """`video` unchanged."""
        return video


class SeqTransf(nn.Module):
    """A transformer over the frames; its LayerNorm eps is 1e-12, unlike CLIP's."""

    def __init__(self, width: int, layers: int, positions: int) -> None:
        super().__init__()
        self.frame_position_embeddings = nn.Embedding(positions, width)
        self.transformerClip = Transformer(
            width, layers, max(1, width // _HEAD_WIDTH), "quick_gelu", _EPS
        )

    def forward(self, video: Tensor, mask: Tensor) -> Tensor:
        """[B,F,D]; padded frames are seen by none but come out too."""
        F = video.shape[1]
        rows = self.frame_position_embeddings.num_embeddings
        if rows < F:
            raise InputError(f"{F} frames, but only {rows} frame positions; sample fewer")
        seen = (1 - mask.to(video.dtype))[:, None, None, :] * _MASKED
        placed = video + self.frame_position_embeddings.weight[:F]
        return self.transformerClip(placed, seen.expand(-1, -1, F, -1)) + video


class SeqLstm(nn.Module):
    """One forward LSTM over the frames; padded frames are passed by."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.lstm_visual = nn.LSTM(width, width, batch_first=True)

    def forward(self, video: Tensor, mask: Tensor) -> Tensor:
        """[B,F,D]; padded frames come out as they are, or doubled behind the longest clip.

        The doubling has no effect on scores and is kept because it was published.
        """
        lengths = mask.long().sum(dim=1)
        longest = int(lengths.max()) if len(lengths) else 0
        mixed = torch.zeros_like(video)
        mixed[:, longest:] = video[:, longest:]
        full = lengths > 0  # A clip without frames cannot be packed; it passes through unmixed.
        if longest:
            packed = pack_padded_sequence(
                video[full], lengths[full].cpu(), batch_first=True, enforce_sorted=False
            )
            out, _ = pad_packed_sequence(self.lstm_visual(packed)[0], batch_first=True)
            mixed[full, :longest] = out
        return mixed + video
