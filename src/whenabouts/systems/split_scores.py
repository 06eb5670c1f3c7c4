"""Scores of a retrieval split by a network: captions against videos, each video as one clip.

A network that mixes frames mixes those of the whole clip here; a library stores each frame alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from whenabouts.data.frame_cache import FrameCache
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.errors import InputError
from whenabouts.models.interaction import Tokens, last_of, mean_of
from whenabouts.models.pairs import Packed, pack, score_all
from whenabouts.models.pixels import PixelSettings, fit
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.tokens import TextTokens
from whenabouts.models.torch_pixels import normalised
from whenabouts.weights.folder import load_model, read_settings, read_tokens

_TEXTS, _CLIPS = 256, 16
"""Encoded at once."""

Device = Literal["auto", "cpu", "cuda"]

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
    def __call__(
        self,
        split: RetrievalSplit,
        tell: Tell | None = None,
        captions: Sequence[str] | None = None,
    ) -> NDArray[np.float32]:
        """Scores float32 [captions, videos]; `captions` None: those of the split."""
        texts = list(self._texts(split.captions if captions is None else captions))
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
                ends = last_of(made.vectors, mask).unsqueeze(1)
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
            made = self.model.video(normalised(pixels, self.pixels), mask)
            if self.model.sizes.interaction == "dp":
                made = Tokens(mean_of(made).unsqueeze(1), torch.ones_like(mask[:, :1]))
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


def open_scores(
    folder: Path, cache: FrameCache, words: int, device: Device = "auto"
) -> SplitScores:
    """The network of a checkpoint folder, ready to score."""
    settings = read_settings(folder)
    model = load_model(folder)
    longest = model.sizes.clip.context_tokens
    if words > longest:
        raise InputError(f"words is {words}, but {settings.name} reads {longest} tokens; lower it")
    if device == "cuda" or (device == "auto" and torch.cuda.is_available()):
        model = model.cuda()
    tokens = read_tokens(folder, settings)
    return SplitScores(model, tokens, settings.pixels, cache, words)


def _numpy(value: Tensor) -> NDArray[Any]:
    return (value.float() if value.is_floating_point() else value).cpu().numpy()
