"""What SeViLA learns from: answers, labels of frames, and the answerer's own mistakes.

Shapes: B videos, T frames, P picture tokens, W their width, N texts, J words of a target,
V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn

from whenabouts.errors import DataError
from whenabouts.models.sevila import Head, Sevila, best_frames, picked
from whenabouts.models.sevila_prompts import FRAME, LETTERS, NO, YES, frame_names
from whenabouts.models.t5 import Ids
from whenabouts.models.t5_tokens import T5Tokens
from whenabouts.train.sevila_sight import name_loss

Learns = Literal["localizer", "answerer", "start", "sight"]
"""`sight`: visual tokens and words find each other (`sevila_sight.py`), as a new model begins.
`start`: the answerer answers and tells which frames show something, so that a language model
from nothing learns both ways to be asked."""
Labels = Literal["data", "answerer"]
"""Whether a frame serves: by where the data say it can be seen, or by whether the answerer is right
from it alone (self-refinement)."""
Frames = Literal["located", "true", "all", "each"]
"""What the answerer reads: the localizer's frames, those that the data name, all of them, or each
one alone."""


@dataclass(frozen=True, slots=True, eq=False)
class SevilaBatch:
    """B questions, or B queries, with T frames each."""

    seen: Tensor
    """Prepared pixels [B,T,3,S,S], or what a frozen tower saw of them [B,T,P,W]."""
    locate: Ids
    """What the localizer is asked [B,*]."""
    rows: Tensor
    """int64 [A]: which of them are questions; queries have no answer."""
    answer: Ids
    """What the answerer is asked [A,*]."""
    targets: Ids
    """What the answerer is to write [A,J]."""
    truth: Tensor
    """int64 [B]: place of the right option; -1 where there are none."""
    options: Tensor
    """int64 [B]: how many there are."""
    shows: Tensor | None
    """bool [B,T]: which frames show what is asked for; None: not known of all."""
    names: Ids | None = None
    """[B*T*N,*]: names of each frame, that of something in view first; None: not given."""

    def to(self, device: torch.device) -> SevilaBatch:
        """The same on a device."""
        return SevilaBatch(
            self.seen.to(device),
            self.locate.to(device),
            self.rows.to(device),
            self.answer.to(device),
            self.targets.to(device),
            self.truth.to(device),
            self.options.to(device),
            None if self.shows is None else self.shows.to(device),
            None if self.names is None else self.names.to(device),
        )


def yes_no(labels: Tensor, yes: Sequence[int], no: Sequence[int]) -> Ids:
    """Targets of frames: `labels` bool [N] as the ids of "yes" or "no", ends included."""
    return Ids.of([yes if label else no for label in labels.tolist()])


def option_right(
    scores: Tensor, letters: Sequence[int], truth: Tensor, options: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The option chosen [N], and whether it is `truth` [N], of scores [N,J,V] of taught answers.

    The second word is the letter; the first one was given, so it need not be what the answerer
    would have written itself. `options` [N] says how many letters count, where not all do.
    """
    chances = scores[:, 1, list(letters)]
    if options is not None:
        beyond = torch.arange(len(letters), device=options.device) >= options[:, None]
        chances = chances.masked_fill(beyond, float("-inf"))
    chosen = chances.argmax(dim=-1)
    return chosen, chosen == truth


