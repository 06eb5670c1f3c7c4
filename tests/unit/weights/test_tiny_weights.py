"""The shipped tiny encoder: both of its forms agree, and it knows what its card says."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

import whenabouts.weights
from whenabouts.evaluate.shapes import EvaluateSettings, evaluate
from whenabouts.models.pixels import prepare
from whenabouts.shapeworld.render import render
from whenabouts.shapeworld.scene import draw_script
from whenabouts.systems.clip_tokens import tiny
from whenabouts.systems.peaks import Peaks
from whenabouts.weights.folder import load_model, read_settings, read_tokens

FOLDER = Path(whenabouts.weights.__file__).parent / "tiny" / "clip"
TEXTS = ["a large red star spins on a blue background", "蓝色背景前一个大的红色星形在旋转", "x"]


@pytest.fixture(scope="module")
def encoder():
    return tiny()


@pytest.fixture(scope="module")
def model():
    return load_model(FOLDER)


@torch.no_grad()
def test_pictures_have_the_same_vectors_in_torch_and_onnx(encoder, model):
    script = draw_script(5, "test")
    pixels = render(script, np.linspace(0, script.duration_s - 0.1, 9).tolist())
    found = encoder.encode_frames(pixels)
    tokens = model.images(torch.from_numpy(prepare(pixels, read_settings(FOLDER).pixels)))
    np.testing.assert_allclose(found.vectors, tokens.unit[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(found.logits, tokens.logits[0].numpy(), atol=1e-4)


@torch.no_grad()
def test_texts_have_the_same_vectors_and_weights_in_torch_and_onnx(encoder, model):
    tokens = read_tokens(FOLDER, read_settings(FOLDER))
    for text in TEXTS:
        found = encoder.encode_text(text)
        batch = tokens.encode([text])
        out = model.text(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
        np.testing.assert_allclose(found.vectors, out.unit[0].numpy(), atol=1e-5)
        np.testing.assert_allclose(found.weights, out.logits[0].softmax(-1).numpy(), atol=1e-5)


def test_everything_together_is_at_most_twenty_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 20e6


def test_the_files_hold_no_path_of_the_machine_that_made_them():
    for path in FOLDER.glob("*.onnx"):
        assert b"site-packages" not in path.read_bytes()


def test_the_recipe_still_says_what_the_network_is():
    recipe = tomllib.loads(Path("recipes/tiny-clip.toml").read_text(encoding="utf-8"))
    sizes = read_settings(FOLDER).sizes
    assert sizes is not None
    said = recipe["sizes"]["clip"] | {"vocab_tokens": sizes.clip.vocab_tokens}
    assert sizes.clip.model_dump(include=set(said)) == said


def test_it_finds_unseen_videos_and_moments(encoder):
    settings = EvaluateSettings(videos=20, short_px=112, workers=0, resamples=10)
    figures = evaluate(encoder, Peaks(), settings).figures
    for lang in ("en", "zh"):
        assert figures[f"text_to_video.{lang}.R@1"] >= 75
        assert figures[f"moment.{lang}.R@1 IoU=0.5"] >= 75
