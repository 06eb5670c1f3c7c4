"""The checkpoint folder: whole or not at all, strict, recognised by what changes a vector."""

import shutil

import numpy as np
import pytest
import torch

from whenabouts.errors import MissingPartError, VersionError, WeightsError
from whenabouts.models.onnx import Network
from whenabouts.weights import folder
from whenabouts.weights.folder import (
    SETTINGS,
    VISION,
    WEIGHTS,
    EncoderSettings,
    fingerprint,
    load_model,
    read_settings,
    read_tokens,
    save,
)


@pytest.fixture
def copy(small_encoder, tmp_path):
    return shutil.copytree(small_encoder, tmp_path / "copy")


def test_what_is_saved_is_read(small_encoder):
    settings = read_settings(small_encoder)
    assert EncoderSettings.read(small_encoder / SETTINGS) == settings
    model = load_model(small_encoder)
    assert model.sizes == settings.sizes
    assert not model.training


@torch.no_grad()
@pytest.mark.parametrize(("batch", "length"), [(1, 1), (2, 10), (3, 4)])
def test_networks_equal_the_weights(small_encoder, batch, length):
    model = load_model(small_encoder)
    generator = torch.Generator().manual_seed(batch)
    pixels = torch.randn(batch, 3, 24, 24, generator=generator)
    out = Network(small_encoder / VISION, threads=1).run({"pixels": pixels.numpy()})
    tokens = model.images(pixels)
    unit = torch.nn.functional.normalize(tokens.vectors[0], dim=-1)
    np.testing.assert_allclose(out["vectors"], unit.numpy(), atol=1e-5)
    np.testing.assert_allclose(out["logits"], tokens.logits[0].numpy(), atol=1e-4)
    ids = torch.randint(0, model.sizes.clip.vocab_tokens, (batch, length), generator=generator)
    mask = torch.ones_like(ids)
    mask[-1, 1:] = 0
    out = Network(small_encoder / "text.onnx", threads=1).run(
        {"ids": ids.numpy(), "mask": mask.numpy()}
    )
    tokens = model.text(ids, mask)
    unit = torch.nn.functional.normalize(tokens.vectors, dim=-1)
    np.testing.assert_allclose(out["vectors"], unit.numpy(), atol=1e-5)
    valid = mask.numpy() > 0
    np.testing.assert_allclose(out["logits"][valid], tokens.logits.numpy()[valid], atol=1e-4)
    assert np.all(out["logits"][~valid] < -1e8)


def test_a_failed_save_leaves_the_old_folder(copy):
    settings = read_settings(copy)
    before = fingerprint(copy, settings)

    def fail(folder):
        (folder / "half.onnx").write_bytes(b"x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        save(copy, settings, read_tokens(copy, settings), more=fail)
    assert fingerprint(copy, settings) == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"], "no draft is left behind"


def test_a_save_replaces_the_old_folder(copy):
    settings = read_settings(copy)
    (copy / "stale.txt").write_text("old")
    save(copy, settings, read_tokens(copy, settings))
    assert {path.name for path in copy.iterdir()} == {SETTINGS, "tokenizer.json"}
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_fingerprint_sees_what_changes_a_vector(copy):
    settings = read_settings(copy)
    first = fingerprint(copy, settings)
    (copy / "card.md").write_text("about")
    (copy / WEIGHTS).unlink()
    renamed = settings.model_copy(update={"name": "other", "source": "x", "rate_hz": 2.0})
    assert fingerprint(copy, renamed) == first
    squashed = settings.pixels.model_copy(update={"fit": "squash"})
    assert fingerprint(copy, settings.model_copy(update={"pixels": squashed})) != first
    with (copy / "vision.onnx.data").open("wb") as file:
        file.write(b"1")
    assert fingerprint(copy, settings) != first


def test_big_files_are_read_once(copy, monkeypatch):
    settings = read_settings(copy)
    plain = fingerprint(copy, settings)
    monkeypatch.setattr(folder, "_BIG_BYTES", 1000)
    bring = shutil.copytree(copy, copy.parent / "source")
    save(
        copy,
        settings,
        read_tokens(bring, settings),
        more=lambda draft: [shutil.copy2(bring / name, draft) for name in (VISION, "text.onnx")],
    )
    read = []
    digest = folder._digest
    monkeypatch.setattr(folder, "_digest", lambda path: read.append(path.name) or digest(path))
    assert fingerprint(copy, settings) == plain
    assert not {VISION, "text.onnx"} & set(read)
    with (copy / VISION).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    assert fingerprint(copy, settings) != plain, "a file of the same size, but changed, is seen"
    assert VISION in read


def test_faults_are_told(copy, tmp_path):
    with pytest.raises(WeightsError, match=r"no settings\.toml"):
        read_settings(tmp_path)
    (copy / WEIGHTS).unlink()
    with pytest.raises(MissingPartError, match="no weights for training"):
        load_model(copy)
    newer = (copy / SETTINGS).read_text().replace("format = 1", "format = 2")
    (copy / SETTINGS).write_text(newer)
    with pytest.raises(VersionError, match="format 2"):
        read_settings(copy)


def test_damaged_network(copy):
    (copy / VISION).write_bytes((copy / VISION).read_bytes()[:1000])
    with pytest.raises(WeightsError, match="not a usable ONNX"):
        Network(copy / VISION)
