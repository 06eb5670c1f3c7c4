"""Scores of a retrieval split by a network in training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from whenabouts.data.frame_cache import FrameCache
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.metrics.retrieval import caption_retrieval, retrieval
from whenabouts.models.clip import end_token
from whenabouts.models.interaction import Tokens
from whenabouts.models.pairs import Packed, pack, score_all
from whenabouts.models.pixels import PixelSettings, fit
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.tokens import TextTokens

_TEXTS, _CLIPS = 256, 16
"""Encoded at once."""

Tell = Callable[[int, int], None]
"""Told how many of how many videos are encoded."""


class SplitScores:
    """Encodes a split and scores every caption against every video, without the logit scale."""

    def __init__(
        self,
        model: RetrievalModel,
        tokens: TextTokens,
        pixels: PixelSettings,
        cache: FrameCache,
        words: int,
    ) -> None:
        self.model, self.tokens, self.pixels = model, tokens, pixels
        self.cache, self.words = cache, words

    @torch.no_grad()
    def __call__(self, split: RetrievalSplit, tell: Tell | None = None) -> NDArray[np.float32]:
        """Scores float32 [captions, videos]."""
        texts = list(self._texts(split.captions))
        clips = list(self._clips(split, tell))
        if self.model.sizes.interaction == "xti":
            rows = [torch.cat([self.model.score(t, c).mean for c in clips], dim=1) for t in texts]
            return torch.cat(rows).cpu().numpy()
        return score_all(self._packed(texts), self._packed(clips))

    def _texts(self, captions: Sequence[str]) -> Iterator[Tokens]:
        device = next(self.model.parameters()).device
        for start in range(0, len(captions), _TEXTS):
            # To the full length always: in mask mode `zero`, padding takes part in the score.
            batch = self.tokens.encode(captions[start : start + _TEXTS], self.words, pad="limit")
            ids, mask = (torch.from_numpy(v).to(device) for v in (batch.ids, batch.mask))
            made = self.model.text(ids, mask)
            if self.model.sizes.interaction == "dp":
                ends = end_token(made.vectors, ids, mask).unsqueeze(1)
                made = Tokens(ends, torch.ones_like(mask[:, :1]))
            yield made

    def _clips(self, split: RetrievalSplit, tell: Tell | None) -> Iterator[Tokens]:
        device = next(self.model.parameters()).device
        total = len(split.videos)
        for start in range(0, total, _CLIPS):
            numbers = range(start, min(start + _CLIPS, total))
            read = [self._frames(split.videos[n], split.span(n)) for n in numbers]
            pixels = torch.from_numpy(np.stack([frames for frames, _ in read])).to(device)
            mask = torch.from_numpy(np.stack([valid for _, valid in read])).long().to(device)
            plain = pixels.permute(0, 1, 4, 2, 3).float().div_(255)
            mean, std = (
                torch.tensor(v, device=device).view(1, 1, 3, 1, 1)
                for v in (self.pixels.mean, self.pixels.std)
            )
            made = self.model.video(plain.sub_(mean).div_(std), mask)
            if self.model.sizes.interaction == "dp":
                frames = mask.sum(dim=1, keepdim=True).clamp(min=1)
                whole = F.normalize(made.unit.sum(dim=1) / frames, dim=-1, eps=1e-20)
                made = Tokens(whole.unsqueeze(1), torch.ones_like(mask[:, :1]))
            yield made
            if tell is not None:
                tell(numbers[-1] + 1, total)

    def _frames(
        self, path: Path, span: tuple[float, float] | None
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Square frames [F,S,S,3] and which of them there are."""
        frames, mask = self.cache.frames(path, span)
        side = self.pixels.size_px
        out = np.zeros((len(mask), side, side, 3), np.uint8)
        for index in np.flatnonzero(mask):
            out[index] = np.asarray(fit(Image.fromarray(frames[index]), self.pixels))
        return out, mask

    def _packed(self, parts: Sequence[Tokens]) -> Packed:
        """All rows of one side without padding."""
        sizes = self.model.sizes
        packed = [
            pack(
                _numpy(part.vectors),
                _numpy(part.mask),
                None if part.logits is None else _numpy(part.logits),
                "exclude" if sizes.interaction == "dp" else sizes.mask_mode,
            )
            for part in parts
        ]
        return Packed(
            np.concatenate([cast(NDArray[np.float32], part.vectors) for part in packed]),
            np.concatenate([part.weights for part in packed]),
            np.concatenate([part.counts for part in packed]),
            packed[0].slots,
        )


def split_figures(scores: NDArray[np.float32], split: RetrievalSplit) -> dict[str, float]:
    """Figures of both directions, `t2v.R@1` and so on, by the protocol of the split."""
    if split.one_caption_each:
        found = {"text_to_video": retrieval(scores), "video_to_text": retrieval(scores.T)}
    else:
        found = caption_retrieval(scores, split.owner)
    short = {"text_to_video": "t2v", "video_to_text": "v2t"}
    return {f"{short[way]}.{name}": v for way, rows in found.items() for name, v in rows.items()}


def _numpy(value: Tensor) -> NDArray[np.generic]:
    return (value.float() if value.is_floating_point() else value).cpu().numpy()
