"""Every recipe of video LLMs, with a tiny model, on folders that shape world writes."""

import csv
from pathlib import Path

import numpy as np
import pytest
import tiny_video_llm as tiny

from whenabouts.shapeworld.make import make
from whenabouts.train.instruction import run as train
from whenabouts.train.instruction_recipe import InstructionRecipe
from whenabouts.weights.video_llm_folder import open_video_llm, save_video_llm

RECIPES = sorted(
    path
    for path in (Path(__file__).parents[2] / "recipes").glob("*-*.toml")
    if path.stem.startswith(("timechat-", "vtgllm-"))
)
SMALLER = (
    "start.system=ours",  # no published checkpoint is at hand
    "start.checkpoints=[]",
    "frames.frames=4",
    "loader.workers=1",
    "loop.accumulate=1",
    "loop.by_epochs={epochs=2, iterations=1, warmup=1}",
    "loop.threads=1",
    "loop.device=cpu",
    "loop.log_every_steps=1",
    "timestamps=as the start",
)
FOLDERS = {
    "timeit": "data",
    "valley": "data/valley/Valley_instruct_shapes.json",
    "youcook2": "data/dense_video_captioning/shapes",
    "activitynet": "data/dense_video_captioning/shapes",
    "charades": "data/temporal_video_grounding/shapes",
    "qvhighlights": "data/video_highlight_detection/shapes",
}
FOLDERS_VTG = {
    "vtgit": "data/VTG-IT",
    "valley": "data/VTG-IT/valley",
    "youcook2": "data/VTG-IT/dense_video_caption/shapes",
    "activitynet": "data/VTG-IT/dense_video_caption/shapes",
    "charades": "data/VTG-IT/moment_retrieval/shapes",
    "qvhighlights": "data/VTG-IT/video_highlight_detection/shapes",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("drawn")
    for style in ("timeit", "vtg-it"):
        make(root / style, style, videos=4, seed=3, duration_s=(8.0, 9.0))
    return {"timechat": root / "timeit", "vtgllm": root / "vtg-it"}


@pytest.fixture(scope="module")
def starts(tmp_path_factory) -> dict[str, Path]:
    root, found = tmp_path_factory.mktemp("starts"), {}
    for system in ("timechat", "vtgllm"):
        given = tiny.settings(system)
        if system == "timechat":
            words = {"words": tiny.tokenizer(system).vocab_tokens}
            qformer = given.sizes.frame_qformer.model_copy(update=words)
            sizes = given.sizes.model_copy(update={"frame_qformer": qformer})
            given = given.model_copy(update={"sizes": sizes, "timestamps": "llama"})
        found[system] = root / system
        weights = tiny.network(given).state_dict()
        save_video_llm(found[system], given, weights, tiny.tokenizer(system))
    return found


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_trains_a_tiny_model(path, drawn, starts, tmp_path):
    recipe = InstructionRecipe.read(path)
    assert recipe.name == path.stem
    system = path.stem.partition("-")[0]
    assert recipe.start.system == system
    folders = FOLDERS if system == "timechat" else FOLDERS_VTG
    changes = [f"start.folder={starts[system]}", *SMALLER]
    for name in recipe.data.sets:
        changes.append(f"data.sets.{name}.annotations={drawn[system] / folders[name]}")
        changes.append(f"data.sets.{name}.videos={drawn[system]}")
    place = train(path, changes, runs=tmp_path)
    assert open_video_llm(place).settings.time_tokens == (system == "vtgllm")
    with (place.parent / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["1", "2"]
    assert np.isfinite([float(row["loss"]) for row in rows]).all()


def test_the_published_schedules():
    steps = {path.stem: InstructionRecipe.read(path).steps().steps for path in RECIPES}
    assert steps == {
        "timechat-charades": 1163,
        "timechat-qvhighlights": 642,
        "timechat-timeit": 16_500,
        "timechat-youcook2": 894,
        "vtgllm-activitynet": 62_500,
        "vtgllm-charades": 7750,
        "vtgllm-qvhighlights": 12_870,
        "vtgllm-vtgit": 33_905,
        "vtgllm-youcook2": 1850,
    }
