"""SeViLA in use: look at a video once, then find the frames that matter for a question and answer.

A second question opens no file and runs no picture tower. Options are chosen by two steps of the
decoder and frames by one, which is all that the published procedure reads of its words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.errors import InputError
from whenabouts.models.device import pick_device
from whenabouts.models.frame_spans import frame_spans
from whenabouts.models.memory import too_big, when_full
from whenabouts.models.pixels import prepare
from whenabouts.models.positions import part_positions
from whenabouts.models.seen import SeenFrames
from whenabouts.models.sevila import best_frames
from whenabouts.models.sevila_prompts import (
    FRAME,
    answer_prompt,
    frame_names,
    locate_prompt,
    query_prompt,
)
from whenabouts.models.t5 import END_ID, PAD_ID, Read
from whenabouts.types import Span
from whenabouts.weights.parts import Precision
from whenabouts.weights.sevila_folder import OpenSevila, fingerprint, open_sevila

_AT_ONCE = 64
"""Frames, or texts, that go through a network together."""
_LOOKED_AT = 8
"""Frames that go through the tower together on a processor: what it computes stays in its cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """How well each frame serves a question."""

    scores: NDArray[np.float32]
    """[T]: the published score, that of the word "yes"; ranks frames of one question."""
    chances: NDArray[np.float32]
    """[T] in [0, 1]: "yes" against "no"."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question; `frames` are places of frames to read, None: those that the localizer finds."""

    text: str
    options: tuple[str, ...] = ()
    """None: it is answered in words."""
    key_frames: int | None = None
    """How many frames are read; None: as the model's settings say."""
    frames: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """An answer, how sure it is, and the frames that it was read from."""

    text: str
    """The option's, or the model's own words."""
    option: int | None
    """Place of the option; None where there were none."""
    confidence: float
    """In [0, 1]; as often right as it says, where the model's settings say that it was fitted."""
    sure: bool
    """Whether `confidence` reaches the floor of the model's settings."""
    chances: tuple[float, ...]
    """Of the options; of those that lost an early round, that of this round."""
    frames: tuple[int, ...]
    """Places of the key frames, in order of time."""
    located: Located | None
    """None where frames were given."""
    notes: tuple[str, ...] = ()


