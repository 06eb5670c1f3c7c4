"""Training by a recipe on a folder in MSR-VTT's form: learning, resuming, several processes."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from whenabouts.catalog import part
from whenabouts.errors import DataError, InputError, SettingsError, WeightsError
from whenabouts.media.write import write_video
from whenabouts.train.retrieval import run
from whenabouts.weights.folder import load_model, read_settings

COLOURS = {
    "red": (230, 20, 20),
    "green": (20, 200, 20),
    "blue": (30, 30, 240),
    "grey": (90, 90, 90),
}
PLACES = ("left", "right")

RECIPE = """
objective = "retrieval"
name = "tiny"
cache = "{folder}/frames"
words = 12

[data]
dataset = "msrvtt"
folder = "{folder}"
validation = "held-out"
settings = {{ held_out = 4 }}

[frames]
limit = 3
rate_hz = 2.0
short_px = 16
picture = "png"

[clip]
embed_width = 32
vision_width = 32
vision_layers = 2
vision_heads = 2
patch_px = 8
image_px = 16
text_width = 32
text_layers = 2
text_heads = 2
context_tokens = 12
vocab_tokens = 300

[head]
interaction = "wti"
temporal = "seq_transf"
temporal_layers = 1
temporal_positions = 8

[loader]
batch = 8
workers = 1

