"""Published file stacks of video LLMs to our folder and back into a network."""

import json

import pytest
import tiny_video_llm as tiny
import torch
from safetensors.torch import save_file

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.vocabulary import time_token_sources
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.convert_video_llm import (
    convert_video_llm,
    find_stack,
    published_settings,
)
from whenabouts.weights.video_llm_folder import open_video_llm, read_video_llm_settings


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_there_and_back(tmp_path, system, whole):
    (tmp_path / "stack").mkdir()
    given, model = tiny.write_stack(tmp_path / "stack", system, whole=whole)
    made = convert_video_llm(
        system,
        find_stack(system, tmp_path / "stack"),
        tmp_path / "ours",
        settings=given,
        zero_rows="off",
        store_as="as-read",
    )
    assert sum(made.origin.values()) == len(model.state_dict())
    assert len(made.origin) == (1 if whole else 4)
    opened = open_video_llm(tmp_path / "ours")
    assert opened.settings == read_video_llm_settings(tmp_path / "ours") == made.settings
    for name, value in opened.model.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    ids = torch.tensor([opened.tokens.encode("Find the red circle.")])
    with torch.no_grad():
        same = opened.model.logits(opened.model.embed(ids))
        torch.testing.assert_close(same, model.logits(model.embed(ids)))


def test_published_precision_and_few_bits(tmp_path):
    (tmp_path / "stack").mkdir()
    given, model = tiny.write_stack(tmp_path / "stack", "timechat", whole=True)
    paths = find_stack("timechat", tmp_path / "stack")
    convert_video_llm("timechat", paths, tmp_path / "ours", settings=given)
    stored = open_video_llm(tmp_path / "ours").model.state_dict()
    assert stored["vision.blocks.0.attn.qkv.weight"].dtype == torch.float16
    assert stored["vision.blocks.0.norm1.weight"].dtype == torch.float32
    assert stored["language.model.norm.weight"].dtype == torch.bfloat16
    ids = torch.tensor([[1, 300, 310, 320]])
    with torch.no_grad():
        exact = model.logits(model.embed(ids))
        for precision, most in (("float32", 0.02), ("int8", 0.05), ("int4", 0.4)):
            few = open_video_llm(tmp_path / "ours", precision).model
            off = (few.logits(few.embed(ids)) - exact).std() / exact.std()
            assert 0 < off < most, precision


def test_a_start_for_training(tmp_path):
    """Time tokens begin as digits; what no file has begins fresh."""
    (tmp_path / "stack").mkdir()
    given, model = tiny.write_stack(tmp_path / "stack", "vtgllm", whole=False)
    llama = tmp_path / "stack" / "llama-2-7b-chat-hf"
    save_file(
        {
            name.removeprefix("language.").replace(".base_layer", ""): value[: tiny.VOCABULARY]
            if "embed_tokens" in name or "lm_head" in name
            else value
            for name, value in model.state_dict().items()
            if name.startswith("language.") and ".lora_" not in name
        },
        llama / "model.safetensors",
    )
    project = {
        f"llama_proj.{kind}": getattr(model.project, kind).data for kind in ("weight", "bias")
    }
    torch.save({"model": project}, tmp_path / "stack" / "vtgllm.pth")
    paths = find_stack("vtgllm", tmp_path / "stack")
    with pytest.raises(WeightsError, match="do not belong together"):
        convert_video_llm("vtgllm", paths, tmp_path / "ours", settings=given)
    made = convert_video_llm("vtgllm", paths, tmp_path / "ours", settings=given, start_seed=1)
    assert made.origin["fresh"] == 2 + 1 + 16
    opened = open_video_llm(tmp_path / "ours", "float32")
    state = opened.model.state_dict()
    assert state["time.seconds"].eq(0).all()
    table = state["language.model.embed_tokens.weight"]
    for added, source in time_token_sources(opened.tokens).items():
        assert torch.equal(table[added], table[source])


def test_what_is_missing_or_strange_is_said(tmp_path):
    stack = tmp_path / "stack"
    stack.mkdir()
    with pytest.raises(InputError, match="timechat, vtgllm"):
        published_settings("videochat")
    with pytest.raises(WeightsError, match="no folder"):
        find_stack("timechat", tmp_path / "nowhere")
    empty = find_stack("timechat", stack)
    with pytest.raises(WeightsError, match=r"config\.json and tokenizer\.model"):
        convert_video_llm("timechat", empty, tmp_path / "ours")
    given, _ = tiny.write_stack(stack, "timechat", whole=False)
    (stack / "eva_vit_g.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"eva_vit_g\.pth"):
        convert_video_llm(
            "timechat", find_stack("timechat", stack), tmp_path / "ours", settings=given
        )
    assert not (tmp_path / "ours").exists()
    (stack / "timechat_7b.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsError, match="damaged"):
        convert_video_llm(
            "timechat", find_stack("timechat", stack), tmp_path / "ours", settings=given
        )


def test_an_own_padding_token_shifts_the_ids(tmp_path):
    stack = tmp_path / "stack"
    stack.mkdir()
    given, model = tiny.write_stack(stack, "vtgllm", whole=True)
    own = stack / "llama-2-7b-chat-hf" / "added_tokens.json"
    own.write_text(json.dumps({"<pad>": tiny.VOCABULARY}))
    paths = find_stack("vtgllm", stack)
    with pytest.raises(WeightsError, match="do not belong together"):
        convert_video_llm("vtgllm", paths, tmp_path / "ours", settings=given)
    assert model.sizes.language.vocab_tokens == tiny.VOCABULARY + 12


def test_seconds_that_were_never_trained_are_filled_and_said(tmp_path):
    stack = tmp_path / "stack"
    stack.mkdir()
    given, _ = tiny.write_stack(stack, "vtgllm", whole=True)
    tensors = {name: value.clone() for name, value in read_network(stack / "vtgllm.pth").items()}
    table = tensors["video_time_position_embedding"]
    table[4:6] = table[30:] = 0
    torch.save({"model": tensors}, stack / "vtgllm.pth")
    paths = find_stack("vtgllm", stack)
    found = {}
    for how in ("off", "reference", "linear"):
        made = convert_video_llm(
            "vtgllm", paths, tmp_path / how, settings=given, zero_rows=how, store_as="as-read"
        )
        found[how] = open_video_llm(tmp_path / how).model.time.seconds
        assert any("4 of 32 seconds" in told for told in made.notes) == (how != "off")
        assert any("behind second 29" in told for told in made.notes) == (how == "reference")
    assert torch.equal(found["off"], table)
    torch.testing.assert_close(found["linear"][4], table[3] * 2 / 3 + table[6] / 3)
    torch.testing.assert_close(found["linear"][31], table[29])
    torch.testing.assert_close(found["reference"][4], table[3] / 3 + table[6] * 2 / 3)
