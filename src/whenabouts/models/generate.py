"""The next tokens behind an embedded prompt: greedy, by beams or drawn; at once or streamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from whenabouts.errors import InputError
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.past import given_past, past_of

if TYPE_CHECKING:
    from transformers import DynamicCache, LlamaForCausalLM

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
    return _generate(language, embedded, mask, settings, tell, None).sequences


@torch.inference_mode()
def generate_on(
    language: LlamaForCausalLM,
    embedded: Tensor,
    settings: GenerateSettings,
    past: DynamicCache | None,
    tell: Tell | None = None,
) -> tuple[Tensor, DynamicCache]:
    """New ids [N] behind one whole prompt [L,D], of which `past` has read the beginning.

    Also what has been read then: the prompt and all new tokens but the last.
    """
    mask = torch.ones(1, len(embedded), dtype=torch.long, device=embedded.device)
    made = _generate(language, embedded[None], mask, settings, tell, past)
    return made.sequences[0], past_of(made)


def _generate(
    language: LlamaForCausalLM,
    embedded: Tensor,
    mask: Tensor,
    settings: GenerateSettings,
    tell: Tell | None,
    past: DynamicCache | None,
) -> Any:
    """What transformers gives back."""
    from transformers import GenerationConfig

    if tell is not None and settings.beams > 1:
        raise InputError(f"{settings.beams} beams cannot be streamed; the best is known at the end")
    drawing: dict[str, Any] = {}
    if settings.sample:
        drawing = {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": settings.top_k,
        }
    config = GenerationConfig(
        max_new_tokens=settings.new_tokens,
        do_sample=settings.sample,
        num_beams=settings.beams,
        length_penalty=settings.length_penalty if settings.beams > 1 else None,
        repetition_penalty=settings.repetition_penalty,
        pad_token_id=language.config.pad_token_id,
        bos_token_id=language.config.bos_token_id,
        eos_token_id=language.config.eos_token_id,
        return_dict_in_generate=True,
        **drawing,
    )
    with torch.random.fork_rng(enabled=settings.seed is not None):
        if settings.seed is not None:
            torch.manual_seed(settings.seed)
        return cast(Any, language).generate(
            inputs_embeds=embedded.to(language.lm_head.weight.dtype),
            attention_mask=mask,
            **given_past(past),
            generation_config=config,
            streamer=None if tell is None else _Streamer(tell),
        )


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
