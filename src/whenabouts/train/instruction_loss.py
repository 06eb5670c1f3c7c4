"""What a video LLM learns: the answers, and what helps on the way there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.time_tokens import TIME_TOKENS
from whenabouts.models.video_llm import VideoLlm
from whenabouts.train.frame_view import InView
from whenabouts.train.guided_attention import (
    GuidedSettings,
    frame_shares,
    guided_loss,
    two_heads,
    watching,
)
from whenabouts.train.instruction_collate import VideoLlmBatch

_PIXELS = 5
"""Axes of a batch of pixels; what kept eyes saw has one less."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What is seen of the videos of a batch, in order."""

    seen: list[Tensor] = field(default_factory=list[Tensor])
    """Visual tokens, [K,D] a video."""
    shares: list[Tensor] = field(default_factory=list[Tensor])
    """How much of each frame lies in each of them, [T,K] a video; for guided attention."""
    extra: list[Tensor] = field(default_factory=list[Tensor])
    """What compression adds to the loss, a look."""
    views: list[Tensor] = field(default_factory=list[Tensor])
    """What frames fail to tell of what they show, a look."""


class InstructionObjective(nn.Module):
    """Looks at the videos, reads the texts around them, and scores the answers."""

    def __init__(
        self,
        tokens: LlamaTokens,
        *,
        time_loss: bool = False,
        guided: GuidedSettings | None = None,
        in_view: InView | None = None,
        answer_power: float = 0.0,
    ) -> None:
        super().__init__()
        self.image_id = tokens.image_id
        self.first_time_id = tokens.id_of(TIME_TOKENS[0]) if time_loss else None
        self.guided = guided
        self.in_view = in_view
        self.answer_power = answer_power

    def loss(self, model: VideoLlm, batch: VideoLlmBatch) -> tuple[Tensor, dict[str, float]]:
        """Mean cross entropy of the answers' tokens, plus what compression and guidance add."""
        sight = self.look(model, batch)
        seen, shares, extra, views = sight.seen, sight.shares, sight.extra, sight.views
        embedded = self._embedded(model, batch, seen)
        guided = self.guided
        with nullcontext() if guided is None else watching(model, guided.layer) as watched:
            answers = model.loss(
                embedded,
                batch.mask,
                batch.labels,
                self.first_time_id,
                batch.positions,
                self.answer_power,
            )
        logs = {"answers": answers.item()}
        total = answers + torch.stack(extra).mean()
        if self.in_view is not None and views:
            view = torch.stack(views).mean()
            logs["in_view"] = view.item()
            total = total + self.in_view.weight * view
        if guided is not None and watched is not None:
            positions = batch.positions
            if positions is None:
                positions = torch.arange(batch.ids.shape[1], device=batch.ids.device)
                positions = positions.expand(len(batch.ids), -1)
            heads = two_heads(model, watched, positions)
            times, spans = guided_loss(heads, batch.guides, shares, self.answer_power)
            logs |= {"guided_times": times.item(), "guided_spans": spans.item()}
            total = total + guided.weight * (times + spans)
        return total, logs

    def look(self, model: VideoLlm, batch: VideoLlmBatch) -> Sight:
        """What is seen of the videos of a batch."""
        sight = Sight()
        for look in batch.looks:
            see = model.look if look.pixels.ndim == _PIXELS else model.look_at
            looked = see(look.pixels, look.texts)
            framed = model.time(looked, look.seconds)
            if self.in_view is not None and look.in_view is not None:
                sight.views.append(self.in_view(looked, look.in_view))
            tokens, more = model.pool(framed, look.texts)
            sight.seen.extend(tokens)
            sight.extra.append(more)
            if self.guided is not None:
                sight.shares.extend(frame_shares(model, framed))
        return sight

    def _embedded(self, model: VideoLlm, batch: VideoLlmBatch, seen: Sequence[Tensor]) -> Tensor:
        """The rows with visual tokens in their places, [B,L,D]."""
        if batch.positions is None:
            return model.embed_with(batch.ids, seen, self.image_id)
        videos = [seen[video] for video in batch.order]
        return model.embed_videos(batch.ids, videos, self.image_id)
