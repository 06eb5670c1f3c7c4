"""Every retrieval recipe as it is, on a drawn folder in the form of its dataset."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.shapeworld.make import make
from whenabouts.train.retrieval import run as train
from whenabouts.train.retrieval_recipe import RetrievalRecipe
from whenabouts.weights.folder import read_settings

RECIPES = sorted(
    path
    for path in (Path(__file__).parents[2] / "recipes").glob("*.toml")
    if 'objective = "retrieval"' in path.read_text(encoding="utf-8")
)
SMALLER = (
    "start=tiny-clip",  # no published checkpoint is at hand
    "loader.batch=4",
    "loader.workers=1",
    "loop.steps=2",
    "loop.threads=1",
    "loop.precision=fp32",
    "loop.log_every_steps=1",
    "frames.limit=3",
    "export=false",
    "evaluate.worst=0",
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A folder a dataset, drawn once."""
    root, made = tmp_path_factory.mktemp("drawn"), {}

    def folder(dataset: str) -> Path:
        if dataset not in made:
            made[dataset] = root / dataset
            make(made[dataset], dataset, videos=14, seed=3, duration_s=(2.0, 2.5))
        return made[dataset]

    return folder


def test_there_is_a_recipe_for_every_dataset():
    from whenabouts.catalog import PARTS

    named = {RetrievalRecipe.read(path).data.dataset for path in RECIPES}
    assert named == set(PARTS["dataset"])


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_trains_and_evaluates(path, drawn, tmp_path):
    recipe = RetrievalRecipe.read(path)
    assert recipe.name == path.stem or recipe.data.folder == Path("shapes")
    changes = [*SMALLER, f"data.folder={drawn(recipe.data.dataset)}", f"cache={tmp_path / 'cache'}"]
    if recipe.data.settings.held_out:
        changes.append("data.settings.held_out=2")
    checkpoint = train(path, changes, runs=tmp_path)
    assert read_settings(checkpoint).sizes.interaction == recipe.head.interaction
    figures = json.loads((checkpoint.parent / "evaluation" / "figures.json").read_text())["figures"]
    assert {"text_to_video.R@1", "text_to_video.MdR", "video_to_text.R@1"} <= figures.keys()
    with (checkpoint.parent / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert np.isfinite([float(row["loss"]) for row in rows]).all()
    assert ("t2v.R@1" in rows[-1]) == bool(recipe.data.validation)


def test_the_command_tells_what_is_odd_about_the_data(drawn, tmp_path, run):
    recipe = Path(__file__).parents[2] / "recipes" / "shapes-retrieval.toml"
    changes = [*SMALLER, f"data.folder={drawn('msrvtt')}", "data.settings.held_out=2"]
    ended = run("train", recipe, *changes, "--json")
    assert ended.code == 0, ended.err
    assert any("held out" in note for note in ended.json["notes"])
    assert (tmp_path / ended.json["folder"]).is_dir()
