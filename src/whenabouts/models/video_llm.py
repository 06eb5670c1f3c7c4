"""One network for video LLMs that know what time it is; its parts are chosen by settings.

TimeChat (https://arxiv.org/abs/2312.02051) and VTG-LLM (https://arxiv.org/abs/2405.13382) are this
network with other sizes. Shapes: B videos, T frames, S side in pixels, N tokens a frame, K visual
tokens of a video, L tokens of a text, D width of the language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED
from whenabouts.models.clip import Norm
from whenabouts.models.compress import build_compression
from whenabouts.models.eva_vit import EvaVit
from whenabouts.models.llama import (
    build_llama,
    initialise_llama,
    lora_matrices,
    set_recompute,
)
from whenabouts.models.qformer import QFormer
from whenabouts.models.retrieval_heads import RetrievalHeads
from whenabouts.models.splice import scatter, splice
from whenabouts.models.time_tables import TimeTables
from whenabouts.models.token_loss import answer_weights, next_token_loss, time_loss
from whenabouts.models.video_llm_sizes import VideoLlmSizes

Part = Literal[
    "vision",
    "frame_qformer",
    "time",
    "compress",
    "project",
    "lora",
    "vocabulary",
    "language",
    "heads",
]
"""What can be trained or frozen: the vision transformer with the norm behind it; the Q-Former a
frame with its queries; the tables of times; the compression; the projection; LoRA; embedding table
and head; the rest of the language model; heads that choose a video and a moment."""

PUBLISHED_PARTS: tuple[Part, ...] = ("frame_qformer", "time", "compress", "project", "lora")
"""What TimeChat trains; VTG-LLM trains `vocabulary` as well."""

_VISION_EPS = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class FrameTexts:
    """The sentence beside each frame as ids: `ids` and `mask` int64 [B*T,L], frame after frame."""

    ids: Tensor
    mask: Tensor

    def to(self, device: torch.device) -> FrameTexts:
        """The same on a device."""
        return FrameTexts(self.ids.to(device), self.mask.to(device))


class VideoLlm(nn.Module):
    """Frames to visual tokens, and texts around them to the next token."""

    def __init__(self, sizes: VideoLlmSizes) -> None:
        super().__init__()
        self.sizes = sizes
        width = sizes.frame_qformer.width
        self.vision = EvaVit(sizes.vit)
        self.vision_norm = Norm(sizes.vit.width, eps=_VISION_EPS)
        self.frame_qformer = QFormer(sizes.frame_qformer)
        self.time = TimeTables(width, sizes.frame_positions, sizes.second_positions)
        self.compress = build_compression(sizes)
        self.project = nn.Linear(width, sizes.language.width)
        self.language = build_llama(sizes.language, sizes.lora)
        self.heads = None
        if sizes.head_width:
            self.heads = RetrievalHeads(sizes.language.width, sizes.head_width)

    # Seeing: once a video.

    def see(
        self, pixels: Tensor, texts: FrameTexts | None = None, seconds: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Prepared `pixels` [B,T,3,S,S] to visual tokens [B,K,D] and a loss to add.

        `texts` where the Q-Former reads times, `seconds` int64 [B,T] where there is such a table.
        """
        return self.pool(self.framed(pixels, texts, seconds), texts)

    def framed(
        self, pixels: Tensor, texts: FrameTexts | None = None, seconds: Tensor | None = None
    ) -> Tensor:
        """Frames that know their times, before anything mixes them: [B,T,N,W]."""
        return self.time(self.look(pixels, texts), seconds)

    def pool(self, framed: Tensor, texts: FrameTexts | None = None) -> tuple[Tensor, Tensor]:
        """`framed` [B,T,N,W] to visual tokens [B,K,D] and a loss to add."""
        if texts is None or not self.sizes.mask_text_padding:
            tokens, extra = self.compress(framed)
        else:
            mask = F.pad(texts.mask, (self.sizes.frame_qformer.queries, 0), value=1)
            tokens, extra = self.compress(framed, mask.unflatten(0, framed.shape[:2]))
        return self.project(tokens), extra

    def look(self, pixels: Tensor, texts: FrameTexts | None = None) -> Tensor:
        """Each frame on its own: `pixels` [B,T,3,S,S] to [B,T,N,W]."""
        if pixels.ndim != 5:
            raise InputError(f"frames must be [videos,frames,3,side,side], got {pixels.shape}")
        return self.look_at(self.eye(pixels.flatten(0, 1)).unflatten(0, pixels.shape[:2]), texts)

    def eye(self, pixels: Tensor) -> Tensor:
        """What the vision transformer makes of pictures [N,3,S,S]: [N,1+P,W of it]."""
        return self.vision_norm(self.vision(pixels))

    def look_at(self, memory: Tensor, texts: FrameTexts | None = None) -> Tensor:
        """As `look`, from what `eye` made of the frames: [B,T,1+P,W of it] to [B,T,N,W]."""
        if self.sizes.takes_times_as_text and texts is None:
            raise InputError("this model reads the time of each frame; give texts")
        B, T = memory.shape[:2]
        memory = memory.flatten(0, 1).to(self.project.weight.dtype)
        if texts is None:
            return self.frame_qformer(memory).unflatten(0, (B, T))
        return self.frame_qformer(memory, texts.ids, texts.mask).unflatten(0, (B, T))

    # Reading: once a question.

    def embed(self, ids: Tensor) -> Tensor:
        """Ids to the embeddings that the language model reads, [..,D]."""
        return self.language.get_input_embeddings()(ids)

    def embed_with(self, ids: Tensor, seen: Sequence[Tensor], image_id: int) -> Tensor:
        """`ids` [B,L] with `image_id` where visual tokens go, `seen` B of [K,D], to [B,L,D].

        That id may have no row in the table, so it is looked up as 0.
        """
        return splice(ids, self.embed(ids.masked_fill(ids == image_id, 0)), seen, image_id)

    def embed_videos(self, ids: Tensor, seen: Sequence[Tensor], image_id: int) -> Tensor:
        """As `embed_with`, for any number of videos of [K,D] anywhere in the rows, in order."""
        return scatter(ids, self.embed(ids.masked_fill(ids == image_id, 0)), seen, image_id)

    def hidden(
        self, embedded: Tensor, mask: Tensor | None = None, positions: Tensor | None = None
    ) -> Tensor:
        """Embedded texts [B,L,D] to the last hidden states [B,L,D]; padding is behind.

        `mask` is 1 where there is text [B,L], or True where a position reads another [B,1,L,L];
        `positions` int64 [B,L] where they do not count from 0.
        """
        inner = self.language.model
        # Tables that are trained are wider than the layers between them.
        dtype = inner.norm.weight.dtype
        return inner(
            inputs_embeds=embedded.to(dtype),
            attention_mask=mask,
            position_ids=positions,
            use_cache=False,
        ).last_hidden_state

    def logits(self, embedded: Tensor, mask: Tensor | None = None) -> Tensor:
        """Embedded texts [B,L,D] to scores of the next token [B,L,V]."""
        return self._scores(self.hidden(embedded, mask))

    def loss(
        self,
        embedded: Tensor,
        mask: Tensor,
        labels: Tensor,
        first_time_id: int | None = None,
        positions: Tensor | None = None,
        power: float = 0.0,
    ) -> Tensor:
        """Mean cross entropy over the learnt positions; only these are scored.

        With `first_time_id` (`<TIME_ZERO>`) digits get VTG-LLM's soft loss besides. Tokens of an
        answer of n count n^-power.
        """
        hidden = self.hidden(embedded, mask, positions)
        return self.answer_loss(hidden, labels, first_time_id, power)

    def answer_loss(
        self, hidden: Tensor, labels: Tensor, first_time_id: int | None = None, power: float = 0.0
    ) -> Tensor:
        """As `loss`, from the last hidden states [B,L,D]."""
        learnt = labels[:, 1:].ne(IGNORED)
        scores = self._scores(hidden[:, :-1][learnt])
        wanted = labels[:, 1:][learnt]
        if first_time_id is None:
            weights = answer_weights(labels[:, 1:], power) if power else None
            return next_token_loss(scores, wanted, weights)
        return time_loss(scores, wanted, first_time_id)

    def _scores(self, hidden: Tensor) -> Tensor:
        head = self.language.lm_head
        return head(hidden.to(head.weight.dtype))

    # Training.

    def parts(self) -> dict[Part, list[nn.Parameter]]:
        """All parameters by the part they belong to; each is in exactly one."""
        lora = lora_matrices(self.language)
        tables = (self.language.get_input_embeddings(), self.language.lm_head)
        vocabulary = [weight for table in tables for weight in table.parameters()]
        taken = {id(weight) for weight in (*lora.values(), *vocabulary)}
        return {
            "vision": [*self.vision.parameters(), *self.vision_norm.parameters()],
            "frame_qformer": list(self.frame_qformer.parameters()),
            "time": list(self.time.parameters()),
            "compress": list(self.compress.parameters()),
            "project": list(self.project.parameters()),
            "lora": list(lora.values()),
            "vocabulary": vocabulary,
            "language": [p for p in self.language.parameters() if id(p) not in taken],
            "heads": [] if self.heads is None else list(self.heads.parameters()),
        }

    def set_trained(self, trained: Sequence[Part]) -> None:
        """Only these parts get gradients from now on."""
        parts = self.parts()
        if unknown := set(trained) - parts.keys():
            raise InputError(f"no part {sorted(unknown)[0]!r} to train; known: {sorted(parts)}")
        for name, weights in parts.items():
            for weight in weights:
                weight.requires_grad_(name in trained)

    def widen_trained(self) -> None:
        """Hold what is trained in float32; half precision would lose most of its small steps."""
        for weight in self.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()

    def train(self, mode: bool = True) -> Self:
        """Modules without anything to train stay as they are in use: no dropout there."""
        super().train(mode)
        for module in (self.vision, self.vision_norm, self.frame_qformer, self.compress):
            if mode and not any(weight.requires_grad for weight in module.parameters()):
                module.eval()
        return self

    def recompute(self, on: bool = True) -> None:
        """Keep little of the forward pass for gradients and run it again, to save memory."""
        self.vision.recompute = on
        set_recompute(self.language, on)

    def initialise(self, generator: torch.Generator) -> None:
        """Random start of everything, for training from nothing."""
        self.vision.initialise(generator)
        self.frame_qformer.initialise(generator)
        if (start := getattr(self.compress, "initialise", None)) is not None:
            start(generator)
        nn.init.normal_(self.project.weight, std=0.02, generator=generator)
        nn.init.zeros_(self.project.bias)
        initialise_llama(self.language, generator)
        if self.heads is not None:
            self.heads.initialise(generator)
