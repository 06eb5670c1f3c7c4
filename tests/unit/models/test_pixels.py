"""One resize for all: sizes, both fits, constants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenabouts.models.pixels import PixelSettings, prepare
from whenabouts.models.positions import second_positions, stride_positions

sides = st.integers(1, 50)


@settings(max_examples=40)
@given(
    st.integers(1, 60), st.integers(1, 60), st.integers(1, 40), st.sampled_from(["crop", "squash"])
)
def test_any_size_fits(height, width, size_px, fit):
    frames = np.full((2, height, width, 3), 128, np.uint8)
    out = prepare(frames, PixelSettings(size_px=size_px, fit=fit))
    assert out.shape == (2, 3, size_px, size_px)
    assert out.dtype == np.float32
    # A picture of one colour keeps it, whatever is cut or squeezed.
    assert np.ptp(out, axis=(0, 2, 3)).max() == 0


def test_values():
    settings = PixelSettings(size_px=1, mean=(0.5, 0.25, 0), std=(0.5, 0.5, 2))
    out = prepare(np.array([[[[255, 0, 51]]]], np.uint8), settings)
    assert out.ravel().tolist() == pytest.approx([1, -0.5, 0.1], abs=1e-6)


def test_crop_keeps_the_middle_and_squash_keeps_all():
    frame = np.zeros((10, 30, 3), np.uint8)
    frame[:, 10:20] = 255
    plain = {"mean": (0, 0, 0), "std": (1, 1, 1)}
    crop = prepare(frame[None], PixelSettings(size_px=10, **plain))
    squash = prepare(frame[None], PixelSettings(size_px=10, fit="squash", **plain))
    assert crop.min() == 1
    assert squash.mean() == pytest.approx(1 / 3, abs=0.05)


def test_no_frames():
    nothing = np.zeros((0, 5, 5, 3), np.uint8)
    assert prepare(nothing, PixelSettings(size_px=4)).shape == (0, 3, 4, 4)


spans = st.none() | st.tuples(st.integers(-5, 60), st.integers(-5, 60))


@given(st.floats(0.1, 120), st.integers(0, 3000), st.integers(1, 4), st.integers(1, 30), spans)
def test_positions_are_frames_in_order(fps, frame_count, rate_hz, limit, span):
    start_s, end_s = span or (None, None)
    wanted = {"rate_hz": rate_hz, "limit": limit, "start_s": start_s, "end_s": end_s}
    stride = stride_positions(fps, frame_count, **wanted)
    every, kept = second_positions(fps, frame_count, **wanted)
    for found in (stride, kept):
        assert found == sorted(set(found))
        assert len(found) <= limit
        assert all(0 <= position < frame_count for position in found)
    assert set(kept) <= set(every)
