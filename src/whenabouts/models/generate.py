"""The next tokens behind an embedded prompt: greedy, by beams or drawn; at once or streamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import torch
from pydantic import Field
from torch import Tensor

from whenabouts.settings import Settings

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

Tell = Callable[[int], None]
"""Is given every new token as soon as it is chosen."""


class GenerateSettings(Settings):
    """How the next tokens are chosen. The defaults are those of both published evaluations."""

    new_tokens: int = Field(default=512, gt=0)
    """Most tokens of an answer."""
    context_tokens: int = Field(default=3000, gt=0)
    """Prompt and answer together; more is cut off the front of the prompt."""
    sample: bool = True
    """Draw; False takes the most probable one, or the best of `beams`."""
    temperature: float = Field(default=1.0, gt=0)
    top_p: float = Field(default=0.8, gt=0, le=1)
    top_k: int = Field(default=50, ge=0)
    """Draw among so many; 0: all. The references leave the library's 50 in place."""
    beams: int = Field(default=1, gt=0)
    length_penalty: float = 1.0
    repetition_penalty: float = Field(default=1.0, gt=0)
    seed: int | None = None
    """For drawing; None: another answer each time."""

    @property
    def prompt_tokens(self) -> int:
        """The most of a prompt that fits."""
        return self.context_tokens - self.new_tokens


PRESETS: dict[str, GenerateSettings] = {
    "published": GenerateSettings(),
    "published-cool": GenerateSettings(temperature=0.1),
    "demo": GenerateSettings(new_tokens=300, context_tokens=2000, top_p=0.9),
    "greedy": GenerateSettings(sample=False),
    "beam": GenerateSettings(sample=False, beams=3),
}
"""`published`: how both papers' figures were made; `published-cool`: the better ones of VTG-LLM;
`demo`: both demos; `greedy`: the same answer each time."""


@torch.inference_mode()
def generate(
    language: LlamaForCausalLM,
    embedded: Tensor,
    mask: Tensor,
    settings: GenerateSettings,
    tell: Tell | None = None,
) -> Tensor:
    """New ids [B,N] behind prompts [B,L,D] with `mask` [B,L], padding in front.

    Rows that are done are filled with the padding id. `tell` streams the tokens of one prompt.
    """
    from transformers import GenerationConfig

    drawing: dict[str, Any] = {}
    if settings.sample:
        drawing = {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": settings.top_k,
        }
        if settings.seed is not None:
            torch.manual_seed(settings.seed)
    config = GenerationConfig(
        max_new_tokens=settings.new_tokens,
        do_sample=settings.sample,
        num_beams=settings.beams,
        length_penalty=settings.length_penalty if settings.beams > 1 else None,
        repetition_penalty=settings.repetition_penalty,
        pad_token_id=language.config.pad_token_id,
        bos_token_id=language.config.bos_token_id,
        eos_token_id=language.config.eos_token_id,
        **drawing,
    )
    found = cast(Any, language).generate(
        inputs_embeds=embedded.to(language.lm_head.weight.dtype),
        attention_mask=mask,
        generation_config=config,
        streamer=None if tell is None else _Streamer(tell),
    )
    return cast(Tensor, found)


class _Streamer:
    """What transformers calls for each new token of a single prompt."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def put(self, value: Tensor) -> None:
        """New ids; the empty prompt that comes first is no token."""
        for one in value.flatten().tolist():
            self._tell(int(one))

    def end(self) -> None:
        """Nothing is held back."""
