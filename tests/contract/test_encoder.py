"""What every encoder of the catalog must do."""

import numpy as np
import pytest

from whenabouts import catalog
from whenabouts.errors import InputError, MissingPartError

pytestmark = pytest.mark.parametrize("name", sorted(catalog.PARTS["encoder"]))


@pytest.fixture
def encoder(name):
    try:
        return catalog.part("encoder", name)()
    except MissingPartError as error:
        pytest.skip(str(error))


def frames(count: int, height: int = 40, width: int = 64) -> np.ndarray:
    drawn = np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)
    drawn[::2, 10:30, 20:40] = (220, 30, 30)
    return drawn


def test_it_says_what_it_is(encoder):
    assert encoder.name
    assert len(encoder.fingerprint) == 64
    assert int(encoder.fingerprint, 16) >= 0
    assert encoder.width > 0
    assert encoder.input_px > 0
    assert encoder.sampling.rate_hz > 0


def test_frames_become_unit_vectors(encoder):
    seen = encoder.encode_frames(frames(3))
    assert seen.vectors.shape == (3, encoder.width)
    assert seen.logits.shape == (3,)
    assert seen.vectors.dtype == seen.logits.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(seen.vectors, axis=1), 1, atol=1e-4)
    assert np.isfinite(seen.logits).all()


def test_a_frame_does_not_depend_on_its_neighbours(encoder):
    pixels = frames(3)
    together = encoder.encode_frames(pixels)
    for index in range(3):
        alone = encoder.encode_frames(pixels[index : index + 1])
        np.testing.assert_allclose(alone.vectors[0], together.vectors[index], atol=1e-4)
        np.testing.assert_allclose(alone.logits[0], together.logits[index], atol=1e-3)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 200), (500, 7)])
def test_any_size_of_frame(encoder, height, width):
    seen = encoder.encode_frames(frames(1, height, width))
    assert np.isfinite(seen.vectors).all()


def test_no_frames(encoder):
    nothing = encoder.encode_frames(frames(0))
    assert nothing.vectors.shape == (0, encoder.width)
    assert nothing.logits.shape == (0,)


@pytest.mark.parametrize(
    "text", ["a red square", "红色的方块", "x", "🎉", "<|endoftext|> </s> <eos>", "word " * 500]
)
def test_texts_become_weighted_vectors(encoder, text):
    query = encoder.encode_text(text)
    assert len(query) >= 1
    assert query.vectors.shape[1] == encoder.width
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-4)
    assert query.weights.sum() == pytest.approx(1, abs=1e-4)
    assert query.weights.min() >= 0
    assert query.times_s is None
    assert len(query.words) in (0, len(query))


def test_the_same_again(encoder):
    first, second = (encoder.encode_text("a red square") for _ in range(2))
    np.testing.assert_array_equal(first.vectors, second.vectors)


def test_empty_text_is_refused(encoder):
    with pytest.raises(InputError):
        encoder.encode_text("  ")
