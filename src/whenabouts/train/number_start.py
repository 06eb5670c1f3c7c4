"""A model of dialogues that begins able to say which candidate it looks at.

Head 0 of the layer before the guided one brings the number of a candidate to its visual tokens,
once it is taught to look there; head 1 of the guided layer, which finds the candidate, carries it
on to where the number is written. Training goes on from there with all of it.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from whenabouts.errors import SettingsError
from whenabouts.models.dialogue_text import CANDIDATES, candidates_round, dialogue_ids
from whenabouts.models.llama_tokens import LlamaTokens
from whenabouts.models.video_llm import VideoLlm
from whenabouts.train.rooms import head_one

_BROUGHT = 1.0
"""How long the number is that is brought to a visual token, in lengths of its state."""
_WRITTEN = 2.0
"""How long the number is that is carried on, in lengths of the states that it is read from."""
_FIRM = 1e-2
"""Added to squares, in shares of their mean."""


@torch.no_grad()
def carry_numbers(
    model: VideoLlm, tokens: LlamaTokens, layer: int, generator: torch.Generator
) -> None:
    """Change a model of two layers or more in place; `layer` is the guided one.

    Raises SettingsError where heads are too narrow.
    """
    language = cast(Any, model.language)
    width = language.config.hidden_size // language.config.num_attention_heads
    if width < CANDIDATES:
        raise SettingsError(
            f"fresh.numbers wants heads at least {CANDIDATES} wide, a direction for each number; "
            f"they are {width} wide"
        )
    ids = dialogue_ids([candidates_round("")], tokens)
    places = _last_digits(ids, tokens)
    words = cast(nn.Embedding, language.get_input_embeddings())
    states = language.model(
        inputs_embeds=words(torch.tensor([ids])), output_hidden_states=True
    ).hidden_states
    lengths = [float(one[0].norm(dim=1).median()) for one in states]
    bring, carry = (language.model.layers[at] for at in (layer - 1, layer))
    room = torch.empty(language.config.hidden_size, CANDIDATES).normal_(generator=generator)
    room = torch.linalg.qr(room).Q.T
    own = slice(0, CANDIDATES)
    told = bring.input_layernorm(states[layer - 1][0, places])
    bring.self_attn.v_proj.weight[own] = _telling(told)
    bring.self_attn.o_proj.weight[:, own] = _BROUGHT * lengths[layer] * room.T
    head = head_one(width)
    value, out = carry.self_attn.v_proj.weight, carry.self_attn.o_proj.weight
    loud = value[head].norm(dim=1) * out[:, head].norm(dim=0)
    least = head.start + loud.argsort()[:CANDIDATES]
    value[least] = room / (_BROUGHT * room.shape[1] ** 0.5)
    digits = language.lm_head.weight[[ids[place] for place in places]]
    digits = digits - digits.mean(dim=0)
    out[:, least] = _WRITTEN * lengths[layer] * (digits / digits.norm(dim=1, keepdim=True)).T


def _last_digits(ids: list[int], tokens: LlamaTokens) -> list[int]:
    """Where the last digit of each candidate's number stands."""
    digit = [tokens.decode([one]).strip().isdecimal() for one in ids]
    return [at for at, one in enumerate(digit) if one and not [*digit, False][at + 1]]


def _telling(states: Tensor) -> Tensor:
    """[N,E]: takes each of N states, beside what all have, to its own direction."""
    apart = states - states.mean(dim=0)
    squares = apart @ apart.T
    squares += _FIRM * squares.diagonal().mean() * torch.eye(len(apart))
    return torch.linalg.solve(squares, apart)
