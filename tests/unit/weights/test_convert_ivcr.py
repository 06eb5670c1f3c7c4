"""IVCR's model out of the files that it begins with, and out of a checkpoint of its own."""

import pytest
import tiny_video_llm as tiny
import torch

from whenabouts.errors import WeightsError
from whenabouts.models.dialogue_text import DIALOGUE_TOKENS
from whenabouts.models.time_tables import resize_rows
from whenabouts.weights.video_llm_folder import fingerprint, open_video_llm

FRAMES = 6
WINDOW = "VL_LLaMA_2_7B_Finetuned.pth"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def dialogue_settings(given):
    """IVCR of TimeChat's size, with fewer frames and the tokens of dialogues."""
    language = given.sizes.language.model_copy(
        update={"vocab_tokens": given.sizes.language.vocab_tokens + len(DIALOGUE_TOKENS)}
    )
    sizes = given.sizes.model_copy(update={"language": language, "frame_positions": FRAMES})
    changes = {
        "name": "tiny-ivcr",
        "talk": "dialogue",
        "frames": FRAMES,
        "timestamps": "llama",
        "timestamp_pad": "before",
        "added_tokens": DIALOGUE_TOKENS,
        "sizes": sizes,
    }
    return given.model_copy(update=changes)


@pytest.fixture
def begin(files):
    """TimeChat's files and Video-LLaMA's; their networks and the settings wanted."""
    given, timechat = tiny.write_stack(files, "timechat", whole=False)
    ancestor = tiny.network(given, seed=9)
    torch.save({"model": tiny.published(ancestor)}, files / WINDOW)
    return dialogue_settings(given), timechat, ancestor


def test_it_begins_with_timechat_and_the_windows_of_video_llama(files, tmp_path, begin):
    wanted, timechat, ancestor = begin
    made = tiny.convert("ivcr", files, tmp_path / "ours", wanted, store_as="as-read")
    opened = open_video_llm(tmp_path / "ours")
    assert opened.settings == made.settings
    assert [opened.tokens.id_of(token) for token in DIALOGUE_TOKENS] == [
        tiny.VOCABULARY + n for n in range(5)
    ]
    mine, theirs, older = (m.state_dict() for m in (opened.model, timechat, ancestor))
    rows = ("language.model.embed_tokens.weight", "language.lm_head.weight")
    for name, value in mine.items():
        if name in rows:
            assert torch.equal(value[: tiny.VOCABULARY], theirs[name])
            mean = theirs[name].mean(dim=0)
            torch.testing.assert_close(value[tiny.VOCABULARY :], mean.expand(5, -1))
        elif name == "time.frames":
            assert torch.equal(value, resize_rows(theirs[name], FRAMES))
        elif name.startswith("compress.qformer.") and not name.endswith("queries"):
            assert torch.equal(value, older[name]), name
        else:
            assert torch.equal(value, theirs[name]), name
    assert made.origin[WINDOW.removesuffix(".pth")] > 0
    assert sum(made.origin.values()) == len(mine)


def test_a_checkpoint_of_its_own_needs_no_others(files, tmp_path, begin):
    """As published code writes it: what was trained, and a head that nothing reads."""
    wanted, _, _ = begin
    trained = tiny.network(wanted, seed=3)
    names = tiny.published(trained)
    kept = {n: v for n, v in names.items() if "lora" in n or not n.startswith(("llama_model", "v"))}
    kept |= {n: v for n, v in names.items() if n.startswith("video_")}
    unread = {
        "Qformer.cls.predictions.bias": torch.zeros(3),
        "llama_model.base_model.model.model.layers.0.mlp.up_proj.SCB": torch.zeros(3),
    }
    torch.save({"model": {**kept, **unread}, "epoch": 4}, files / "checkpoint_4.pth")
    made = tiny.convert("ivcr", files, tmp_path / "ours", wanted, store_as="as-read")
    state, own = open_video_llm(tmp_path / "ours").model.state_dict(), trained.state_dict()
    assert made.origin["checkpoint_4"] == len(kept)
    for name in ("time.frames", "compress.qformer.norm.weight", "project.weight"):
        assert torch.equal(state[name], own[name]), name
    assert WINDOW.removesuffix(".pth") not in made.origin


def test_what_is_missing_is_said(files, tmp_path, begin):
    wanted, _, _ = begin
    torch.save({"model": {"llama_proj.bias": torch.zeros(3)}}, files / WINDOW)
    with pytest.raises(WeightsError, match="video_Qformer"):
        tiny.convert("ivcr", files, tmp_path / "ours", wanted)
    (files / "timechat_7b.pth").unlink()
    with pytest.raises(WeightsError, match="the one that it begins with"):
        tiny.convert("ivcr", files, tmp_path / "ours", wanted)


def test_heads_for_retrieval_begin_at_random(files, tmp_path, begin):
    wanted, _, _ = begin
    sizes = wanted.sizes.model_copy(update={"head_width": 8})
    wanted = wanted.model_copy(update={"sizes": sizes})
    with pytest.raises(WeightsError, match=r"heads\."):
        tiny.convert("ivcr", files, tmp_path / "ours", wanted)
    made = tiny.convert("ivcr", files, tmp_path / "ours", wanted, start_seed=1)
    assert made.origin["fresh"] == 8
    assert open_video_llm(tmp_path / "ours").model.heads.video[0].weight.abs().sum() > 0


def test_what_is_kept_of_videos_depends_on_the_sentences_beside_frames(files, tmp_path, begin):
    wanted, _, _ = begin
    marks = set()
    for slip in (False, True):
        given = wanted.model_copy(update={"timestamp_slip": slip})
        tiny.convert("ivcr", files, tmp_path / f"{slip}", given)
        marks.add(fingerprint(tmp_path / f"{slip}"))
    assert len(marks) == 2
