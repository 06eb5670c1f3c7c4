"""Published file stacks of video LLMs to our folder and back into a network."""

import json
import os

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch
from safetensors.torch import save_file

from whenabouts.errors import InputError, MissingPartError, WeightsError
from whenabouts.library.watchers import open_watcher
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.models.vocabulary import time_token_sources
from whenabouts.systems.video_llm import Question, open_chat
from whenabouts.weights import convert_video_llm, hub, video_llm_folder
from whenabouts.weights import parts as weight_parts
from whenabouts.weights.checkpoint import read_network
from whenabouts.weights.convert_video_llm import open_published, published_settings
from whenabouts.weights.video_llm_files import find_stack, kept_folder
from whenabouts.weights.video_llm_folder import open_video_llm, read_video_llm_settings


@pytest.fixture
def files(tmp_path):
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture
def ours(tmp_path):
    return tmp_path / "ours"


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_there_and_back(files, ours, monkeypatch, system, whole):
    given, model = tiny.write_stack(files, system, whole=whole)
    made = tiny.convert(system, files, ours, given, zero_rows="off", store_as="as-read")
    assert sum(made.origin.values()) == len(model.state_dict())
    assert len(made.origin) == (1 if whole else 4)
    opened = open_video_llm(ours)
    assert opened.settings == read_video_llm_settings(ours) == made.settings
    for name, value in opened.model.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    ids = torch.tensor([opened.tokens.encode("Find the red circle.")])
    with torch.no_grad():
        expected = model.logits(model.embed(ids))
        torch.testing.assert_close(opened.model.logits(opened.model.embed(ids)), expected)
        # The same without a folder of ours between, in the published precision.
        monkeypatch.setattr(convert_video_llm, "published_settings", lambda _system: given)
        direct = open_published(system, str(files), "float32").model
        off = direct.logits(direct.embed(ids)) - expected
        assert off.std() < 0.02 * expected.std()


def test_published_precision_and_few_bits(files, ours):
    given, model = tiny.write_stack(files, "timechat", whole=True)
    tiny.convert("timechat", files, ours, given)
    stored = open_video_llm(ours).model.state_dict()
    assert stored["vision.blocks.0.attn.qkv.weight"].dtype == torch.float16
    assert stored["vision.blocks.0.norm1.weight"].dtype == torch.float32
    assert stored["language.model.norm.weight"].dtype == torch.bfloat16
    ids = torch.tensor([[1, 300, 310, 320]])
    with torch.no_grad():
        exact = model.logits(model.embed(ids))
        for precision, most in (("float32", 0.02), ("int8", 0.05), ("int4", 0.4)):
            few = open_video_llm(ours, precision).model
            off = (few.logits(few.embed(ids)) - exact).std() / exact.std()
            assert 0 < off < most, precision


def test_a_start_for_training(files, ours):
    """Time tokens begin as digits; what no file has begins fresh."""
    given, model = tiny.write_stack(files, "vtgllm", whole=False)
    save_file(
        {
            name.removeprefix("language.").replace(".base_layer", ""): value[: tiny.VOCABULARY]
            if "embed_tokens" in name or "lm_head" in name
            else value
            for name, value in model.state_dict().items()
            if name.startswith("language.") and ".lora_" not in name
        },
        files / "llama-2-7b-chat-hf" / "model.safetensors",
    )
    project = {
        f"llama_proj.{kind}": getattr(model.project, kind).data for kind in ("weight", "bias")
    }
    torch.save({"model": project}, files / "vtgllm.pth")
    with pytest.raises(WeightsError, match="do not belong together"):
        tiny.convert("vtgllm", files, ours, given)
    made = tiny.convert("vtgllm", files, ours, given, start_seed=1)
    assert made.origin["fresh"] == 2 + 1 + 16
    opened = open_video_llm(ours, "float32")
    state = opened.model.state_dict()
    assert state["time.seconds"].eq(0).all()
    table = state["language.model.embed_tokens.weight"]
    for added, source in time_token_sources(opened.tokens).items():
        assert torch.equal(table[added], table[source])


