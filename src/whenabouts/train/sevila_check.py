"""Figures of a SeViLA in training, on the same batches each time, and how sure it may be."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from whenabouts.models.positions import part_positions
from whenabouts.models.sevila import Sevila, best_frames, picked
from whenabouts.models.sevila_prompts import frame_names
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.train.loop import Logs
from whenabouts.train.sevila_loss import SevilaBatch, located, look

_SCALES = tuple(2.0 ** (step / 4) for step in range(-16, 13))
"""From 1/16 to 8, a quarter of an octave apart."""


class Checker:
    """Measures on batches that are held in memory."""

    def __init__(self, batches: Sequence[SevilaBatch], tokens: T5Tokens, key_frames: int) -> None:
        self._batches, self.tokens, self._count = batches, tokens, key_frames

    @torch.no_grad()
    def figures(self, model: Sevila) -> Logs:
        """Percent: `located`, `uniform` and `true` are right answers by the frames that are read.

        `frames` are frames rightly told to serve or not, `best` the share of questions whose best
        frame shows what is asked for.
        """
        right: dict[str, list[Tensor]] = {}
        for batch in self._batches:
            memory = look(model, batch)
            scores = located(model, self.tokens, memory, batch.locate)
            yes = scores[..., 1]
            if batch.shows is not None:
                told = scores[..., 1] > scores[..., 0]
                right.setdefault("frames", []).append((told == batch.shows).flatten())
                best = batch.shows.gather(1, yes.argmax(dim=1, keepdim=True))
                right.setdefault("best", []).append(best[:, 0])
            for name, frames in self._choices(batch, yes).items():
                chances = self._chances(model, memory, batch, frames)
                if chances is not None:
                    truth = batch.truth[batch.rows]
                    hit = chances.argmax(dim=1) == truth
                    right.setdefault(name, []).append(hit[truth >= 0])
        return {
            name: 100.0 * float(torch.cat(found).float().mean())
            for name, found in right.items()
            if sum(len(one) for one in found)
        }

    @torch.no_grad()
    def scale(self, model: Sevila) -> float:
        """What scores of options are to be multiplied by, so that shares are as often right."""
        found: list[tuple[Tensor, Tensor]] = []
        for batch in self._batches:
            memory = look(model, batch)
            yes = located(model, self.tokens, memory, batch.locate)[..., 1]
            chances = self._chances(model, memory, batch, best_frames(yes, self._count))
            if chances is not None:
                known = batch.truth[batch.rows] >= 0
                found.append((chances[known], batch.truth[batch.rows][known]))
        if not sum(len(truth) for _, truth in found):
            return 1.0
        losses = {
            scale: sum(
                float(torch.nn.functional.cross_entropy(scale * scores, truth, reduction="sum"))
                for scores, truth in found
            )
            for scale in _SCALES
        }
        return min(losses, key=lambda scale: losses[scale])

    def _choices(self, batch: SevilaBatch, yes: Tensor) -> dict[str, Tensor]:
        """The frames that are read, [B,K], by how they are found."""
        count = min(self._count, yes.shape[1])
        even = torch.tensor(part_positions(yes.shape[1], count), device=yes.device)
        found = {"located": best_frames(yes, count), "uniform": even.expand(len(yes), -1)}
        if batch.shows is not None:
            # Spread over those that show it, by a little less for each frame passed.
            order = torch.arange(yes.shape[1], device=yes.device) * 1e-3
            found["true"] = best_frames(batch.shows.float() - order, count)
        return found

    def _chances(
        self, model: Sevila, memory: Tensor, batch: SevilaBatch, frames: Tensor
    ) -> Tensor | None:
        """Scores of the options of each question [A,O]; None where there are no questions."""
        if not len(batch.rows) or bool((batch.options[batch.rows] < 2).any()):
            return None
        keys = picked(memory, frames)[batch.rows]
        tokens = model.answerer(keys.flatten(0, 1)).unflatten(0, keys.shape[:2])
        names = self.tokens.named(frame_names(keys.shape[1])).to(memory.device)
        scores = model.second(model.read(tokens, names, batch.answer)).float()
        options = batch.options[batch.rows]
        letters = self.tokens.letter_ids(int(options.max()))
        beyond = torch.arange(len(letters), device=options.device) >= options[:, None]
        return scores[:, letters].masked_fill(beyond, float("-inf"))
