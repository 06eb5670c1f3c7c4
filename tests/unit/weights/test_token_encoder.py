"""The encoder on a checkpoint folder: batches, words, faults, and no torch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import InputError, MissingPartError
from whenabouts.protocols import Encoder
from whenabouts.systems.clip_tokens import open_encoder


@pytest.fixture
def encoder(small_encoder):
    return open_encoder(small_encoder, threads=1)


def some_frames(count: int, height: int = 30, width: int = 44) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def test_it_is_an_encoder(encoder):
    assert isinstance(encoder, Encoder)
    assert (encoder.name, encoder.width, encoder.input_px) == ("small", 16, 24)
    assert encoder.sampling.rate_hz == 1.0
    assert len(encoder.fingerprint) == 64


def test_batches_do_not_matter(encoder, monkeypatch):
    frames = some_frames(7)
    whole = encoder.encode_frames(frames)
    assert whole.vectors.dtype == whole.logits.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(whole.vectors, axis=1), 1, atol=1e-5)
    monkeypatch.setattr("whenabouts.systems.clip_tokens.CPU_BATCH", 3)
    parts = encoder.encode_frames(frames)
    np.testing.assert_allclose(parts.vectors, whole.vectors, atol=1e-5)
    np.testing.assert_allclose(parts.logits, whole.logits, atol=1e-5)
    single = encoder.encode_frames(frames[4:5])
    np.testing.assert_allclose(single.vectors[0], whole.vectors[4], atol=1e-5)


def test_no_frames(encoder):
    nothing = encoder.encode_frames(some_frames(0))
    assert nothing.vectors.shape == (0, 16)
    assert nothing.logits.shape == (0,)


def test_words_of_a_query(encoder):
    found = encoder.encode_text("  A red  circle moves ")
    assert found.words == ("", "a", "red", "circle", "moves", "")
    assert found.weights.sum() == pytest.approx(1)
    assert found.vectors.shape == (6, 16)


def test_typed_special_tokens_are_words(encoder):
    typed = encoder.encode_text("a <end> circle")
    assert "".join(typed.words[1:-1]).replace(" ", "") == "a<end>circle"
    assert len(typed) > 5, "the brackets are pieces of text, not one special token"


def test_long_queries_are_cut(encoder):
    assert len(encoder.encode_text("red " * 50)) == 10


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_empty_query(encoder, text):
    with pytest.raises(InputError, match="empty"):
        encoder.encode_text(text)


def test_no_encoder_there(tmp_path):
    with pytest.raises(MissingPartError, match="whenabouts convert"):
        open_encoder(tmp_path)
    with pytest.raises(InputError, match="no model name"):
        open_encoder(tmp_path / "not" / "there")


def test_cuda_that_is_not_there(small_encoder):
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(InputError, match="no CUDA"):
        open_encoder(small_encoder, device="cuda").encode_frames(some_frames(1))


def test_use_needs_no_torch(small_encoder):
    """A fresh process encodes with torch and transformers made impossible to import."""
    code = (
        "import sys, numpy as np\n"
        "sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "from whenabouts.systems.clip_tokens import open_encoder\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "e = open_encoder(sys.argv[1], threads=1)\n"
        "e.encode_frames(np.zeros((1, 9, 9, 3), np.uint8)); e.encode_text('a red circle')\n"
        "e.fingerprint\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(small_encoder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=False,
    )
    assert done.returncode == 0, done.stderr
