"""Training a video LLM by a recipe: learning by heart, going on, starting points, refusals."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_video_llm as tiny
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from whenabouts.catalog import part
from whenabouts.errors import SettingsError, WeightsError, WhenaboutsError
from whenabouts.media.write import write_video
from whenabouts.train.instruction import run
from whenabouts.train.instruction_recipe import InstructionRecipe
from whenabouts.train.instruction_start import make_new, new_settings, new_tokens
from whenabouts.weights.video_llm_folder import open_video_llm, save_video_llm

RECIPE = """
objective = "instruction"
name = "tiny"
trained = ["vision", "frame_qformer", "time", "compress", "project", "vocabulary", "language"]

[data.sets.two]
annotations = "{folder}/two.json"
videos = "{folder}"

[frames]
frames = 4
way = "uniform"

[model]
name = "tiny"
timestamps = "llama"
pixels = {{ size_px = 28, fit = "squash" }}

[model.sizes]
vit = {{ image_px = 28, patch_px = 14, width = 32, layers = 1, heads = 2, feed_width = 48 }}
frame_positions = 8
compression = "window"
video_tokens = 4
window_frames = 4
stride_frames = 4
window_layers = 1

[model.sizes.frame_qformer]
queries = 3
width = 32
layers = 1
heads = 2
feed_width = 48
memory_width = 32
words = 1
dropout = 0.1

[model.sizes.language]
width = 64
feed_width = 96
layers = 2
heads = 2
vocab_tokens = 340

[loader]
batch = 2
workers = 0

