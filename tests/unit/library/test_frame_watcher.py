"""Saliency of clips, and what a watcher without a language model refuses."""

from pathlib import Path

import numpy as np
import pytest

from whenabouts.library.frame_watcher import MOST_CLIPS, clips
from whenabouts.types import Encoding, Video


def curve(times_s, scores, duration_s):
    count = len(times_s)
    seen = Encoding(
        np.eye(count, dtype=np.float32), np.full(count, 1 / count, np.float32), np.array(times_s)
    )
    video = Video("x", Path("x.mp4"), duration_s, 10, 64, 48)
    return clips(np.array(scores, np.float32), seen, video)


def test_a_clip_has_the_mean_of_its_frames():
    found = curve([0.0, 1.0, 2.0, 3.0, 4.0], [1, 3, 5, 5, 9], 5.0)
    assert found.times_s == (0.0, 2.0, 4.0)
    assert found.scores == pytest.approx((2, 5, 9))


def test_a_clip_without_a_frame_shows_the_one_before_and_the_first_the_one_after():
    found = curve([2.5, 7.0], [4, 6], 10.0)
    assert found.scores == pytest.approx((4, 4, 4, 6, 6))


def test_a_long_video_has_longer_clips():
    found = curve([0.0, 50_000.0], [1, 2], 100_000.0)
    assert len(found.times_s) == MOST_CLIPS
    assert found.scores[-1] == 2
