"""Heads that begin able to carry the number of a candidate."""

import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.errors import SettingsError
from whenabouts.models.dialogue_text import candidates_round, dialogue_ids
from whenabouts.train.number_start import carry_numbers


def test_narrow_heads_have_no_room():
    settings = tiny.dialogue_settings()
    model, tokens = tiny.network(settings), tiny.tokenizer("ivcr")
    model.language.config.num_attention_heads = 16
    with pytest.raises(SettingsError, match="4 wide"):
        carry_numbers(model, tokens, 1, torch.Generator())


def test_each_number_is_told_from_the_others_where_it_is_brought_from():
    settings = tiny.dialogue_settings()
    model, tokens = tiny.network(settings), tiny.tokenizer("ivcr")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    carry_numbers(model, tokens, 1, torch.Generator().manual_seed(0))
    changed = {n for n, v in model.state_dict().items() if not torch.equal(v, before[n])}
    assert all(".v_proj." in name or ".o_proj." in name for name in changed)
    ids = dialogue_ids([candidates_round("")], tokens)
    words = model.language.get_input_embeddings()
    layer = model.language.model.layers[0]
    with torch.no_grad():
        told = layer.self_attn.v_proj(layer.input_layernorm(words(torch.tensor([ids])))[0])
    text = [tokens.decode([one]).strip() for one in ids]
    for number in range(10):
        digit = str(number + 1)[-1]
        at = max(place for place, one in enumerate(text) if one == digit)
        assert int(told[at, :10].argmax()) == number
