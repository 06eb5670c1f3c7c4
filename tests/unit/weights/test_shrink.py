"""Eight bits are kept only where vectors stay close."""

import shutil

import numpy as np
import pytest

from whenabouts.systems.clip_tokens import open_encoder
from whenabouts.weights.folder import VISION, load_model, read_settings
from whenabouts.weights.shrink import drawn_pictures, shrink


@pytest.fixture
def copy(small_encoder, tmp_path):
    return shutil.copytree(small_encoder, tmp_path / "copy")


def test_kept_when_close(copy):
    before = open_encoder(copy, threads=1)
    frames = drawn_pictures()[:4]
    exact, old = before.encode_frames(frames), before.fingerprint
    # Random weights are the hardest case: there is no structure to lose.
    found = shrink(copy, least_cosine=0.95)
    assert found.kept
    assert 0.95 <= found.least_cosine <= found.mean_cosine < 1
    after = open_encoder(copy, threads=1)
    assert after.settings.precision == "int8"
    assert after.fingerprint != old, "a library must not mix both"
    close = (after.encode_frames(frames).vectors * exact.vectors).sum(axis=1)
    assert close.min() > 0.95
    assert not np.array_equal(after.encode_frames(frames).vectors, exact.vectors)
    assert load_model(copy).sizes == before.settings.sizes, "the weights for training stay"
    assert not list(copy.glob(".*"))


def test_left_alone_when_not(copy):
    old = (copy / VISION).read_bytes()
    found = shrink(copy, least_cosine=1.0)
    assert not found.kept
    assert (copy / VISION).read_bytes() == old
    assert read_settings(copy).precision == "float32"
    assert not list(copy.glob(".*"))


def test_files_may_be_read_by_all(copy):
    shrink(copy, least_cosine=-1)
    assert {path.stat().st_mode & 0o777 for path in copy.iterdir()} == {0o644}


def test_drawn_pictures_are_the_same_each_time():
    assert np.array_equal(drawn_pictures(), drawn_pictures())
    assert len(np.unique(drawn_pictures().mean(axis=(1, 2, 3)))) > 10
