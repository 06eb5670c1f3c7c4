"""What a model of dialogues learns: the answers, and what helps on the way there."""

from __future__ import annotations

from contextlib import ExitStack

import torch
from torch import Tensor
from torch.nn import functional

from whenabouts.models.dialogue_text import CANDIDATES
from whenabouts.models.retrieval_heads import (
    WEIGHT,
    assumed_duration_s,
    before_answer,
    moment_loss,
    video_loss,
)
from whenabouts.models.video_llm import VideoLlm
from whenabouts.train.dialogue_collate import DialogueBatch, Gold
from whenabouts.train.dialogue_guides import guide_loss, number_loss
from whenabouts.train.guided_attention import two_heads, watching
from whenabouts.train.instruction_collate import VideoLlmBatch
from whenabouts.train.instruction_loss import InstructionObjective


class DialogueObjective(InstructionObjective):
    """Looks at the videos, reads the conversations around them, and scores the answers."""

    def loss(self, model: VideoLlm, batch: VideoLlmBatch) -> tuple[Tensor, dict[str, float]]:
        """Mean cross entropy of the answers' tokens, plus what heads and guidance add."""
        if not isinstance(batch, DialogueBatch):
            return super().loss(model, batch)
        sight = self.look(model, batch)
        videos = [sight.seen[video] for video in batch.order]
        embedded = model.embed_videos(batch.ids, videos, self.image_id)
        guided = self.guided
        with ExitStack() as stack:
            watched = before = None
            if guided is not None:
                watched = stack.enter_context(watching(model, guided.layer))
            if guided is not None and guided.numbers:
                before = stack.enter_context(watching(model, guided.layer - 1))
            hidden = model.hidden(embedded, batch.mask, batch.positions)
        answers = model.answer_loss(hidden, batch.labels)
        logs = {"answers": answers.item()}
        total = answers + torch.stack(sight.extra).mean()
        if self.in_view is not None and sight.views:
            view = torch.stack(sight.views).mean()
            logs["in_view"] = view.item()
            total = total + self.in_view.weight * view
        if guided is not None and watched is not None and batch.positions is not None:
            heads = two_heads(model, watched, batch.positions)
            times, choice = guide_loss(heads, batch.looking, sight.shares)
            logs |= {"guided_times": times.item(), "guided_choice": choice.item()}
            total = total + guided.weight * (times + choice)
            if before is not None:
                heads = two_heads(model, before, batch.positions)
                numbers = number_loss(heads, batch.numbered)
                named = _named(model, hidden, batch)
                logs |= {"guided_numbers": numbers.item(), "named": named.item()}
                total = total + guided.weight * (numbers + named)
        if model.heads is not None:
            chosen = _chosen(model, before_answer(hidden, batch.labels), batch.golds)
            logs["heads"] = chosen.item()
            total = total + WEIGHT * chosen
        return total, logs


def _named(model: VideoLlm, hidden: Tensor, batch: DialogueBatch) -> Tensor:
    """Mean cross entropy of the numbers of right candidates alone, few among many words."""
    places = [(g.row, int(g.places[-1])) for g in batch.looking if g.frames is None]
    if not places:
        return hidden.sum() * 0
    rows, before = torch.tensor(places, device=hidden.device).T
    head = model.language.lm_head
    scores = head(hidden[rows, before].to(head.weight.dtype))
    return functional.cross_entropy(scores.float(), batch.ids[rows, before + 1])


def _chosen(model: VideoLlm, pooled: Tensor, golds: tuple[Gold, ...]) -> Tensor:
    """Mean loss of the heads: of rows with ten videos the choice, with one the moment, else 0."""
    if model.heads is None:
        return pooled.sum() * 0
    found: list[Tensor] = []
    for state, gold in zip(pooled.float(), golds, strict=True):
        if gold.videos == 1 and gold.span_s is not None:
            raw = model.heads.moment(state)
            found.append(moment_loss(raw, gold.span_s, assumed_duration_s(gold.span_s[1])))
        elif gold.videos == CANDIDATES and gold.number is not None:
            found.append(video_loss(model.heads.video(state), gold.number))
        else:
            found.append(pooled.sum() * 0)
    return torch.stack(found).mean()
