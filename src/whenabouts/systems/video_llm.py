"""A video LLM in use: look at a video once, then answer any number of questions about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.errors import InputError
from whenabouts.models.chat_text import answer_of, chat_prompt, chat_segments, trained_segments
from whenabouts.models.device import pick_device
from whenabouts.models.frame_texts import FrameTextMaker
from whenabouts.models.frame_times import video_sentence
from whenabouts.models.generate import generate, generate_on
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.likelihood import score_on
from whenabouts.models.llama import merge_lora
from whenabouts.models.memory import too_big, when_full
from whenabouts.models.pixels import prepare
from whenabouts.models.prompt_cache import PromptCache
from whenabouts.models.seen import Seen
from whenabouts.models.splice import keep_last, pad_left
from whenabouts.models.time_tokens import plain_times, second_row, spell_frame_message
from whenabouts.models.video_llm import VideoLlm
from whenabouts.weights.convert_video_llm import open_published
from whenabouts.weights.video_llm_files import stack_mark, system_of
from whenabouts.weights.video_llm_folder import Precision, fingerprint, open_video_llm

if TYPE_CHECKING:
    from whenabouts.models.llama_tokens import LlamaTokens
    from whenabouts.models.tokens import TextTokens
    from whenabouts.models.video_llm_settings import VideoLlmSettings
    from whenabouts.models.video_llm_sizes import VideoLlmSizes


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a seen video, behind the turns (question, raw answer) before it."""

    seen: Seen
    text: str
    turns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote."""

    raw: str
    """With time tokens as such: this goes into the turns of a next question."""
    text: str
    """For people and parsers: times as numbers."""
    ids: tuple[int, ...]
    """New tokens, the end included where it was reached."""
    cut_tokens: int = 0
    """Positions cut off the front of the prompt because it was too long."""


class VideoChat:
    """A network with its tokenizers. Where it runs is where its parameters are."""

    def __init__(
        self,
        model: VideoLlm,
        settings: VideoLlmSettings,
        tokens: LlamaTokens,
        timestamps: TextTokens | None = None,
        fingerprint: str = "",
    ) -> None:
        """`fingerprint` names the weights, for visual tokens that are kept on disk."""
        self.model = model.eval()
        self.settings = settings
        self.tokens = tokens
        self.fingerprint = fingerprint
        self.frame_texts = FrameTextMaker(settings, tokens, timestamps)
        self._cache = PromptCache()

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.model.project.weight.device

    # Looking.

    def look(self, pixels: NDArray[np.uint8], times: Sequence[str]) -> Seen:
        """Frames uint8 [T,H,W,3] with their times as printed (`frame_times.printed_times`)."""
        return self.look_many([(pixels, times)])[0]

    @torch.inference_mode()
    def look_many(self, videos: Sequence[tuple[NDArray[np.uint8], Sequence[str]]]) -> list[Seen]:
        """Several videos; those with equally many frames go through the network together."""
        return self.see_many(
            [torch.from_numpy(prepare(pixels, self.settings.pixels)) for pixels, _ in videos],
            [tuple(times) for _, times in videos],
        )

    @torch.inference_mode()
    def see_many(self, pixels: Sequence[Tensor], times: Sequence[Sequence[str]]) -> list[Seen]:
        """As `look_many`, from prepared pixels float [T,3,S,S]."""
        for frames, said in zip(pixels, times, strict=True):
            self._check(frames, said)
        # In a dialogue each video is seen on its own, as padding of the sentences beside frames
        # would make it depend on the others.
        alone = self.settings.talk == "dialogue" and self.sizes.takes_times_as_text
        if len({len(frames) for frames in pixels}) > 1 or (alone and len(pixels) > 1):
            return [self.see_many([p], [t])[0] for p, t in zip(pixels, times, strict=True)]
        batch = torch.stack(list(pixels)).to(self.device)
        texts = self.frame_texts([one for said in times for one in said])
        rows = self.sizes.second_positions
        seconds = None
        if rows:
            kept = [[second_row(float(one), rows) for one in said] for said in times]
            seconds = torch.tensor(kept, device=self.device)
        with self._room(f"{len(batch)} videos of {batch.shape[1]} frames; look at fewer at once"):
            seen, _ = self.model.see(batch, texts and texts.to(self.device), seconds)
        return [
            Seen(one.float().cpu().numpy(), self._message(said), self._notes(said))
            for one, said in zip(seen, times, strict=True)
        ]

    @property
    def sizes(self) -> VideoLlmSizes:
        """Of the network."""
        return self.settings.sizes

    def _check(self, frames: Tensor, times: Sequence[str]) -> None:
        if not len(frames) == len(times) > 0:
            raise InputError(f"{len(frames)} frames with {len(times)} times; give one a frame")
        most = min(self.settings.frames, self.sizes.frame_positions)
        if len(frames) > most:
            raise InputError(
                f"{len(frames)} frames, {self.settings.name} takes {most} at once; take fewer, or "
                "cut the video into windows"
            )

    def _message(self, times: Sequence[str]) -> str:
        if not self.settings.frame_message:
            return ""
        message = video_sentence(times)
        return spell_frame_message(message) if self.settings.time_tokens else message

    def _notes(self, times: Sequence[str]) -> tuple[str, ...]:
        rows = self.sizes.second_positions
        late = sum(rows > 0 and round(float(time)) >= rows for time in times)
        if not late:
            return ()
        return (f"{late} frames lie behind second {rows - 1}, the last that the model tells apart",)

    # Answering.

    def ask(
        self,
        question: Question,
        settings: GenerateSettings | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Answer:
        """One answer; `tell` is given the text so far as it grows.

        What the prompt has in common with that of the last call is not read again: all but the
        question when the video is the same, all but the last turn in a conversation.
        """
        settings = settings or self.settings.answer
        before, after = self._segments(question)
        length = len(before) + len(question.seen.tokens) + len(after)
        if settings.beams > 1 or length > settings.prompt_tokens:
            return self._answer([question], settings, tell)[0]
        places = [(question.seen, place) for place in range(len(question.seen.tokens))]
        return self.write([*before, *places, *after], self.embed(question), settings, tell)

    def write(
        self,
        prompt: Sequence[object],
        embedded: Tensor,
        settings: GenerateSettings,
        tell: Callable[[str], None] | None = None,
    ) -> Answer:
        """What the model writes behind a prompt [L,D]; `prompt` names what each position holds.

        The beginning that it has in common with the last prompt is not read again.
        """
        with self._room(f"a prompt of {len(embedded)} tokens; show it fewer frames"):
            ids, past = generate_on(
                self.model.language,
                embedded,
                settings,
                self._cache.shared(prompt),
                self._heard(tell),
            )
        self._cache.keep(past, [*prompt, *ids.tolist()[:-1]])
        return self._answer_of(ids.tolist())

    def continuations(
        self, prompt: Sequence[object], embedded: Tensor, options: Sequence[Sequence[int]]
    ) -> list[float]:
        """Logarithms of how probable each continuation is, given as ids, behind a prompt [L,D]."""
        with self._room(f"a prompt of {len(embedded)} tokens; show it fewer frames"):
            scores, past = score_on(self.model, embedded, options, self._cache.shared(prompt))
        self._cache.keep(past, prompt)
        return scores

    def forget(self) -> None:
        """Give the memory of the last prompt back."""
        self._cache = PromptCache()

    def ask_many(
        self, questions: Sequence[Question], settings: GenerateSettings | None = None
    ) -> list[Answer]:
        """Answers to questions about any videos, padded in front into one batch."""
        return self._answer(questions, settings or self.settings.answer, None)

    @torch.inference_mode()
    def embed(self, question: Question) -> Tensor:
        """The whole prompt of a question, embedded: [L,D]."""
        before, after = (
            self.model.embed(torch.tensor(ids, dtype=torch.long, device=self.device))
            for ids in self._segments(question)
        )
        seen = torch.from_numpy(question.seen.tokens).to(self.device)
        return torch.cat([before.to(seen.dtype), seen, after.to(seen.dtype)])

    def _segments(self, question: Question) -> tuple[list[int], list[int]]:
        """Ids before and after the video."""
        seen, system = question.seen, self.settings.system
        if self.settings.spacing == "trained":
            before, after = trained_segments(
                question.turns, question.text, seen.message, self.tokens
            )
            return before, after
        prompt = chat_prompt(question.turns, question.text, seen.message, system)
        before, after = chat_segments(prompt, self.tokens)
        return before, after

    @torch.inference_mode()
    def _answer(
        self,
        questions: Sequence[Question],
        settings: GenerateSettings,
        tell: Callable[[str], None] | None,
    ) -> list[Answer]:
        if not questions:
            return []
        filler = self.model.embed(torch.tensor(self.tokens.pad_id, device=self.device))
        prompts = [self.embed(question) for question in questions]
        embedded, mask = keep_last(*pad_left(prompts, filler), settings.prompt_tokens)
        count, length = embedded.shape[:2]
        with self._room(f"{count} prompts of {length} tokens; ask fewer at once"):
            made = generate(self.model.language, embedded, mask, settings, self._heard(tell))
        return [
            replace(
                self._answer_of(ids.tolist()), cut_tokens=max(0, len(prompt) - embedded.shape[1])
            )
            for ids, prompt in zip(made, prompts, strict=True)
        ]

    def _room(self, much: str) -> AbstractContextManager[None]:
        """Says what was too much, and what to do, when memory runs out."""

        def tell() -> InputError:
            self.forget()
            return InputError(
                f"{self.device} ran out of memory with {much}, or open the model as int8 or int4"
            )

        return when_full(tell)

    def _heard(self, tell: Callable[[str], None] | None) -> _Heard | None:
        return None if tell is None else _Heard(self.text_of, tell)

    def _answer_of(self, ids: list[int]) -> Answer:
        """Up to and with the end; what stands behind is padding."""
        if self.tokens.end_id in ids:
            ids = ids[: ids.index(self.tokens.end_id) + 1]
        raw = answer_of(self.tokens.decode(ids))
        return Answer(raw, self.text_of(ids), tuple(ids))

    def text_of(self, ids: Sequence[int]) -> str:
        """New tokens as people read them."""
        raw = answer_of(self.tokens.decode(ids))
        return plain_times(raw) if self.settings.time_tokens else raw


def open_chat(
    folder: Path,
    precision: Precision = "stored",
    device: str = "cpu",
    *,
    lora_alpha: float | None = None,
    merge: bool = False,
) -> VideoChat:
    """The video LLM of a folder of ours, or of one with the published files of TimeChat or VTG-LLM.

    `precision` below what is stored is for little memory.

    `lora_alpha`: see `open_video_llm`. `merge` adds LoRA into the layers for faster answers; in
    half precision that rounds what it has learnt. `device` as torch names it; `auto` takes the
    accelerator where there is one.
    """
    device = str(pick_device(device))
    with when_full(lambda: too_big(folder.name, precision, device)):
        system = system_of(folder)
        if system is None:
            opened, mark = open_video_llm(folder, precision, device, lora_alpha), None
        elif lora_alpha is not None:
            raise InputError(f"lora_alpha needs a folder of ours: whenabouts convert {system}")
        else:
            opened = open_published(system, str(folder), precision, device)
            mark = stack_mark(system, folder)
    if merge:
        merge_lora(opened.model.language)
    return VideoChat(
        opened.model,
        opened.settings,
        opened.tokens,
        opened.timestamps,
        mark or fingerprint(folder),
    )


class _Heard:
    """Collects streamed ids and tells the text so far."""

    def __init__(
        self, text_of: Callable[[Sequence[int]], str], tell: Callable[[str], None]
    ) -> None:
        self._ids: list[int] = []
        self._text_of = text_of
        self._tell = tell

    def __call__(self, one: int) -> None:
        self._ids.append(one)
        self._tell(self._text_of(self._ids))