[loop]
steps = 4
learning_rate = 5e-3
precision = "fp32"
warmup_steps = 2
weight_decay = 0.0
betas = [0.9, 0.999]
threads = 1
log_every_steps = 1
device = "cpu"
"""
ANSWERS = {"red.mp4": "0.0 - 1.0 seconds, red.", "blue.mp4": "1.0 - 2.0 seconds, blue."}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("instruct")
    colours = {"red.mp4": (220, 20, 20), "blue.mp4": (20, 20, 220)}
    for name, colour in colours.items():
        frames = (np.full((32, 32, 3), colour, np.uint8) for _ in range(8))
        write_video(root / name, frames, 4)
    records = [
        {"video": name, "QA": [{"q": "What, and when?", "a": answer}], "source": "two"}
        for name, answer in ANSWERS.items()
    ]
    (root / "two.json").write_text(json.dumps(records))
    (root / "recipe.toml").write_text(RECIPE.format(folder=root))
    return root


def train(folder: Path, runs: Path, *overwrite: str, **more) -> Path:
    return run(folder / "recipe.toml", overwrite, runs=runs, **more)


def last_row(place: Path) -> dict[str, float]:
    lines = (place.parent / "metrics.csv").read_text().splitlines()
    values = zip(lines[0].split(","), lines[-1].split(","), strict=True)
    return {name: float(value) for name, value in values if value}


def start_folder(place: Path, system: str, **sizes) -> Path:
    given = tiny.settings(system)
    if system == "timechat":
        given = given.model_copy(update={"timestamps": "llama"})
        qformer = given.sizes.frame_qformer.model_copy(update={"words": 400})
        sizes |= {"frame_qformer": qformer}
    given = given.model_copy(update={"sizes": given.sizes.model_copy(update=sizes)})
    save_video_llm(place, given, tiny.network(given).state_dict(), tiny.tokenizer(system))
    return place


def started(folder: Path, place: Path) -> Path:
    """A recipe that starts from a folder."""
    text = (folder / "recipe.toml").read_text()
    text = re.sub(r"\[model\].*?\[loader\]", "[loader]", text, flags=re.S)
    text = text.replace("[data.sets", f'start = {{ folder = "{place}" }}\n\n[data.sets')
    text = re.sub(r"trained = .*", "", text)
    target = place.parent / "recipe.toml"
    target.write_text(text)
    return target


def inline(values) -> str:
    """Plain values as TOML on one line."""
    if isinstance(values, dict):
        pairs = (f"{name} = {inline(value)}" for name, value in values.items() if value is not None)
        return "{" + ", ".join(pairs) + "}"
    return json.dumps(values)


def test_two_samples_are_learnt_by_heart(folder, tmp_path):
    assert part("objective", "instruction") is run
    place = train(
        folder, tmp_path, "loop.steps=60", "loop.muon_share=4.0",
        'loop.muon_names=["language.model.layers.", "layers."]', "validate_batches=1",
        f"validation.sets.two.annotations={folder}/two.json",
        f"validation.sets.two.videos={folder}",
    )  # fmt: skip
    logs = last_row(place)
    assert logs["answers"] < 0.2
    assert logs["val.answers"] < 0.2
    opened = open_video_llm(place)
    assert opened.settings.name == "tiny"
    assert opened.settings.frames == 4
    assert opened.tokens.vocab_tokens == opened.settings.sizes.language.vocab_tokens
    kept = {path.name for path in place.parent.iterdir()}
    assert {"recipe.toml", "about.json", "metrics.csv", "state.safetensors"} <= kept


@pytest.mark.parametrize("more", [[], ["pack=rows", "guided.layer=1", "loop.accumulate=2"]])
def test_a_run_that_was_cut_off_goes_on_bit_by_bit(folder, tmp_path, more):
    whole = train(folder, tmp_path / "whole", *more)
    train(folder, tmp_path / "parts", *more, stop_after_steps=2)
    assert not (tmp_path / "parts" / "tiny" / "checkpoint").exists()
    parts = train(folder, tmp_path / "parts", *more)
    one, other = (load_file(place / "model.safetensors") for place in (whole, parts))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    with pytest.raises(SettingsError, match="other trained"):
        train(folder, tmp_path / "parts", *more, 'trained=["project"]')


def in_two_processes(recipe: Path, runs: Path, *more: str) -> str:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--master-port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    command += ["-m", "whenabouts", "train", str(recipe), "--runs", str(runs), "loader.batch=1"]
    done = subprocess.run(
        [*command, *more],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_share_a_run(folder, tmp_path):
    told = in_two_processes(folder / "recipe.toml", tmp_path, "loop.steps=2")
    assert told.count("model:") == 1, "one process speaks"
    place = tmp_path / "tiny"
    assert json.loads((place / "about.json").read_text())["parts"][0]["processes"] == 2
    assert last_row(place / "checkpoint")["step"] == 2
    assert open_video_llm(place / "checkpoint").settings.name == "tiny"


def test_processes_that_hold_parts_of_frozen_layers_learn_the_same(folder, tmp_path):
    recipe = started(folder, start_folder(tmp_path / "start", "vtgllm", lora=None))
    more = ["lora={rank=4, alpha=4.0}", "loop.steps=2", "validate_batches=1"]
    more += [f"validation.sets.two.annotations={folder}/two.json"]
    more += [f"validation.sets.two.videos={folder}"]
    for name, shard in (("whole", "false"), ("parts", "true")):
        in_two_processes(recipe, tmp_path / name, *more, f"shard={shard}")
    whole, parts = (
        load_file(next((tmp_path / name).glob("*/checkpoint")) / "model.safetensors")
        for name in ("whole", "parts")
    )
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_what_is_frozen_stays_and_is_not_kept(folder, tmp_path, system):
    start = start_folder(tmp_path / "start", system, lora=None)
    recipe = started(folder, start)
    more = ("recompute=true", "loop.precision=bf16", "loop.accumulate_as=sum")
    if system == "vtgllm":
        more = (*more, "time_loss=true")
    place = run(recipe, ("lora={rank=4, alpha=4.0}", *more), runs=tmp_path / "runs")
    before, after = open_video_llm(start), open_video_llm(place)
    assert after.settings.sizes.lora is not None
    assert after.settings.sizes.lora.rank == 4
    trained = dict(after.model.named_parameters())
    for name, value in before.model.named_parameters():
        mine = trained.get(name)
        if mine is None:
            mine = trained[re.sub(r"(_proj)\.", r"\1.base_layer.", name)]
        frozen = name.startswith(("vision", "language."))
        assert torch.equal(value, mine) == frozen, name
    assert any(".lora_B." in name and bool(value.any()) for name, value in trained.items())
    with safe_open(place.parent / "state.safetensors", "pt") as file:
        nets = {name for name in file.keys() if name.startswith("net.")}  # noqa: SIM118
    assert any(".lora_A." in name for name in nets)
    assert not any("embed_tokens" in name or "net.model.vision" in name for name in nets)


def test_parts_of_another_model_are_a_start(folder, tmp_path):
    before = train(folder, tmp_path / "before", "loop.steps=1")
    same = [f"fresh.parts_of={before}", f"fresh.tokenizer={before / 'tokenizer.model'}"]
    recipe = InstructionRecipe.read(
        folder / "recipe.toml", [*same, "model.sizes.video_tokens=2", "model.time_tokens=true"]
    )
    tokens = new_tokens((before / "tokenizer.model").read_bytes(), new_settings(recipe))
    after = make_new(recipe, tokens).model.state_dict()
    theirs = open_video_llm(before).model.state_dict()
    for name in ("project.weight", "language.model.layers.1.mlp.up_proj.weight"):
        assert torch.equal(after[name], theirs[name])
    words = "language.lm_head.weight"
    assert len(after[words]) > len(theirs[words])
    assert torch.equal(after[words][: len(theirs[words])], theirs[words])
    without = recipe.model_copy(
        update={"fresh": recipe.fresh.model_copy(update={"parts_without": ("lm_head", "up_proj")})}
    )
    rest = make_new(without, tokens).model.state_dict()
    taken = {name for name, value in rest.items() if torch.equal(value, after[name])}
    assert not any("lm_head" in name or "up_proj" in name for name in taken)
    assert "project.weight" in taken
    queries = [name for name in after if after[name].shape != theirs[name].shape]
    assert any(name.startswith("compress.") for name in queries), "other sizes begin at random"
    other = train(
        folder, tmp_path / "other", "loop.steps=1", "model.sizes.language.vocab_tokens=330"
    )
    with pytest.raises(SettingsError, match="another tokenizer"):
        make_new(
            InstructionRecipe.read(folder / "recipe.toml", [f"fresh.parts_of={other}"]), tokens
        )
    with pytest.raises(WeightsError, match="train it first"):
        make_new(InstructionRecipe.read(folder / "recipe.toml", ["fresh.parts_of=no/such"]), tokens)


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
def test_published_files_are_a_start(folder, tmp_path, system):
    files = tmp_path / "files"
    given, before = tiny.write_stack(files, system, whole=False)
    (files / "more").mkdir()
    own = "timechat_7b.pth" if system == "timechat" else "vtgllm.pth"
    (files / own).rename(files / "more" / "begin.pth")
    text = started(folder, files).read_text()
    recipe = tmp_path / "published.toml"
    recipe.write_text(text)
    changes = [f"start.system={system}", 'start.checkpoints=["begin.pth"]', "loop.steps=1"]
    changes.append(f"model={inline(given.model_dump(mode='json'))}")
    place = run(recipe, changes, runs=tmp_path / "runs")
    after = dict(open_video_llm(place).model.named_parameters())
    # The language model is held in bfloat16, as published.
    same = [n for n, p in before.named_parameters() if torch.equal(p.to(after[n].dtype), after[n])]
    assert {name.split(".")[0] for name in same} >= {"vision", "language"}
    assert "project.weight" not in same
    with pytest.raises(WeightsError, match=r"no other\.pth"):
        run(recipe, [*changes, 'start.checkpoints=["other.pth"]'], runs=tmp_path / "again")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("frames.frames=9", "knows 8 places"),
        ("frames.size_px=224", "takes 28"),
        ("start.folder=somewhere", "either start.folder"),
        ("start.system=timechat", "start.folder"),
        ("model.timestamps=bert", "llama, as its frame Q-Former reads text"),
        ("model.pixels.size_px=56", "the network takes 28"),
        ("time_loss=true", "writes plain numbers"),
        ("guided.layer=7", "guided.layer is 7"),
        ('trained=["legs"]', "trained"),
        ("text_tokens=20", "raise the limit"),
        ("loop.by_epochs={epochs=1, iterations=2}", "either learning_rate or by_epochs"),
        ("data.sets.two.videos=nowhere", "have no file"),
        ("validation={}", "at least one set"),
        ("in_view=0.3", "drawn data alone"),
        ("data.drawn.style=vtg-it", "timeit for plain digits"),
    ],
)
def test_wrong_settings_are_refused(folder, tmp_path, change, told):
    with pytest.raises(WhenaboutsError, match=told):
        train(folder, tmp_path, change)


def test_a_start_that_does_not_fit_is_refused(folder, tmp_path):
    recipe = started(folder, start_folder(tmp_path / "start", "vtgllm"))
    wrong = {
        "timestamps=llama": "reads no text",
        'start.checkpoints=["a.pth"]': "name their system",
        "lora.rank=4": "remove lora",
    }
    for change, told in wrong.items():
        with pytest.raises(SettingsError, match=told):
            run(recipe, (change,), runs=tmp_path / "runs")
    bert = started(folder, start_folder(tmp_path / "other", "timechat"))
    with pytest.raises(SettingsError, match=r"vocab\.txt"):
        run(bert, ("timestamps=bert",), runs=tmp_path / "runs")


def test_drawn_videos_teach_all_helps(folder, tmp_path):
    text = (folder / "recipe.toml").read_text()
    cut = text[: text.index("[data.sets")] + text[text.index("[frames]") :]
    (tmp_path / "recipe.toml").write_text(cut)
    changes = [
        "data.drawn={duration_s=[8.0, 9.0], scenes=[1, 1], turns=3, style='vtg-it', videos=4}",
        'data.drawn.langs=["en"]',
        "fresh={tokenizer_videos=4, second_spread=0.5, slot_spread=0.5}",
        "model.sizes.compression=slots",
        "model.sizes.second_positions=16",
        "model.sizes.frame_qformer.words=0",
        "model.sizes.language.vocab_tokens=500",
        "model.timestamps=none",
        "model.time_tokens=true",
        "time_loss=true",
        "guided.layer=1",
        "pack=questions",
        "in_view=1.0",
        "loop.steps=25",
    ]
    place = run(tmp_path / "recipe.toml", changes, runs=tmp_path)
    lines = (place.parent / "metrics.csv").read_text().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    for figure in ("answers", "in_view"):
        assert float(rows[-1][figure]) < 0.9 * float(rows[0][figure])
    assert float(rows[-1]["guided_spans"]) > 0
    opened = open_video_llm(place)
    assert opened.settings.time_tokens
    assert opened.model.time.seconds is not None


@pytest.mark.parametrize("compression", ["window", "slots", "cross", "codebook", "none"])
def test_a_new_model_is_the_same_in_every_process(folder, compression):
    changes = (f"model.sizes.compression={compression}", "model.sizes.lora={rank=2}")
    recipe = InstructionRecipe.read(folder / "recipe.toml", changes)
    one, other = {}, {}
    for seed, into in ((1, one), (2, other)):
        torch.manual_seed(seed)
        into |= make_new(recipe, tiny.tokenizer("timechat")).model.state_dict()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def test_a_frozen_tower_sees_each_drawn_video_once(folder, tmp_path, monkeypatch):
    more = [
        "data.sets={}",
        "data.drawn={duration_s=[8.0, 9.0], scenes=[1, 1], style='timeit', videos=2}",
        'data.drawn.langs=["en"]',
        "model.sizes.language.vocab_tokens=500",
        'trained=["frame_qformer", "time", "compress", "project", "vocabulary", "language"]',
    ]
    seen = last_row(train(folder, tmp_path / "seen", *more))
    kept = [*more, f"eyes={tmp_path / 'eyes'}"]
    first = last_row(train(folder, tmp_path / "first", *kept))
    # What is kept is float16.
    assert first["answers"] == pytest.approx(seen["answers"], rel=1e-3)
    assert len(list((tmp_path / "eyes").rglob("*.npy"))) == 2
    monkeypatch.setattr("whenabouts.data.instruct.drawn.render", lambda *_: pytest.fail("drawn"))
    again = last_row(train(folder, tmp_path / "again", *kept))
    assert again["answers"] == first["answers"]
    with pytest.raises(SettingsError, match="leave vision out"):
        train(folder, tmp_path, *more[:3], f"eyes={tmp_path / 'eyes'}")
