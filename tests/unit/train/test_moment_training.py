"""Training Moment-DETR: drawn videos and feature files, resume, and what it leaves."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from whenabouts.data.moments.example import MomentExample, steps_in
from whenabouts.errors import DataError, SettingsError, WeightsError
from whenabouts.systems.moment_detr import MomentGrounder
from whenabouts.train.moment_collate import collate, pairs_of
from whenabouts.train.moment_source import in_batches
from whenabouts.train.moments import run
from whenabouts.weights.folder import read_tensors
from whenabouts.weights.moment_folder import load_moments, read_moment_settings

RECIPES = Path(__file__).parents[3] / "recipes"
TINY = (
    "drawn.train.videos=3",
    "drawn.validation.videos=2",
    "drawn.train.kinds=[{duration_s=[6.0,8.0],scenes=[1,2]}]",
    "drawn.validation.kinds=[{duration_s=[6.0,8.0],scenes=[1,2]}]",
    "sizes.width=16",
    "sizes.heads=2",
    "sizes.feed_forward=16",
    "batch=4",
    "loop.steps=4",
    "loop.validate_every_steps=2",
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Vectors of the drawn videos, made once."""
    return f"kept={tmp_path_factory.mktemp('kept')}"


def same(one: Path, other: Path) -> bool:
    left, right = read_tensors(one), read_tensors(other)
    return all(torch.equal(left[name], right[name]) for name in left)


def test_a_run_that_was_cut_off_goes_on_with_the_same_bits(kept, tmp_path):
    recipe = RECIPES / "tiny-moment-detr.toml"
    whole = run(recipe, [*TINY, kept], runs=tmp_path / "whole")
    run(recipe, [*TINY, kept], runs=tmp_path / "parts", stop_after_steps=2)
    parts = run(recipe, [*TINY, kept], runs=tmp_path / "parts")
    assert same(whole / "model.safetensors", parts / "model.safetensors")
    assert "MR-full-R1@0.7" in (whole.parent / "metrics.csv").read_text().splitlines()[0]
    with pytest.raises(SettingsError, match="other loss"):
        run(recipe, [*TINY, kept, "loss.giou=2.0"], runs=tmp_path / "whole")
    settings = read_moment_settings(whole)
    assert settings.encoder == "tiny-clip"
    assert load_moments(whole).sizes == settings.sizes
    grounder = MomentGrounder(whole)
    assert grounder.fingerprint == settings.fingerprint


def test_widths_that_the_data_do_not_have_are_refused(kept, tmp_path):
    wrong = [*TINY, kept, "sizes.video_width=64"]
    with pytest.raises(SettingsError, match=r"the data have \(197, 192\)"):
        run(RECIPES / "tiny-moment-detr.toml", wrong, runs=tmp_path)


def features(folder: Path, name: str, saliency: bool) -> None:
    """Made-up features of four videos with a query each."""
    generator = np.random.default_rng(3)
    lines = []
    for number in range(4):
        for kind, width in (("slowfast", 6), ("clip", 4)):
            place = folder / "features" / kind
            place.mkdir(parents=True, exist_ok=True)
            rows = generator.standard_normal((9 + number, width), np.float32)
            np.savez(place / f"v{number}.npz", features=rows)
        place = folder / "features" / "clip_text"
        place.mkdir(exist_ok=True)
        words = generator.standard_normal((5, 3), np.float32)
        np.savez(place / f"qid{number}.npz", last_hidden_state=words)
        line = {"qid": number, "query": "x", "vid": f"v{number}", "duration": 18}
        line["relevant_windows"] = [[2, 8]]
        if saliency:
            line |= {"relevant_clip_ids": [1, 2, 3], "saliency_scores": [[1, 2, 3]] * 3}
        lines.append(json.dumps(line))
    (folder / name).write_text("\n".join(lines))


@pytest.mark.parametrize("key", ["qvhighlights", "charades", "activitynet", "tacos"])
def test_recipes_for_feature_files(key, tmp_path):
    recipe = RECIPES / f"moment-detr-{key}.toml"
    for split in ("train", "val"):
        features(tmp_path, f"{split}.jsonl", saliency=key == "qvhighlights")
    given = [
        f"features.folder={tmp_path}",
        "features.train=train.jsonl",
        "features.validation=val.jsonl",
        "sizes.video_width=12",
        "sizes.text_width=3",
        "sizes.width=16",
        "sizes.heads=2",
        "sizes.feed_forward=8",
        "epochs=2",
        "batch=2",
        "loop.precision=fp32",
    ]
    made = run(recipe, given, runs=tmp_path / "runs")
    assert (made / "moments.onnx").is_file()
    assert read_moment_settings(made).sizes.spans == "regress"
    rows = (made.parent / "metrics.csv").read_text().splitlines()
    assert rows[-1].startswith("4,"), "two epochs of two batches"
    again = run(recipe, [*given, f"start={made}", "name=more"], runs=tmp_path / "runs")
    assert again.parent.name == "more"
    with pytest.raises(WeightsError, match="no file"):
        run(recipe, [*given, "start=nothing", "name=none"], runs=tmp_path / "runs")
    (tmp_path / "features" / "clip" / "v0.npz").unlink()
    with pytest.raises(DataError, match=r"v0\.npz"):
        run(recipe, [*given, "name=gone"], runs=tmp_path / "runs")


def example(
    steps: int, windows: list[list[float]], totals: tuple[float, ...] = ()
) -> MomentExample:
    edges = np.array(windows, np.float64).reshape(-1, 2)
    relevant = steps_in(edges, steps, 0.5) if windows else ()
    video, text = np.ones((steps, 4), np.float32), np.ones((3, 2), np.float32)
    return MomentExample("x", video, text, 0.5, edges, relevant, totals)


class TestExamples:
    def test_a_part_has_the_windows_that_are_mostly_in_it(self):
        whole = example(20, [[1.0, 3.0], [6.0, 9.0]])
        part = whole.part(4, 10)
        assert part.windows.tolist() == [[0.0, 1.0]]
        assert part.relevant == (0, 1)
        assert len(part.video) == 6
        assert part.length_s == 3.0
        assert not len(whole.part(8, 11).windows)

    def test_a_batch_pads_and_says_where_nothing_is_relevant(self):
        batch = collate([example(4, []), example(8, [[0.0, 1.0]])], 2, np.random.default_rng(0))
        assert batch.video.shape == (2, 8, 6)
        assert batch.video_mask.sum(dim=1).tolist() == [4, 8]
        assert batch.text.shape == (2, 2, 2)
        assert batch.rated.tolist() == [0, 1]
        assert batch.windows[0].shape == (0, 2)
        torch.testing.assert_close(batch.windows[1], torch.tensor([[0.125, 0.25]]))

    def test_pairs_are_a_hard_and_an_easy_one(self):
        pairs = pairs_of(example(8, [[0.0, 1.5]], (3.0, 9.0, 5.0)), np.random.default_rng(0))
        assert pairs[0] == (1, 0)
        assert pairs[1][0] in (0, 1, 2)
        assert pairs[1][1] in range(3, 8)
        assert not pairs_of(example(4, [[0.0, 2.0]]), np.random.default_rng(0)), "all are alike"

    def test_batches_hold_alike_lengths_and_everything_once(self):
        lengths = np.random.default_rng(1).random(100)
        order = in_batches(lengths, 5, np.random.default_rng(2))
        assert sorted(order.ravel().tolist()) == list(range(100))
        inside = np.ptp(lengths[order], axis=1).mean()
        assert inside < 0.2 < np.ptp(lengths)