[loop]
steps = 12
learning_rate = 1e-3
precision = "fp32"
warmup_steps = 2
threads = 1
log_every_steps = 1
validate_every_steps = 6
device = "cpu"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """16 clips of one colour on one side, 12 for training and 4 for the test, two captions each."""
    root = tmp_path_factory.mktemp("msrvtt")
    lists = root / "msrvtt_data"
    (root / "videos" / "all").mkdir(parents=True)
    lists.mkdir()
    sentences, ids = [], []
    random = np.random.default_rng(0)
    for number in range(16):
        colour, place = list(COLOURS)[number % 4], PLACES[number // 4 % 2]
        frame = np.full((32, 32, 3), 128, np.uint8)
        frame[:, :16] = COLOURS[colour] if place == "left" else 128
        frame[:, 16:] = COLOURS[colour] if place == "right" else 128
        ids.append(f"video{number}")
        noisy = (
            (frame + random.integers(-9, 9, frame.shape)).clip(0, 255).astype(np.uint8)
            for _ in range(4 + number % 3)
        )
        write_video(root / "videos" / "all" / f"{ids[-1]}.mp4", noisy, 4)
        said = [f"{colour} at the {place}", f"the {place} is {colour}"]
        sentences += [{"video_id": ids[-1], "caption": text, "sen_id": 0} for text in said]
    data = {"info": {}, "videos": [{"video_id": i, "split": "train"} for i in ids]}
    (lists / "MSRVTT_data.json").write_text(json.dumps(data | {"sentences": sentences}))
    (lists / "MSRVTT_train.9k.csv").write_text("\n".join(["video_id", *ids[:12]]) + "\n")
    with (lists / "MSRVTT_JSFUSION_test.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["key", "vid_key", "video_id", "sentence"])
        rows.writerows([f"ret{n}", "", ids[n], sentences[2 * n]["caption"]] for n in range(12, 16))
    (root / "recipe.toml").write_text(RECIPE.format(folder=root))
    return root


def train(folder, runs, *overwrite, **more):
    """Without the export, which takes longer than the run."""
    changes = ("export=false", *overwrite)
    return run(folder / "recipe.toml", changes, runs=runs, **more).parent


def losses(place: Path) -> list[float]:
    with (place / "metrics.csv").open(newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def state(place: Path) -> dict[str, torch.Tensor]:
    return load_file(place / "state.safetensors")


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    """A run that nobody disturbed."""
    return train(folder, tmp_path_factory.mktemp("whole"), "export=true")


def test_a_run_leaves_what_is_needed_to_trace_it(whole, folder):
    assert {path.name for path in whole.iterdir()} >= {
        "recipe.toml",
        "about.json",
        "start.json",
        "notes.txt",
        "tokenizer.json",
        "metrics.csv",
        "checkpoint",
        "evaluation",
    }
    about = json.loads((whole / "about.json").read_text())["parts"]
    assert about[0]["torch"] == torch.__version__ and about[0]["processes"] == 1
    assert len(losses(whole)) == 12
    figures = json.loads((whole / "evaluation" / "figures.json").read_text())["figures"]
    assert {"text_to_video.R@1", "video_to_text.MdR"} <= figures.keys()
    predictions = (whole / "evaluation" / "predictions.jsonl").read_text().splitlines()
    assert len(predictions) == 2 * 4
    assert "held out" in (whole / "notes.txt").read_text()
    assert part("objective", "retrieval") is run


def test_the_checkpoint_is_the_best_of_the_run(whole):
    settings = read_settings(whole / "checkpoint")
    assert settings.sizes.temporal == "seq_transf" and settings.tokens.end_id == 2
    mine, best = (
        load_model(whole / "checkpoint").state_dict(),
        load_file(whole / "best.safetensors"),
    )
    assert mine.keys() == best.keys()
    assert all(torch.equal(mine[name], value) for name, value in best.items())
    assert (whole / "checkpoint" / "vision.onnx").is_file()


KILLED = """
import os, signal, sys
from pathlib import Path
from whenabouts.train.retrieval import run

def tell(at):
    if at.what == "Training" and at.step == 5:
        os.kill(os.getpid(), signal.SIGKILL)

run(Path(sys.argv[1]), sys.argv[3:], runs=Path(sys.argv[2]), on_progress=tell)
"""


def test_a_killed_run_goes_on_to_the_same_bits(whole, folder, tmp_path):
    """Killed by the system after a step whose row is written and whose state is not."""
    changes = ["loop.checkpoint_every_s=0", "export=false"]
    command = [sys.executable, "-c", KILLED, str(folder / "recipe.toml"), str(tmp_path), *changes]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    place = tmp_path / "tiny"
    assert len(losses(place)) == 5
    assert not (place / "checkpoint").exists()
    train(folder, tmp_path, *changes)
    assert len(json.loads((place / "about.json").read_text())["parts"]) == 2
    mine, theirs = state(place), state(whole)
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert losses(place) == losses(whole)


def test_two_processes_learn_what_one_does(whole, folder, tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--master-port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    command += ["-m", "whenabouts", "train", str(folder / "recipe.toml"), "--runs", str(tmp_path)]
    command += ["export=false", "score=false"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("encoder:") == 1, "one process speaks"
    assert losses(tmp_path / "tiny") == pytest.approx(losses(whole), abs=1e-5)
    assert json.loads((tmp_path / "tiny" / "about.json").read_text())["parts"][0]["processes"] == 2


@pytest.mark.parametrize(
    "change", ["loss.chunk=3", "recompute=true", "loader.workers=0", "head.mask_mode=zero"]
)
def test_what_only_saves_memory_changes_no_loss(whole, folder, tmp_path, change):
    place = train(folder, tmp_path, change, "score=false", stop_after_steps=4)
    assert losses(place) == pytest.approx(losses(whole)[:4], abs=1e-6)


def test_accumulation_takes_several_batches_a_step(folder, tmp_path):
    changes = ["loop.accumulate=2", "loop.steps=0", "epochs=4", "data.validation=''", "score=false"]
    place = train(folder, tmp_path, *changes)
    # 16 captions in batches of 8: two an epoch, eight in all, two a step.
    assert len(losses(place)) == 4
    assert not (place / "best.safetensors").exists()


@pytest.mark.parametrize(
    "changes",
    [
        ["head.interaction=dp", "loss.decorrelation.rows=pooled"],
        ["head.interaction=ti", "head.temporal=none", "loss.decorrelation.rows=all"],
        ["head.interaction=wti", "loss.decorrelation.rows=weighted", "loss.targets=same-video"],
        ["head.interaction=xti", "head.cross_layers=1", "head.cross_heads=2"],
        ["head.temporal=seq_lstm", "augment.operations=2", "loader.each=video", "loader.batch=4"],
        [
            "loop.optimiser=bert_adam",
            "loop.schedule=warmup_cosine",
            "loop.slow=clip.",
            "loop.slow_share=1e-3",
            "loop.decay=all-but-biases",
        ],
        ["clip_precision=fp16_inplace"],
        ["loop.precision=bf16"],
        ["loop.precision=fp16"],
    ],
    ids=lambda changes: changes[0],
)
def test_every_way_of_training_runs(folder, tmp_path, changes):
    place = train(folder, tmp_path, *changes, "loop.steps=2", "loop.validate_every_steps=2")
    assert np.isfinite(losses(place)).all()
    assert read_settings(place / "checkpoint").name == "tiny"


def test_the_trained_model_is_a_start(whole, folder, tmp_path):
    text = (folder / "recipe.toml").read_text()
    at = text.index("[clip]"), text.index("[head]")
    (tmp_path / "again.toml").write_text(text[: at[0]] + text[at[1] :])
    changes = [f"start={whole / 'checkpoint'}", "head.temporal=none", "score=false"]
    place = run(tmp_path / "again.toml", changes, runs=tmp_path, stop_after_steps=1).parent
    account = json.loads((place / "start.json").read_text())
    assert account["fresh"] == [] and {n.split(".")[0] for n in account["left_out"]} == {"temporal"}


def test_a_folder_of_another_recipe_is_not_mixed(whole, folder):
    with pytest.raises(SettingsError, match=r"other head.*name="):
        train(folder, whole.parent, "head.interaction=dp")


def test_a_loss_that_breaks_is_told_at_once(folder, tmp_path):
    with pytest.raises(WeightsError, match=r"step \d+ is (nan|inf)"):
        train(folder, tmp_path, "loop.learning_rate=1e30", "loop.warmup_steps=1")


def test_wrong_settings_say_what_to_do(folder, tmp_path):
    with pytest.raises(InputError, match="lower batch"):
        train(folder, tmp_path, "loader.batch=500")
    with pytest.raises(SettingsError, match="reads 12 tokens"):
        train(folder, tmp_path, "words=40")
    with pytest.raises(SettingsError, match="set loop"):
        train(folder, tmp_path, "clip_precision=fp16_inplace", "loop.precision=bf16")
    with pytest.raises(SettingsError, match="remove them"):
        train(folder, tmp_path, "start=tiny-clip")
    with pytest.raises(DataError, match="no folder"):
        train(folder, tmp_path, f"data.folder={tmp_path / 'nowhere'}")
