"""Resize, cut and normalise: odd sizes, grey and transparent pictures."""

import numpy as np
import pytest
from PIL import Image

from whenabouts.models.pixels import PixelSettings, fit, prepare

pytestmark = pytest.mark.golden("tvr/image_preprocess")


def test_every_picture(case):
    io, facts = case.tensors(), case.facts
    compared = 0
    for row in facts["images"]:
        settings = PixelSettings(
            size_px=row["size"], mean=tuple(facts["mean"]), std=tuple(facts["std"])
        )
        source = io[f"in{row['index']}"].numpy()
        fitted = np.asarray(fit(Image.fromarray(source), settings))
        crop = io[f"crop{row['index']}"].numpy()
        assert fitted.shape == crop.shape
        apart = np.abs(fitted.astype(int) - crop.astype(int)).max()
        assert apart <= facts["tolerance"]["uint8"], row
        out = prepare(crop[None], settings)[0]
        assert out.mean() == pytest.approx(row["out_mean"], abs=1e-4)
        assert out.std(ddof=1) == pytest.approx(row["out_std"], abs=1e-4)
        if f"out{row['index']}" in io:
            expected = io[f"out{row['index']}"].numpy()
            np.testing.assert_allclose(out, expected, atol=facts["tolerance"]["float_atol"])
            compared += 1
    assert compared


def test_frames_take_the_same_way(case):
    """`prepare` on RGB frames is `fit` and the normalisation, nothing else."""
    io, facts = case.tensors(), case.facts
    for row in (row for row in facts["images"] if row["mode"] == "RGB"):
        settings = PixelSettings(size_px=row["size"])
        out = prepare(io[f"in{row['index']}"].numpy()[None], settings)[0]
        assert out.mean() == pytest.approx(row["out_mean"], abs=facts["tolerance"]["float_atol"])
        if f"out{row['index']}" in io:
            expected = io[f"out{row['index']}"].numpy()
            np.testing.assert_allclose(out, expected, atol=facts["tolerance"]["float_atol"])
