"""The tokenizer with time tokens: ids, texts, training samples, rows to start with."""

import json

import pytest
import torch
from published_video_llm import our_names, vtgllm_sizes

from whenabouts.models.chat_text import training_ids, training_text
from whenabouts.models.llama_tokens import IMAGE, LlamaTokens
from whenabouts.models.time_tokens import TIME_TOKENS, spell_frame_message
from whenabouts.models.video_llm import PUBLISHED_PARTS, VideoLlm
from whenabouts.models.vocabulary import grow, time_token_sources
from whenabouts.train.optimisers import StepSettings, make_groups

ADDED = (IMAGE, *TIME_TOKENS)
_LIMIT = 2048


@pytest.mark.golden("vtgllm/tokenizer*")
def test_ids_and_texts(case):
    for variant in case.facts["variants"]:
        tokens = LlamaTokens.read(case.folder / "tokenizer.model", ADDED, legacy=variant["legacy"])
        ids = variant["ids_of_added"]
        assert {token: tokens.id_of(token) for token in ADDED} == ids
        for one in variant["encode"]:
            assert tokens.encode(one["text"]) == one["ids"]
            assert tokens.encode(one["text"], start=False) == one["ids_no_bos"]
            assert ["<s>", *tokens.pieces(one["text"])] == one["pieces"]
        for one in variant["decode"]:
            assert tokens.decode(one["ids"]) == one["decoded"]
        assert tokens.encode(TIME_TOKENS[1]) == variant["encode_single_time_token"]


@pytest.mark.golden("vtgllm/tokenizer*")
def test_training_samples(case):
    for variant in case.facts["variants"]:
        tokens = LlamaTokens.read(case.folder / "tokenizer.model", ADDED, legacy=variant["legacy"])
        for sample in variant["training_samples"]:
            turns = [(turn["q"], turn["a"]) for turn in sample["qa"]]
            message = spell_frame_message(sample["message"])
            text = training_text(turns, message, sample["slots"])
            ids, labels = training_ids(text, tokens, _LIMIT)
            assert ids == sample["input_ids"]
            assert labels == sample["labels"]


def test_rows_of_added_tokens(golden_folder):
    folder = golden_folder / "vtgllm" / "time_token_init"
    if not folder.is_dir():
        pytest.skip(f"no case {folder}")
    facts = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    tokens = LlamaTokens.read(folder / "tokenizer.model", ADDED)
    assert list(ADDED) == facts["added_tokens_in_order"]
    assert {token: tokens.id_of(token) for token in ADDED} == facts["ids"]
    assert tokens.vocab_tokens == facts["total_vocab"]
    sources = time_token_sources(tokens)
    assert list(sources) == facts["copy_target_ids"]
    assert list(sources.values()) == facts["copy_source_ids"]
    table = torch.randn(facts["base_vocab"], 3)
    grown = grow(table, tokens.vocab_tokens, sources, torch.Generator().manual_seed(0))
    assert len(grown) == facts["embed_rows"] == facts["lm_head_rows"]
    assert torch.equal(grown[: len(table)], table)
    for added, source in sources.items():
        assert torch.equal(grown[added], table[source])


def test_what_is_trained_and_what_decays(golden_folder):
    """The lists are those of a network with the sizes of the forward case beside them."""
    folder = golden_folder / "vtgllm"
    if not (folder / "time_token_init").is_dir() or not (folder / "full_forward").is_dir():
        pytest.skip(f"no cases in {folder}")
    facts = json.loads((folder / "time_token_init" / "case.json").read_text(encoding="utf-8"))
    beside = json.loads((folder / "full_forward" / "case.json").read_text(encoding="utf-8"))
    model = VideoLlm(vtgllm_sizes(beside["config"]))
    model.set_trained((*PUBLISHED_PARTS, "vocabulary"))
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
    names = our_names(facts["trainable_parameters"])
    if set(names.values()) != named.keys():
        pytest.skip("the forward case beside has other sizes")
    frozen = [p for p in model.parameters() if not p.requires_grad]
    assert len(frozen) == facts["frozen_parameters_count"]
    settings = StepSettings(learning_rate=1.0)
    decays = [
        group for group in make_groups(list(named.items()), settings) if group["weight_decay"]
    ]
    by_id = {id(p): name for name, p in named.items()}
    mine = {by_id[id(p)] for group in decays for p in group["params"]}
    assert mine == {names[name] for name in facts["weight_decay_group"]}
    assert all(facts["zero_initialised"].values())
    model.initialise(torch.Generator().manual_seed(0))
    assert model.time.frames.eq(0).all()
    assert model.time.seconds.eq(0).all()
