"""SeViLA: one head finds the frames that matter for a question, another answers from them.

Both read the same frozen picture tower and write through the same frozen language model. Source:
https://arxiv.org/abs/2305.06988. Shapes: B videos, T frames, K key frames, P picture tokens, W
their width, Q queries, L text, D width of the language model, V its vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED
from whenabouts.models.clip import Norm
from whenabouts.models.eva_vit import EvaVit
from whenabouts.models.qformer import QFormer
from whenabouts.models.sevila_sizes import SevilaSizes
from whenabouts.models.t5 import T5, Ids, Read

Part = Literal["vision", "language", "answerer", "localizer"]
"""What can be trained or frozen. A head goes whole: norm, queries, Q-Former and projection."""

_NORM_EPS = 1e-5


class Head(nn.Module):
    """What the language model reads of a picture: a norm, a Q-Former, a projection."""

    def __init__(self, sizes: SevilaSizes) -> None:
        super().__init__()
        self.norm = Norm(sizes.vit.width, eps=_NORM_EPS)
        self.qformer = QFormer(sizes.qformer)
        self.project = nn.Linear(sizes.qformer.width, sizes.language.width)

    def forward(self, memory: Tensor) -> Tensor:
        """What the tower saw, [N,P,W], to visual tokens [N,Q,D]."""
        seen = self.norm(memory.to(self.norm.weight.dtype))
        return self.project(self.qformer(seen))

    def initialise(self, generator: torch.Generator) -> None:
        """Random start."""
        self.qformer.initialise(generator)
        width = self.project.in_features
        nn.init.normal_(self.project.weight, std=width**-0.5, generator=generator)
        nn.init.zeros_(self.project.bias)


class Sevila(nn.Module):
    """Frames to visual tokens of either head, and those with a text to the next word."""

    def __init__(self, sizes: SevilaSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.vision = EvaVit(sizes.vit)
        self.language = T5(sizes.language)
        self.answerer = Head(sizes)
        self.localizer = Head(sizes)

    def look(self, pixels: Tensor) -> Tensor:
        """Prepared pictures [N,3,S,S] to what both heads read, [N,P,W]."""
        return self.vision(pixels)

    def prompt(self, tokens: Tensor, names: Ids, text: Ids) -> tuple[Tensor, Tensor]:
        """Visual tokens [B,K,Q,D] and texts [B,L] as the encoder reads them: [B,M,D], mask [B,M].

        `names` [K,*] stand in front of the frames, one each; the text stands behind them all.
        """
        B, K, Q, D = tokens.shape
        if len(names.ids) != K or len(text.ids) != B:
            raise InputError(
                f"{K} frames of {B} videos need as many names and texts, there are "
                f"{len(names.ids)} and {len(text.ids)}"
            )
        named = self.language.words(names.ids).expand(B, -1, -1, -1)
        frames = torch.cat([named.to(tokens.dtype), tokens], dim=2).reshape(B, -1, D)
        words = self.language.words(text.ids).to(tokens.dtype)
        shown = F.pad(names.mask, (0, Q), value=1).flatten().expand(B, -1)
        return torch.cat([frames, words], dim=1), torch.cat([shown, text.mask], dim=1)

    def read(self, tokens: Tensor, names: Ids, text: Ids) -> Read:
        """The prompt, once through the encoder."""
        return self.language.read(*self.prompt(tokens, names, text))

    def second(self, read: Read, words: Sequence[int] | None = None) -> Tensor:
        """Scores [B,V] of the second word, by which options are chosen; `words`: of these alone."""
        return self.language.second(read, words)

    def taught(self, read: Read, targets: Ids) -> Tensor:
        """Mean cross entropy of the words of `targets`, padding left out."""
        scores = self.language.teach(read, targets)
        wanted = targets.ids.masked_fill(targets.mask == 0, IGNORED)
        return F.cross_entropy(scores.flatten(0, 1).float(), wanted.flatten(), ignore_index=IGNORED)

    # Training.

    def parts(self) -> dict[Part, list[nn.Parameter]]:
        """All parameters by the part they belong to; each is in exactly one."""
        return {
            "vision": list(self.vision.parameters()),
            "language": list(self.language.parameters()),
            "answerer": list(self.answerer.parameters()),
            "localizer": list(self.localizer.parameters()),
        }

    def set_trained(self, trained: Sequence[Part]) -> None:
        """Only these parts get gradients from now on, and are held in float32."""
        parts = self.parts()
        if unknown := set(trained) - parts.keys():
            raise InputError(f"no part {sorted(unknown)[0]!r} to train; known: {sorted(parts)}")
        for name, weights in parts.items():
            for weight in weights:
                weight.requires_grad_(name in trained)
                if name in trained:
                    weight.data = weight.data.float()

    def train(self, mode: bool = True) -> Self:
        """Parts without anything to train stay as they are in use: no dropout there."""
        super().train(mode)
        for module in (self.vision, self.language, self.answerer, self.localizer):
            if mode and not any(weight.requires_grad for weight in module.parameters()):
                module.eval()
        return self

    def localizer_as_answerer(self) -> None:
        """Let the localizer begin as a copy of the answerer, as the published one begins."""
        self.localizer.load_state_dict(self.answerer.state_dict())

    def initialise(self, generator: torch.Generator) -> None:
        """Random start of everything."""
        self.vision.initialise(generator)
        self.language.initialise(generator)
        self.answerer.initialise(generator)
        self.localizer_as_answerer()


def best_frames(scores: Tensor, count: int) -> Tensor:
    """The places of the `count` best of `scores` [B,T], in order of time: [B,K].

    All of them where there are fewer.
    """
    best = scores.topk(min(count, scores.shape[1]), dim=1).indices
    return best.sort(dim=1).values


def picked(tokens: Tensor, frames: Tensor) -> Tensor:
    """Of visual tokens [B,T,Q,D] those of `frames` [B,K]: [B,K,Q,D]."""
    return tokens.gather(1, frames[:, :, None, None].expand(-1, -1, *tokens.shape[2:]))