def test_what_is_missing_or_strange_is_said(files, ours, tmp_path):
    with pytest.raises(InputError, match="ivcr, timechat, vtgllm"):
        published_settings("videochat")
    with pytest.raises(WeightsError, match="no folder"):
        find_stack("timechat", tmp_path / "nowhere")
    with pytest.raises(WeightsError, match=r"config\.json and tokenizer\.model"):
        tiny.convert("timechat", files, ours, published_settings("timechat"))
    given, _ = tiny.write_stack(files, "timechat", whole=False)
    (files / "eva_vit_g.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"eva_vit_g\.pth"):
        tiny.convert("timechat", files, ours, given)
    assert not ours.exists()
    (files / "timechat_7b.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsError, match="damaged"):
        tiny.convert("timechat", files, ours, given)


def test_a_checkpoint_of_another_system(files, ours):
    """VTG-LLM's weights do not become a TimeChat, nor weights of another width."""
    given, _ = tiny.write_stack(files, "timechat", whole=True)
    other = tiny.settings("vtgllm")
    wrong = tiny.published(tiny.network(other))
    torch.save({"model": wrong}, files / "timechat_7b.pth")
    with pytest.raises(WeightsError, match=r"do not belong together|in none of the files"):
        tiny.convert("timechat", files, ours, given)
    narrow = given.sizes.vit.model_copy(update={"feed_width": 40})
    sizes = given.sizes.model_copy(update={"vit": narrow})
    torch.save({"model": tiny.published(tiny.network(given))}, files / "timechat_7b.pth")
    with pytest.raises(WeightsError, match="of wrong shape"):
        tiny.convert("timechat", files, ours, given.model_copy(update={"sizes": sizes}))


def test_an_own_padding_token_shifts_the_ids(files, ours):
    given, _ = tiny.write_stack(files, "vtgllm", whole=True)
    own = files / "llama-2-7b-chat-hf" / "added_tokens.json"
    own.write_text(json.dumps({"<pad>": tiny.VOCABULARY}))
    with pytest.raises(WeightsError, match="do not belong together"):
        tiny.convert("vtgllm", files, ours, given)
    tensors = {name: value.clone() for name, value in read_network(files / "vtgllm.pth").items()}
    head = "llama_model.base_model.model."
    for name in (f"{head}model.embed_tokens.weight", f"{head}lm_head.weight"):
        tensors[name] = torch.cat([tensors[name], tensors[name][:1]])
    torch.save({"model": tensors}, files / "vtgllm.pth")
    made = tiny.convert("vtgllm", files, ours, given)
    assert made.tokens.id_of("<TIME_ZERO>") == tiny.VOCABULARY + 2
    assert open_video_llm(ours).tokens.added[0] == "<pad>"


def test_seconds_that_were_never_trained_are_filled_and_said(files, tmp_path):
    given, _ = tiny.write_stack(files, "vtgllm", whole=True)
    tensors = {name: value.clone() for name, value in read_network(files / "vtgllm.pth").items()}
    table = tensors["video_time_position_embedding"]
    table[4:6] = table[30:] = 0
    torch.save({"model": tensors}, files / "vtgllm.pth")
    found = {}
    for how in ("off", "reference", "linear"):
        target = tmp_path / how
        made = tiny.convert("vtgllm", files, target, given, zero_rows=how, store_as="as-read")
        found[how] = open_video_llm(target).model.time.seconds
        assert any("4 of 32 seconds" in told for told in made.notes) == (how != "off")
        assert any("behind second 29" in told for told in made.notes) == (how == "reference")
    assert torch.equal(found["off"], table)
    torch.testing.assert_close(found["linear"][4], table[3] * 2 / 3 + table[6] / 3)
    torch.testing.assert_close(found["linear"][31], table[29])
    torch.testing.assert_close(found["reference"][4], table[3] / 3 + table[6] * 2 / 3)


def test_a_video_llm_among_the_models_is_no_encoder(files, tmp_path, monkeypatch):
    monkeypatch.setenv("WHENABOUTS_MODELS", str(tmp_path / "models"))
    given, _ = tiny.write_stack(files, "vtgllm", whole=True)
    tiny.convert("vtgllm", files, tmp_path / "models" / "tiny--vtgllm", given)
    assert hub.installed() == ()


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_published_files_open_as_they_lie(files, monkeypatch, system):
    given, _ = tiny.write_stack(files, system, whole=False)
    monkeypatch.setattr(convert_video_llm, "published_settings", lambda _system: given)
    chat = open_chat(files, "float32")
    assert chat.settings.name == given.name
    seen = chat.look(np.zeros((3, 28, 28, 3), np.uint8), ("0.0", "1.0", "2.0"))
    greedy = GenerateSettings(new_tokens=3, sample=False)
    assert chat.ask(Question(seen, "When?"), greedy).ids
    assert open_chat(files).fingerprint == chat.fingerprint
    own = next(files.glob(f"{system}*"))
    os.utime(own, (1, 1))
    assert open_chat(files).fingerprint != chat.fingerprint
    with pytest.raises(InputError, match="whenabouts convert"):
        open_chat(files, lora_alpha=20.0)
    (files / "vtgllm.pth").touch()
    (files / "timechat_7b.pth").touch()
    with pytest.raises(WeightsError, match="checkpoints of timechat and vtgllm"):
        open_chat(files)


def test_a_model_by_its_hub_name(files, tmp_path, monkeypatch):
    monkeypatch.setenv("WHENABOUTS_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingPartError, match="whenabouts convert timechat somebody/vtgllm"):
        open_watcher("somebody/vtgllm")
    given, _ = tiny.write_stack(files, "vtgllm", whole=True)
    tiny.convert("vtgllm", files, tmp_path / "models" / "somebody--vtgllm", given)
    assert open_watcher("somebody/vtgllm").name == given.name
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_a, **_n: str(files))
    assert kept_folder("else/cached") == files
    assert kept_folder("no-hub-name") is None


def test_big_models_come_in_parts(files, ours, monkeypatch):
    given, model = tiny.write_stack(files, "vtgllm", whole=True)
    monkeypatch.setattr(weight_parts, "_SHARD_BYTES", 100_000)
    tiny.convert("vtgllm", files, ours, given, store_as="as-read")
    written = sorted(ours.glob("model-*.safetensors"))
    assert len(written) > 2
    assert all(part.stat().st_size < 120_000 for part in written)
    opened = open_video_llm(ours).model.state_dict()
    assert all(torch.equal(value, opened[name]) for name, value in model.state_dict().items())
    before = video_llm_folder.fingerprint(ours)
    assert before == video_llm_folder.fingerprint(ours)
    written[1].unlink()
    with pytest.raises(WeightsError, match=f"of {len(written)} weight files"):
        open_video_llm(ours)
    assert video_llm_folder.fingerprint(ours) != before


def test_files_of_the_older_kind(tmp_path):
    """Checkpoints from before 2020 are no zip files; what is more than tensors is refused."""
    tensors = {"blocks.0.norm1.bias": torch.arange(3.0)}
    for place, value in enumerate((tensors, {"model": tensors, "epoch": 1})):
        path = tmp_path / f"{place}.pth"
        torch.save(value, path, _use_new_zipfile_serialization=False)
        assert torch.equal(read_network(path)["blocks.0.norm1.bias"], torch.arange(3.0))
    torch.save({"model": {"weight": torch.zeros(1), "config": "text"}}, tmp_path / "odd.pth")
    with pytest.raises(WeightsError, match="'config' beside its tensors"):
        read_network(tmp_path / "odd.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(WeightsError, match="a list instead of named tensors"):
        read_network(tmp_path / "list.pth")
    torch.save({"model": tmp_path}, tmp_path / "code.pth")
    with pytest.raises(WeightsError, match="more than plain tensors"):
        read_network(tmp_path / "code.pth")
    with pytest.raises(WeightsError, match="no weights file"):
        read_network(tmp_path / "nothing.pth")
