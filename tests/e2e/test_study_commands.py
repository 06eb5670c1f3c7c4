"""Commands for those who study models: drawn datasets, measuring, the list of encoders."""

import json
from pathlib import Path

import pytest

RECIPE = Path(__file__).parents[2] / "recipes" / "tiny-clip.toml"


def test_a_drawn_folder_has_videos_and_annotations(run, tmp_path):
    words = ["--as", "charades-sta", "--videos", "2", "--shortest", "5", "--longest", "6"]
    ended = run("shapes", "make", "set", *words, "--json")
    assert ended.code == 0, ended.err
    assert len(ended.json["videos"]) == 2
    assert all((tmp_path / path).stat().st_size > 1000 for path in ended.json["videos"])
    annotations = [p for p in (tmp_path / "set").rglob("*") if p.suffix in (".txt", ".csv")]
    assert annotations
    again = run("shapes", "make", "set", *words)
    assert again.code == 2
    assert "has files in it" in again.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--as", "no-such-form"], "charades-sta"),
        (["--shortest", "5"], "both"),
    ],
)
def test_a_folder_that_cannot_be_drawn_is_refused(run, words, message):
    ended = run("shapes", "make", "set", *words)
    assert ended.code == 2
    assert message in ended.err


def test_evaluate_prints_figures_and_writes_predictions(run, tmp_path):
    small = ["evaluate.videos=3", "evaluate.workers=0", "evaluate.resamples=10"]
    ended = run("evaluate", RECIPE, *small, "--out", "figures", "--json")
    assert ended.code == 0, ended.err
    assert "text_to_video.zh.R@1" in ended.json["figures"]
    written = json.loads((tmp_path / "figures" / "figures.json").read_text())
    assert set(written["figures"]) == set(ended.json["figures"])
    assert (tmp_path / "figures" / "predictions.jsonl").read_text().count("\n") > 3
    table = run("evaluate", RECIPE, *small)
    assert "moment.en.R@1 IoU=0.5" in table.out


def test_a_recipe_with_an_unknown_key_is_refused(run):
    ended = run("train", RECIPE, "loop.stepps=3")
    assert ended.code == 2
    assert "loop.stepps" in ended.err


def test_the_list_of_models_says_state_licence_and_languages(run):
    listed = run("models", "list", "--json").json["models"]
    states = {model["name"]: model["state"] for model in listed}
    assert states["tiny-clip"] == "built in"
    assert states["google/siglip2-base-patch32-256"] == "on the hub"
    for model in listed:
        assert model["licence"], model
        assert model["languages"], model
    table = run("models", "list")
    assert "recommended for natural video" in table.out.replace("\n", " ")


def test_what_is_part_of_the_program_cannot_be_removed(run):
    assert "stays" in run("models", "remove", "tiny-clip").err
    ended = run("models", "remove", "nobody/nothing")
    assert ended.code == 2
    assert "there: none" in ended.err


def test_predictions_of_others_are_scored(run, tmp_path):
    truth = [{"caption": n, "video": f"v{n}"} for n in range(3)]
    found = [["v0", "v1"], ["v2", "v1"], ["v2"]]
    lines = [{"caption": n, "found": names} for n, names in enumerate(found)]
    for name, rows in (("r.jsonl", truth), ("p.jsonl", lines)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["score", "retrieval", "--predictions", "p.jsonl", "--references", "r.jsonl"]
    ended = run(*words, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["figures"]["text_to_video.R@1"] == pytest.approx(200 / 3)
    assert "text_to_video.MnR" in ended.json["intervals"]
    table = run(*words)
    assert "text_to_video.R@1" in table.out
    assert "video to text" in table.err
    refused = run(*words, "--ties", "alphabetical")
    assert refused.code == 2
    assert "pessimistic" in refused.err


def test_a_dataset_recipe_without_a_run_says_what_to_do(run, tmp_path):
    recipe = RECIPE.with_name("msrvtt-wti-vitb32.toml")
    ended = run("evaluate", recipe, f"data.folder={tmp_path}")
    assert ended.code == 2
    assert "whenabouts train" in ended.err
