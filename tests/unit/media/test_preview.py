"""Pictures to look at."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from whenabouts.media.preview import MARK, contact_sheet, jpeg, sheet_times
from whenabouts.types import Curve, Frames, Moment, Span, Video

INSIDE = Span(10, 14)


def moment(curve: Curve | None, span: Span = INSIDE, width: int = 160) -> Moment:
    video = Video("x", Path("Größe 大.mp4"), 60.0, 25.0, width, 90)
    return Moment(video, span, 0.7, "something", curve=curve)


def frames_of(found: Moment) -> Frames:
    times = np.array(sheet_times(found))
    shape = (len(times), found.video.height, found.video.width, 3)
    return Frames(found.video, np.full(shape, 128, np.uint8), times)


def test_a_jpeg_is_small_and_never_larger_than_the_frame() -> None:
    pixels = np.full((90, 160, 3), 200, np.uint8)
    for width, size in ((80, (80, 45)), (320, (160, 90))):
        image = Image.open(io.BytesIO(jpeg(pixels, width)))
        assert (image.format, image.size) == ("JPEG", size)
        assert np.asarray(image).mean() == pytest.approx(200, abs=2)


def test_sheet_times_show_the_moment_and_what_is_around() -> None:
    times = sheet_times(moment(None), 12)
    assert len(times) == 12
    assert times == sorted(times)
    assert sum(10 <= t < 14 for t in times) == 8
    assert times[0] == 8.0
    assert times[-1] == 16.0
    edge = sheet_times(moment(None, Span(0, 60)), 12)
    assert min(edge) >= 0
    assert max(edge) <= 60


@pytest.mark.parametrize(
    "curve",
    [None, Curve((0.0, 30.0, 59.0), (0.1, 0.9, 0.2)), Curve((0.0, 1.0), (0.5, 0.5)), Curve((), ())],
)
def test_a_sheet_marks_the_frames_of_the_moment(curve: Curve | None) -> None:
    found = moment(curve)
    sheet = contact_sheet(found, frames_of(found), query="猫 and a very long question " * 20)
    pixels = np.asarray(sheet)
    marked = (np.abs(pixels.astype(int) - MARK).sum(axis=2) < 12).mean(axis=1)
    assert sheet.width == 1280
    assert marked.max() > 0.4, "a row of borders"
    unmarked = moment(curve, Span(40, 41))
    plain = np.asarray(contact_sheet(unmarked, frames_of(found)))
    fewer = (np.abs(plain.astype(int) - MARK).sum(axis=2) < 12).mean(axis=1)
    assert fewer.max() < 0.2


def test_a_sheet_of_an_upright_video_and_of_a_point_in_time() -> None:
    found = moment(Curve((0.0, 60.0), (0.0, 1.0)), Span(60, 60), width=48)
    assert contact_sheet(found, frames_of(found)).height < 2000