class SevilaObjective(nn.Module):
    """A `protocols.Objective` for each stage of SeViLA's training."""

    def __init__(
        self,
        tokens: T5Tokens,
        learns: Learns,
        labels: Labels,
        frames: Frames,
        key_frames: int,
    ) -> None:
        super().__init__()
        self.learns: Learns = learns
        self.labels: Labels = labels
        self.frames: Frames = frames
        self.key_frames = key_frames
        self._tokens = tokens
        self._yes, self._no = tokens.target(YES), tokens.target(NO)
        self._alone = tokens.named([FRAME])

    def loss(self, model: nn.Module, batch: SevilaBatch) -> tuple[Tensor, dict[str, float]]:
        """Mean cross entropy of what is written, and shares of what is right."""
        sevila = cast(Sevila, model)
        memory = look(sevila, batch)
        if self.learns == "sight":
            if batch.names is None:
                raise DataError(
                    "learns=sight needs the names of what is in view; set data.drawn.named"
                )
            return name_loss(sevila, memory.flatten(0, 1), batch.names)
        if self.learns == "localizer":
            labels = self._labelled(sevila, memory, batch)
            return self._frame_loss(sevila, sevila.localizer, memory, batch, labels)
        if self.learns == "answerer":
            return self._answer_loss(sevila, memory, batch)
        total, logs = self._frame_loss(
            sevila, sevila.answerer, memory, batch, self._labelled(sevila, memory, batch)
        )
        if not len(batch.rows):
            return total, {"answer_loss": 0.0, **logs}
        answers, more = self._answer_loss(sevila, memory, batch)
        return total + answers, {"answer_loss": answers.item(), **logs, **more}

    def _frame_loss(
        self, model: Sevila, head: Head, memory: Tensor, batch: SevilaBatch, labels: Tensor
    ) -> tuple[Tensor, dict[str, float]]:
        """Each frame alone is asked whether it serves; `labels` bool [B*T]."""
        T = memory.shape[1]
        wanted = yes_no(labels, self._yes, self._no).to(memory.device)
        tokens = head(memory.flatten(0, 1))[:, None]
        read = model.read(tokens, self._alone.to(memory.device), batch.locate.repeated(T))
        loss = model.taught(read, wanted)
        return loss, {"frame_loss": loss.item(), "yes": labels.float().mean().item()}

    def _labelled(self, model: Sevila, memory: Tensor, batch: SevilaBatch) -> Tensor:
        """Whether each frame serves, bool [B*T]."""
        if self.labels == "answerer":
            return self._by_answerer(model, memory, batch)
        if batch.shows is None:
            raise DataError(
                "the data do not say which frames show what is asked for; take a set that does "
                "(qvhighlights, or one of shape world), or set labels to answerer"
            )
        return batch.shows.flatten()

    @torch.no_grad()
    def _by_answerer(self, model: Sevila, memory: Tensor, batch: SevilaBatch) -> Tensor:
        """Whether the answerer, frozen and without dropout, is right from each frame alone."""
        if bool((batch.truth < 0).any()):
            raise DataError(
                "the answerer can only label frames of questions with options and a known answer"
            )
        T = memory.shape[1]
        model.answerer.eval()
        tokens = model.answerer(memory.flatten(0, 1))[:, None]
        read = model.read(tokens, self._alone.to(memory.device), batch.answer.repeated(T))
        scores = model.language.teach(read, batch.targets.repeated(T))
        letters = self._tokens.letter_ids(min(int(batch.options.max()), len(LETTERS)))
        truth, options = (one.repeat_interleave(T) for one in (batch.truth, batch.options))
        return option_right(scores, letters, truth, options)[1]

    def _answer_loss(
        self, model: Sevila, memory: Tensor, batch: SevilaBatch
    ) -> tuple[Tensor, dict[str, float]]:
        """The right answer is taught from the frames that the answerer reads."""
        if not len(batch.rows):
            raise DataError("queries have no answer to learn; train on sets of questions")
        memory, text, targets = memory[batch.rows], batch.answer, batch.targets
        if self.frames == "each":
            T = memory.shape[1]
            tokens, names = model.answerer(memory.flatten(0, 1))[:, None], self._alone
            text, targets = text.repeated(T), targets.repeated(T)
        else:
            keys = self._keys(model, memory, batch)
            tokens = model.answerer(keys.flatten(0, 1)).unflatten(0, keys.shape[:2])
            names = self._tokens.named(frame_names(keys.shape[1]))
        loss = model.taught(model.read(tokens, names.to(memory.device), text), targets)
        return loss, {"answer_loss": loss.item()}

    def _keys(self, model: Sevila, memory: Tensor, batch: SevilaBatch) -> Tensor:
        """What the answerer reads of the frames of questions [A,T,P,W]: [A,K,P,W]."""
        if self.frames == "all":
            return memory
        if self.frames == "located":
            asked = Ids(batch.locate.ids[batch.rows], batch.locate.mask[batch.rows])
            scores = located(model, self._tokens, memory, asked)[..., 1]
        elif batch.shows is None:
            raise DataError("reads=true needs data that say where answers can be seen")
        else:
            # Any of those that show it; others only where there are too few.
            shows = batch.shows[batch.rows]
            scores = shows.float() + torch.rand(shows.shape, device=memory.device)
        return picked(memory, best_frames(scores, self.key_frames))


def look(model: Sevila, batch: SevilaBatch) -> Tensor:
    """What the tower sees of the frames [B,T,P,W], unless that is what the batch holds."""
    if batch.seen.ndim == 4:
        return batch.seen.to(model.answerer.norm.weight.dtype)
    with torch.no_grad():
        return model.look(batch.seen.flatten(0, 1)).unflatten(0, batch.seen.shape[:2])


@torch.no_grad()
def located(model: Sevila, tokens: T5Tokens, memory: Tensor, asked: Ids) -> Tensor:
    """The localizer's scores of "no" and "yes" for each frame, [B,T,2], without dropout."""
    B, T = memory.shape[:2]
    training = model.localizer.training
    model.localizer.eval()
    names = tokens.named([FRAME]).to(memory.device)
    shown = model.localizer(memory.flatten(0, 1))[:, None]
    first = model.language.first(model.read(shown, names, asked.repeated(T)))
    model.localizer.train(training)
    return first[:, [tokens.no_id, tokens.yes_id]].float().unflatten(0, (B, T))
