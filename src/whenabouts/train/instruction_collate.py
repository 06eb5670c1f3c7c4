"""Samples of instructions as the tensors that a video LLM learns from.

Shapes: B samples, L text tokens, V videos of T frames in one look, S pixels a side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from whenabouts.data.instruct.records import Numbers
from whenabouts.data.instruct.samples import InstructionSample
from whenabouts.errors import InputError
from whenabouts.models.chat_text import IGNORED, training_ids, training_text
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.pixels import PixelSettings
from whenabouts.models.time_tokens import second_row
from whenabouts.models.torch_pixels import normalised
from whenabouts.models.video_llm import FrameTexts
from whenabouts.models.video_llm_sizes import VideoLlmSizes
from whenabouts.train.guided_attention import Guide, guides_of
from whenabouts.train.guided_targets import TargetFinder
from whenabouts.train.packing import Pack, Row, Text, as_tensors, nowhere, one_video, together

Stamps = Callable[[Sequence[str]], FrameTexts | None]
"""Printed times to the ids of the sentences beside frames, padded to the longest of the call."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Videos that go through the vision together."""

    pixels: Tensor
    """float32 [V,T,3,S,S], normalised; or what kept eyes saw, float16 [V,T,P,W]."""
    texts: FrameTexts | None
    seconds: Tensor | None
    """int64 [V,T], where the model has a table with a row a second."""
    in_view: Tensor | None = None
    """float32 [V,T,C]: 1 for what a frame shows, where the samples say it."""

    def to(self, device: torch.device) -> Look:
        """The same on a device."""
        seconds = None if self.seconds is None else self.seconds.to(device)
        texts = None if self.texts is None else self.texts.to(device)
        in_view = None if self.in_view is None else self.in_view.to(device)
        return Look(self.pixels.to(device), texts, seconds, in_view)


@dataclass(frozen=True, slots=True, eq=False)
class VideoLlmBatch:
    """What one step learns from."""

    ids: Tensor
    """int64 [B,L], padded behind."""
    labels: Tensor
    """int64 [B,L]: answers alone; `IGNORED` elsewhere."""
    mask: Tensor
    """int64 [B,L]: 1 where there is text. Packed: bool [B,1,L,L], True where a position reads."""
    looks: tuple[Look, ...]
    """One look at all videos when they have equally many frames, else one a video, in order."""
    notes: tuple[str, ...]
    """Texts that were cut off."""
    order: tuple[int, ...] = ()
    """Numbers of the videos as their places follow each other in the rows."""
    positions: Tensor | None = None
    """int64 [B,L] of a packed batch."""
    guides: tuple[Guide, ...] = ()
    """What is to be looked at, a video."""

    def to(self, device: torch.device) -> VideoLlmBatch:
        """The same on a device."""
        return replace(
            self,
            ids=self.ids.to(device),
            labels=self.labels.to(device),
            mask=self.mask.to(device),
            looks=tuple(look.to(device) for look in self.looks),
            positions=None if self.positions is None else self.positions.to(device),
            guides=tuple(guide.to(device) for guide in self.guides),
        )


@dataclass(frozen=True, slots=True)
class Collate:
    """Puts samples together for one model."""

    sizes: VideoLlmSizes
    pixels: PixelSettings
    tokens: LlamaTokens
    stamps: Stamps
    limit: int = 2048
    """Longest text in tokens, visual ones included."""
    time_tokens: bool = False
    """Whether times in texts are time tokens."""
    pack: Pack = "off"
    find: TargetFinder | None = None
    """For guided attention: finds which times the answers are about."""
    message: bool = True
    """Whether prompts list the times of the frames."""

    def __call__(self, samples: Sequence[InstructionSample]) -> VideoLlmBatch:
        """The batch of these samples, on the CPU."""
        notes: list[str] = []
        texts = [self._texts(sample, notes) for sample in samples]
        rows = [one_video(found, number) for number, found in enumerate(texts)]
        if self.pack == "rows":
            rows = together(rows, self.limit)
        packed = as_tensors(rows, self.tokens.pad_id)
        # As the references have it, so that a genuine <unk> is masked out too.
        plain = packed.ids.ne(self.tokens.pad_id).long()
        counts = {len(sample.clip) for sample in samples}
        groups = [list(samples)] if len(counts) == 1 else [[sample] for sample in samples]
        return VideoLlmBatch(
            packed.ids,
            packed.labels,
            plain if self.pack == "off" else packed.mask,
            tuple(self._look(group) for group in groups),
            tuple(notes),
            tuple(video for row in rows for video, _ in row.videos),
            None if self.pack == "off" else packed.positions,
            self._guides(rows, samples),
        )

    def _texts(self, sample: InstructionSample, notes: list[str]) -> list[Text]:
        """The texts about one video: all turns in one, or packed a text a turn."""
        whole = self.pack == "off"
        rounds = [sample.turns] if whole else [(turn,) for turn in sample.turns]
        shown = [sample.shown] if whole else [(one,) for one in sample.shown]
        shown += [()] * (len(rounds) - len(shown))
        numbers: Numbers = "tokens" if self.time_tokens else "plain"
        message = sample.message(numbers) if self.message else ""
        count = self.sizes.tokens_of(len(sample.clip), self._stamp_tokens(sample))
        texts: list[Text] = []
        for turns, about in zip(rounds, shown, strict=True):
            text = training_text(turns, message, count)
            ids, labels = training_ids(text, self.tokens, self.limit)
            if all(label == IGNORED for label in labels):
                raise InputError(
                    f"nothing of {sample.video or sample.source!r} is learnt: its question and "
                    f"{count} visual tokens fill {self.limit} tokens; raise the limit"
                )
            if len(ids) == self.limit:
                notes.append(f"the text about {sample.video} may be cut at {self.limit} tokens")
            targets = nowhere(len(ids))
            if self.find is not None:
                targets = self.find(ids, labels, [answer for _, answer in turns], about)
            texts.append(Text(ids, labels, targets))
        return texts

    def _stamp_tokens(self, sample: InstructionSample) -> int:
        """Text tokens beside each frame; they only count where nothing is compressed."""
        if self.sizes.compression != "none":
            return 0
        stamps = self.stamps(sample.clip.times)
        return 0 if stamps is None else stamps.ids.shape[1]

    def _guides(
        self, rows: Sequence[Row], samples: Sequence[InstructionSample]
    ) -> tuple[Guide, ...]:
        if self.find is None:
            return ()
        parts = [(row.ids, row.targets, row.videos) for row in rows]
        times_s = [sample.clip.times_s for sample in samples]
        return tuple(guides_of(parts, self.tokens.image_id, times_s))

    def _look(self, group: Sequence[InstructionSample]) -> Look:
        kept = [sample.memory for sample in group if sample.memory is not None]
        if len(kept) == len(group):
            pixels = torch.from_numpy(np.stack(kept))
        else:
            frames = np.stack([sample.clip.pixels for sample in group])
            pixels = normalised(torch.from_numpy(frames), self.pixels)
        times = [sample.clip.times for sample in group]
        rows = self.sizes.second_positions
        seconds = None
        if rows:
            seconds = torch.tensor([[second_row(float(t), rows) for t in one] for one in times])
        texts = self.stamps([time for one in times for time in one])
        told = [sample.in_view for sample in group if sample.in_view is not None]
        in_view = torch.from_numpy(np.stack(told)).float() if len(told) == len(group) else None
        return Look(pixels, texts, seconds, in_view)
