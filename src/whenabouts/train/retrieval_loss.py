"""What a retrieval model learns: each text should find its clip in the batch, each clip its text.

Shapes: B pairs of this process, G pairs of all processes, L tokens, F frames, E embedding width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from whenabouts.models.interaction import Tokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.torch_pixels import normalised
from whenabouts.settings import Settings
from whenabouts.train.chunks import encode_in_chunks
from whenabouts.train.decorrelation import DecorrelationSettings, decorrelation_loss
from whenabouts.train.distributed import ALONE, Ranks, gather

_DRAWN_BELOW = 10_000


class RetrievalLossSettings(Settings):
    """How scores become a loss."""

    targets: Literal["diagonal", "same-video"] = "diagonal"
    """`diagonal`: only a text's own row counts as right, also where the batch shows its clip twice
    (published). `same-video`: every row that shows the same clip counts."""
    chunk: int = Field(default=0, ge=0)
    """Pairs encoded at once, each chunk again when its gradient is due: the loss of a large batch
    in the memory of a small one, same gradients. 0: all at once."""
    gather: Literal["true", "published"] = "true"
    """Over several processes: gradients as of one process with the whole batch, or, as in the
    published training, towers that learn from a fraction of them."""
    decorrelation: DecorrelationSettings = DecorrelationSettings()


@dataclass(frozen=True, slots=True, eq=False)
class PairBatch:
    """Texts and the clips they belong to, row by row, on their device."""

    ids: Tensor
    """int64 [B,L]."""
    text_mask: Tensor
    pixels: Tensor
    """uint8 [B,F,S,S,3] as the picture tower wants them, but for the normalising; or float
    [B,F,3,S,S], ready."""
    video_mask: Tensor
    """[B,F]."""
    video: Tensor
    """int64 [B]: the same number for the same clip."""


class RetrievalObjective(nn.Module):
    """Symmetric cross-entropy over the batches of all processes, with optional decorrelation."""

    def __init__(
        self, settings: RetrievalLossSettings, pixels: PixelSettings, ranks: Ranks = ALONE
    ) -> None:
        """`pixels` is what the picture tower wants."""
        super().__init__()
        self.settings = settings
        self.pixels = pixels
        self.ranks = ranks

    def loss(self, model: RetrievalModel, batch: PairBatch) -> tuple[Tensor, dict[str, float]]:
        """The loss of the gathered batch; the same on every process.

        Only the towers run in reduced precision; what follows them is float32, as published.
        """
        chunk = self.settings.chunk

        def words(ids: Tensor) -> Tensor:
            return model.clip.text_tokens(ids).float()

        def frames(pixels: Tensor, mask: Tensor) -> Tensor:
            ready = pixels if pixels.is_floating_point() else normalised(pixels, self.pixels)
            return model.frames(ready, mask)

        texts = encode_in_chunks(words, (batch.ids,), chunk)
        clips = encode_in_chunks(frames, (batch.pixels, batch.video_mask), chunk)
        with torch.autocast(texts.device.type, enabled=False):
            mixed = model.temporal(clips, batch.video_mask)
            text = self._gathered(model, "text", texts, batch.text_mask)
            video = self._gathered(model, "video", mixed, batch.video_mask)
            shown = gather(batch.video, self.ranks)
            return self._compared(model, text, video, shown[:, None] == shown[None])

    def _gathered(
        self, model: RetrievalModel, side: Literal["text", "video"], mine: Tensor, mask: Tensor
    ) -> Tokens:
        """Features of all processes; weighed after they were gathered, as published."""
        published = self.settings.gather == "published"
        whole = gather(mine, self.ranks, published=published)
        return model.weigh(side, whole, gather(mask, self.ranks))

    def _compared(
        self, model: RetrievalModel, text: Tokens, video: Tokens, same_GG: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """The loss of all pairs, and what to log."""
        scale = model.clip.logit_scale.exp()
        scores = model.score(text, video).mean * scale
        total = symmetric_loss(scores, same_GG if self.settings.targets == "same-video" else None)
        logs = {"scale": scale.item(), "hits": hits(scores)}
        spread = self.settings.decorrelation
        if spread.rows != "none":
            apart = decorrelation_loss(text, video, spread, self._picks(len(scores), scores))
            logs["decorrelation"] = apart.item()
            total = total + spread.share * apart
        return total, logs

    def _picks(self, pairs: int, beside: Tensor) -> tuple[Tensor, Tensor]:
        """Random numbers, the same on every process because the loop seeds every step."""
        drawn = torch.randint(_DRAWN_BELOW, (2, pairs)).to(beside.device)
        return drawn[0], drawn[1]


def symmetric_loss(scores_GG: Tensor, same_GG: Tensor | None = None) -> Tensor:
    """Mean of both directions' cross-entropy; rows are texts, and row i belongs to column i.

    With `same_GG`, a row's target is spread over all columns that are true there.
    """
    rows = torch.arange(len(scores_GG), device=scores_GG.device)
    if same_GG is None:
        return (F.cross_entropy(scores_GG, rows) + F.cross_entropy(scores_GG.T, rows)) / 2
    share = same_GG.float()
    share = share / share.sum(dim=1, keepdim=True)
    return (F.cross_entropy(scores_GG, share) + F.cross_entropy(scores_GG.T, share)) / 2


def hits(scores_GG: Tensor) -> float:
    """Share of texts that find their clip in the batch."""
    rows = torch.arange(len(scores_GG), device=scores_GG.device)
    return (scores_GG.argmax(dim=1) == rows).float().mean().item()
