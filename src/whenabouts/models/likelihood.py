"""How probable a language model finds each of several continuations of one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from whenabouts.errors import InputError
from whenabouts.models.past import given_past, past_of

if TYPE_CHECKING:
    from transformers import DynamicCache

    from whenabouts.models.video_llm import VideoLlm


@torch.inference_mode()
def score_on(
    model: VideoLlm,
    embedded: Tensor,
    options: Sequence[Sequence[int]],
    past: DynamicCache | None = None,
) -> tuple[list[float], DynamicCache]:
    """Sum of log probabilities of each continuation's ids, and what has been read of the prompt.

    `embedded` [L,D] is the whole prompt, of which `past` has read the beginning. The prompt is read
    once for all of them.
    """
    if not options or not all(options):
        raise InputError("give at least one continuation, none of them empty")
    language = cast(Any, model.language)
    dtype = language.model.norm.weight.dtype
    read = 0 if past is None else past.get_seq_length()
    made = language.model(inputs_embeds=embedded[None, read:].to(dtype), cache=past, use_cache=True)
    cache: DynamicCache = past_of(made)
    first = _log_shares(model, made.last_hidden_state[0, -1:])
    scores: list[float] = []
    for ids in options:
        wanted = torch.tensor(ids, device=embedded.device)
        found = first
        if len(ids) > 1:
            made = language.model(
                inputs_embeds=model.embed(wanted[None, :-1]).to(dtype),
                use_cache=True,
                **given_past(cache),
            )
            found = torch.cat([first, _log_shares(model, made.last_hidden_state[0])])
            cache.crop(len(embedded) - cache.get_seq_length())
        scores.append(float(found.gather(1, wanted[:, None]).sum()))
    return scores, cache


def _log_shares(model: VideoLlm, hidden: Tensor) -> Tensor:
    """[L,D] to log probabilities of the next token, float32 [L,V]."""
    head = model.language.lm_head
    return head(hidden.to(head.weight.dtype)).float().log_softmax(dim=-1)
