"""The cross transformer interaction (XTI): a network reads each text together with each clip.

Not a cosine, and quadratic in pairs: for training and study, not for search over a library.
Parameter names are those of DRL. Shapes: A texts, V clips, F frames, D width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from whenabouts.errors import InputError
from whenabouts.models.clip import Norm, Transformer

_EPS = 1e-12
_MASKED = -1e6
_DROPPED = 0.1


class _Positions(nn.Module):
    """A table of positions, the end token at row 0 and the frames behind it."""

    def __init__(self, width: int, positions: int) -> None:
        super().__init__()
        self.position_embeddings = nn.Embedding(positions, width)


class _Pooler(nn.Module):
    """What the network says about a pair, read off its first token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_pool = Norm(width, eps=_EPS)
        self.dense = nn.Linear(width, width)

    def forward(self, tokens_PLD: Tensor) -> Tensor:
        """[P,L,D] to [P,D]."""
        pooled = self.dense(self.ln_pool(tokens_PLD)[:, 0])
        return pooled * torch.sigmoid(1.702 * pooled)


class Cross(nn.Module):
    """Positions, blocks and pooler."""

    def __init__(self, width: int, layers: int, heads: int, positions: int) -> None:
        super().__init__()
        self.embeddings = _Positions(width, positions)
        self.dropout = nn.Dropout(_DROPPED)
        self.transformer = Transformer(width, layers, heads, "quick_gelu", _EPS)
        self.pooler = _Pooler(width)

    def forward(self, tokens_PLD: Tensor, mask_PL: Tensor) -> Tensor:
        """Pairs [P,L,D] of which `mask_PL` says what is no padding, to [P,D]."""
        table = self.embeddings.position_embeddings.weight
        length = tokens_PLD.shape[1]
        if len(table) < length:
            raise InputError(
                f"{length - 1} frames and a text need {length} positions, there are {len(table)}; "
                "sample fewer frames"
            )
        placed = self.dropout(tokens_PLD + table[:length])
        seen = (1 - mask_PL.to(placed.dtype))[:, None, None, :] * _MASKED
        return self.pooler(self.transformer(placed, seen.expand(-1, -1, length, -1)))


class CrossInteraction(nn.Module):
    """Scores of all texts against all clips by reading each pair."""

    def __init__(self, width: int, layers: int, heads: int, positions: int) -> None:
        super().__init__()
        self.cross = Cross(width, layers, heads, positions)
        self.similarity_dense = nn.Linear(width, 1)

    def forward(self, ends_AD: Tensor, frames_VFD: Tensor, mask_VF: Tensor) -> Tensor:
        """End tokens and frames, raw, to scores [A,V]; one text's pairs at a time in memory."""
        videos = len(frames_VFD)
        mask = torch.cat([torch.ones_like(mask_VF[:, :1]), mask_VF], dim=1)
        rows: list[Tensor] = []
        for end in ends_AD:
            pairs = torch.cat([end.expand(videos, 1, -1), frames_VFD], dim=1)
            rows.append(self.similarity_dense(self.cross(pairs, mask)).squeeze(-1))
        return torch.stack(rows)
