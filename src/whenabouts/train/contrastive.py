"""What the tiny dual encoder learns: which texts are true of which frames and videos.

The truth is known, so every text of a batch is compared with every frame of it, not only with its
own, and small throw-away heads ask each patch what covers it. Shapes: N frames, T texts, L tokens,
V videos, F frames a video, P patches, E embedding width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from whenabouts.models.interaction import Tokens, token_weights
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.settings import Settings
from whenabouts.shapeworld.axes import COLOURS, GROUNDS, SHAPES

_MAX_SCALE = 100.0
_FACTS = 3
"""Columns of the targets that the pooled vector must tell: ground, its colour, light."""


class ContrastiveSettings(Settings):
    """How much each part of the loss counts."""

    patches: float = 1.0
    """What covers each patch: shape and colour."""
    pooled: float = 0.5
    """What the whole frame shows: looks in view, backdrop."""
    texts: float = 1.0
    """Texts against single frames."""
    captions: float = 1.0
    """Captions against videos."""
    shapes: float = 2.0
    """Shape against colour within `patches`: shapes are learnt last."""
    backdrop_weight: float = 0.03
    mosaics: int = Field(default=0, ge=0)
    """So many more pictures a batch, for `patches` alone, pieced together from windows about the
    things in view: most of a frame is backdrop, which teaches no shapes."""
    """Weight of patches that only show the backdrop."""


@dataclass(frozen=True, slots=True, eq=False)
class TensorBatch:
    """A batch on its device."""

    pixels: Tensor
    """[N,3,S,S], normalised."""
    patches: Tensor
    """int64 [N,2,P]: 1 + shape and 1 + colour of what covers a patch, 0 for the backdrop."""
    grounds: Tensor
    """int64 [N,3]."""
    looks: Tensor
    """float32 [N,shapes*colours]: 1 in view, 0 not, -1 hardly."""
    text_ids: Tensor
    text_mask: Tensor
    truth: Tensor
    """int8 [T,N]: 1 true, 0 false, -1 open."""
    caption_ids: Tensor
    caption_mask: Tensor
    videos: int


class Contrastive(nn.Module):
    """The loss and its throw-away heads."""

    def __init__(self, width: int, settings: ContrastiveSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or ContrastiveSettings()
        self.patch_head = nn.Linear(width, len(SHAPES) + 1 + len(COLOURS) + 1)
        self.ground_head = nn.Linear(width, len(GROUNDS) + len(COLOURS) + 2)
        self.look_head = nn.Linear(width, width)
        # A look is the product of its shape and its colour, so pairs never shown score as well.
        self.shape_codes = nn.Parameter(torch.randn(len(SHAPES), width) * 0.3)
        self.colour_codes = nn.Parameter(torch.randn(len(COLOURS), width) * 0.3)
        self.look_bias = nn.Parameter(torch.tensor(-4.0))

    def loss(self, model: RetrievalModel, batch: TensorBatch) -> tuple[Tensor, dict[str, float]]:
        """The weighted sum of all parts."""
        settings = self.settings
        pixels, covers = batch.pixels, batch.patches
        if settings.mosaics:
            extra, extra_covers = mosaics(pixels, covers, settings.mosaics)
            pixels, covers = torch.cat([pixels, extra]), torch.cat([covers, extra_covers])
        tokens = model.clip.image_tokens(pixels).float()
        frames = tokens[: len(batch.pixels), 0]
        scale = model.clip.logit_scale.exp().clamp(max=_MAX_SCALE)
        parts: dict[str, Tensor] = {}
        logs: dict[str, float] = {"scale": scale.item()}
        if settings.patches:
            parts["patches"], logs["shape_hits"] = self._patches(tokens[:, 1:], covers)
        if settings.pooled:
            parts["pooled"] = self._pooled(frames, batch)
        if settings.texts:
            texts = model.text(batch.text_ids, batch.text_mask)
            told = scale * frame_scores(texts, frames)
            parts["texts"] = (known_loss(told, batch.truth) + known_loss(told.T, batch.truth.T)) / 2
        if settings.captions:
            captions = model.text(batch.caption_ids, batch.caption_mask)
            named = scale * model.score(captions, _clips(model, frames, batch.videos)).mean
            parts["captions"], logs["hits"] = caption_loss(named, batch.videos)
        total = torch.stack([getattr(settings, name) * part for name, part in parts.items()]).sum()
        return total, logs | {name: part.item() for name, part in parts.items()}

    def _patches(self, tokens_NPE: Tensor, patches_N2P: Tensor) -> tuple[Tensor, float]:
        """Cross-entropy of what covers each patch, and how often its shape is right."""
        told = self.patch_head(tokens_NPE).float().flatten(0, 1)
        shape, colour = told.split((len(SHAPES) + 1, len(COLOURS) + 1), dim=1)
        parts: list[Tensor] = []
        for logits, column in ((shape, 0), (colour, 1)):
            weights = torch.ones(logits.shape[1], device=logits.device)
            weights[0] = self.settings.backdrop_weight
            parts.append(F.cross_entropy(logits, patches_N2P[:, column].flatten(), weights))
        true = patches_N2P[:, 0].flatten()
        right = (shape.detach().argmax(dim=1) == true)[true > 0]
        return self.settings.shapes * parts[0] + parts[1], right.float().mean().item()

    def _pooled(self, frames_NE: Tensor, batch: TensorBatch) -> Tensor:
        """What the class token knows: backdrop and looks in view."""
        told = self.ground_head(frames_NE).float()
        parts = told.split((len(GROUNDS), len(COLOURS), 2), dim=1)
        losses = [F.cross_entropy(parts[i], batch.grounds[:, i]) for i in range(_FACTS)]
        asked = self.look_head(frames_NE).float()
        codes = (self.shape_codes[:, None] * self.colour_codes[None]).flatten(0, 1)
        logits = asked @ codes.T * (4 * codes.shape[1] ** -0.5) + self.look_bias
        looks = F.binary_cross_entropy_with_logits(
            logits, batch.looks.clamp(min=0), reduction="none"
        )
        return torch.stack(losses).sum() + (looks * (batch.looks >= 0)).sum(1).mean()


def mosaics(pixels: Tensor, patches_N2P: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """`count` pictures of four windows each, and what covers their patches.

    Windows have half the side, lie on the patch grid and hold at least one patch with a thing in
    it, at random places; without any such patch, backdrops come back.
    """
    grid = round(patches_N2P.shape[2] ** 0.5)
    half, side = grid // 2, pixels.shape[2] // grid
    places = (patches_N2P[:, 0] > 0).nonzero()
    if not len(places):
        places = torch.zeros(1, 2, dtype=torch.int64, device=pixels.device)
    chosen = places[torch.randint(len(places), (4 * count,), device=pixels.device)]
    shift = torch.randint(half, (2, 4 * count), device=pixels.device)
    top = (chosen[:, 1] // grid - shift[0]).clamp(0, grid - half)
    left = (chosen[:, 1] % grid - shift[1]).clamp(0, grid - half)
    steps = torch.arange(half, device=pixels.device)
    source = (top[:, None, None] + steps[:, None]) * grid + left[:, None, None] + steps
    frame = chosen[:, 0, None, None].expand_as(source)

    def laid_out(windows: Tensor) -> Tensor:
        """[4*count,h,h] to [count,P]: two windows beside each other, twice."""
        return windows.unflatten(0, (count, 2, 2)).transpose(2, 3).flatten(1)

    source_CP, frame_CP = laid_out(source), laid_out(frame)
    tiles = pixels.unflatten(2, (grid, side)).unflatten(4, (grid, side))
    tiles = tiles.permute(0, 2, 4, 1, 3, 5).flatten(1, 2)[frame_CP, source_CP]
    tiles = tiles.unflatten(1, (grid, grid)).permute(0, 3, 1, 4, 2, 5)
    pictures = tiles.flatten(4, 5).flatten(2, 3)
    return pictures, patches_N2P.transpose(1, 2)[frame_CP, source_CP].transpose(1, 2)


def frame_scores(texts: Tokens, frames_NE: Tensor) -> Tensor:
    """Score of every text against every single frame [T,N], as for clips of one frame."""
    frames = F.normalize(frames_NE, dim=-1)
    similar = torch.einsum("tle,ne->tnl", texts.unit, frames)
    weights = token_weights(cast(Tensor, texts.logits), texts.mask)
    best = similar.masked_fill(~texts.mask.bool()[:, None], -torch.inf).max(dim=2).values
    return (torch.einsum("tnl,tl->tn", similar, weights) + best) / 2


def known_loss(scores: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy of each row over its true entries, open ones left out; rows need one true."""
    kept = scores.masked_fill(truth < 0, -torch.inf)
    true = truth == 1
    rows = true.any(dim=1)
    logs = kept.log_softmax(dim=1).masked_fill(~true, 0)
    each = -logs.sum(dim=1) / true.sum(dim=1).clamp(min=1)
    return (each * rows).sum() / rows.sum().clamp(min=1)


def caption_loss(scores: Tensor, videos: int) -> tuple[Tensor, float]:
    """Both directions and both languages, and how often a caption finds its video.

    `scores` [2V,V]: captions of all videos in one language, then in the other.
    """
    target = torch.arange(videos, device=scores.device)
    parts = [F.cross_entropy(scores, target.repeat(2))]
    parts += [F.cross_entropy(half.T, target) for half in scores.split(videos)]
    hits = (scores.argmax(dim=1) == target.repeat(2)).float().mean().item()
    return (parts[0] + (parts[1] + parts[2]) / 2) / 2, hits


def _clips(model: RetrievalModel, frames_NE: Tensor, videos: int) -> Tokens:
    """Frames [N,E] as clips [V,F,E]."""
    vectors = frames_NE.unflatten(0, (videos, -1))
    mask = torch.ones(vectors.shape[:2], dtype=torch.int64, device=vectors.device)
    return Tokens(vectors, mask, model.video_weight_fc(vectors).squeeze(-1))