class FrameAnswerer:
    """A network with its tokenizer. Where it runs is where its parameters are."""

    def __init__(self, opened: OpenSevila, fingerprint: str = "") -> None:
        """`fingerprint` names the weights, for visual tokens that are kept on disk."""
        self.model = opened.model.eval()
        self.settings, self.tokens = opened.settings, opened.tokens
        self.fingerprint = fingerprint

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.model.answerer.project.weight.device

    # Looking.

    def look(self, pixels: NDArray[np.uint8], times_s: Sequence[float]) -> SeenFrames:
        """Frames uint8 [T,H,W,3] of a video with their times in s; one pass of the tower."""
        return self.see(torch.from_numpy(prepare(pixels, self.settings.pixels)), times_s)

    @torch.inference_mode()
    def see(self, pixels: Tensor, times_s: Sequence[float]) -> SeenFrames:
        """As `look`, from prepared pixels float [T,3,S,S]."""
        if not len(pixels) == len(times_s) > 0:
            raise InputError(f"{len(pixels)} frames with {len(times_s)} times; give one a frame")
        count = _LOOKED_AT if self.device.type == "cpu" else _AT_ONCE
        memory = [self.model.look(part.to(self.device)) for part in pixels.split(count)]
        return self.seen(torch.cat(memory), times_s)

    @torch.inference_mode()
    def seen(self, memory: Tensor, times_s: Sequence[float]) -> SeenFrames:
        """As `look`, from what the tower made of the frames, [T,P,W]."""
        localizer, answerer = (
            torch.cat([head(part) for part in memory.split(_AT_ONCE)]).float().cpu().numpy()
            for head in (self.model.localizer, self.model.answerer)
        )
        return SeenFrames(localizer, answerer, np.asarray(times_s, np.float64))

    # Finding frames.

    def locate(self, seen: SeenFrames, text: str, options: Sequence[str] = ()) -> Located:
        """How well each frame serves to answer a question."""
        return self._located(seen, locate_prompt(text, options, self.settings.layout))

    def locate_query(self, seen: SeenFrames, query: str) -> Located:
        """How well each frame shows what a sentence says (moment retrieval)."""
        return self._located(seen, query_prompt(query))

    def moments(
        self, seen: SeenFrames, located: Located, duration_s: float
    ) -> list[tuple[Span, float]]:
        """Stretches of frames that serve, best first, by the rule of the model's settings."""
        rule = self.settings.moments
        return frame_spans(seen.times_s, located.chances, duration_s, rule)

    @torch.inference_mode()
    def _located(self, seen: SeenFrames, prompt: str) -> Located:
        """One step of the decoder for each frame."""
        text, cut = self.tokens.rows([prompt], self.settings.text_tokens)
        names = self.tokens.named([FRAME]).to(self.device)
        rows: list[Tensor] = []
        for part in torch.from_numpy(seen.localizer).split(_AT_ONCE):
            texts = text.repeated(len(part)).to(self.device)
            read = self.model.read(part.to(self.device)[:, None], names, texts)
            first = self.model.language.first(read, (self.tokens.no_id, self.tokens.yes_id))
            rows.append(first.float().cpu())
        found = torch.cat(rows)
        chances = found.softmax(dim=1)[:, 1].numpy()
        return Located(found[:, 1].numpy(), chances, self._cut(cut))

    # Answering.

    @torch.inference_mode()
    def ask(self, seen: SeenFrames, asked: Asked) -> Answered:
        """Find the frames, unless they are given, and answer from them."""
        if len(asked.options) == 1:
            raise InputError("one option is no choice; give two or more, or none at all")
        located, frames = None, asked.frames
        if frames is None:
            few = len(asked.options) <= self.settings.options
            located = self.locate(seen, asked.text, asked.options if few else ())
            wanted = asked.key_frames or self.settings.key_frames
            best = best_frames(torch.from_numpy(located.scores)[None], wanted)
            frames = tuple(best[0].tolist())
        if not frames or min(frames) < 0 or max(frames) >= len(seen):
            raise InputError(f"key frames {frames} of {len(seen)} frames; name some of them")
        answered = (
            self._choose(seen, asked, frames) if asked.options else self._tell(seen, asked, frames)
        )
        notes = (*seen.notes, *(located.notes if located else ()), *answered.notes)
        return replace(answered, located=located, notes=tuple(dict.fromkeys(notes)))

    def uniform(self, seen: SeenFrames, count: int) -> tuple[int, ...]:
        """Places of frames that are evenly spread, to compare with those that were found."""
        return tuple(part_positions(len(seen), count))

    def _choose(self, seen: SeenFrames, asked: Asked, frames: tuple[int, ...]) -> Answered:
        """Rounds of as many options as the model knows, until one is left."""
        left = list(range(len(asked.options)))
        chances = [0.0] * len(left)
        group = max(2, self.settings.options)
        sure, notes = {one: 1.0 for one in left}, list[str]()
        if len(left) > group:
            notes.append(
                f"{len(left)} options are asked in rounds of {group}, as many as the model knows"
            )
        while len(left) > 1:
            winners: list[int] = []
            for first in range(0, len(left), group):
                some = left[first : first + group]
                if len(some) == 1:
                    winners += some
                    continue
                found, cut = self._scores(seen, asked, some, frames)
                notes += self._cut(cut)
                for place, share in zip(some, found, strict=True):
                    chances[place] = sure[place] = sure[place] * share
                winners.append(max(some, key=lambda place: chances[place]))
            left = winners
        option = left[0]
        return self._answered(asked.options[option], option, chances, frames, notes)

    def _scores(
        self, seen: SeenFrames, asked: Asked, some: Sequence[int], frames: tuple[int, ...]
    ) -> tuple[list[float], int]:
        """The share of each of some options, from the second step of the decoder."""
        options = [asked.options[place] for place in some]
        prompt = answer_prompt(asked.text, options, self.settings.layout)
        read, cut = self._read(seen, prompt, frames)
        letters = self.tokens.letter_ids(len(some))
        scores = self.model.second(read, letters)[0].float() * self.settings.sure.scale
        return scores.softmax(dim=0).tolist(), cut

    def _tell(self, seen: SeenFrames, asked: Asked, frames: tuple[int, ...]) -> Answered:
        """Words, one by one; as sure as the mean of their logarithms."""
        prompt = answer_prompt(asked.text, (), self.settings.layout)
        read, cut = self._read(seen, prompt, frames)
        ids, scores = self.model.language.greedy(read, self.settings.answer_tokens)
        kept = ids[0] != PAD_ID
        shares = scores[0].float().log_softmax(dim=-1).gather(1, ids[0][:, None])[:, 0][kept]
        confidence = math.exp(float(shares.mean())) if bool(kept.any()) else 0.0
        notes = list(self._cut(cut))
        if not bool((ids[0] == END_ID).any()):
            notes.append(f"the answer was cut after {self.settings.answer_tokens} tokens")
        text = self.tokens.text(ids[0].tolist())
        return self._answered(text, None, [confidence], frames, notes)

    def _read(self, seen: SeenFrames, prompt: str, frames: tuple[int, ...]) -> tuple[Read, int]:
        """The key frames with their names and the prompt behind them, through the encoder."""
        text, cut = self.tokens.rows([prompt], self.settings.text_tokens)
        names = self.tokens.named(frame_names(len(frames))).to(self.device)
        keys = torch.from_numpy(seen.answerer[list(frames)])[None].to(self.device)
        return self.model.read(keys, names, text.to(self.device)), cut

    def _answered(
        self,
        text: str,
        option: int | None,
        chances: Sequence[float],
        frames: tuple[int, ...],
        notes: Sequence[str],
    ) -> Answered:
        confidence = chances[option or 0]
        sure = confidence >= self.settings.sure.floor
        shares = tuple(chances) if option is not None else ()
        return Answered(text, option, confidence, sure, shares, frames, None, tuple(notes))

    def _cut(self, tokens: int) -> tuple[str, ...]:
        if not tokens:
            return ()
        return (
            f"the question is {tokens} tokens longer than the {self.settings.text_tokens} that "
            "the model reads; its end was cut off",
        )


def open_answerer(
    folder: Path, precision: Precision = "stored", device: str = "cpu"
) -> FrameAnswerer:
    """The SeViLA of a folder; `device` as torch names it, `auto` takes an accelerator if any."""
    device = str(pick_device(device))
    with when_full(lambda: too_big(folder.name, precision, device)):
        opened = open_sevila(folder, precision, device)
    return FrameAnswerer(opened, fingerprint(folder))
