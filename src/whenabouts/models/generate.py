"""The next tokens behind an embedded prompt: greedy, by beams or drawn; at once or streamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from whenabouts.models.generate_settings import GenerateSettings

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

Tell = Callable[[int], None]
"""Is given every new token as soon as it is chosen."""


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
