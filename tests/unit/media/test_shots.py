"""Shots of made sequences with known cuts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.media.shots import Shot, ShotFinder, difference, signature
from whenabouts.types import Frames, Video

VIDEO = Video("x", Path("x.mp4"), 0.0, 2.0, 96, 54)


def scene(seed: int) -> np.ndarray:
    """A wide picture of coloured patches [54,300,3]."""
    rng = np.random.default_rng(seed)
    base = rng.integers(40, 215, 3)
    patches = np.clip(base + rng.integers(-70, 70, (6, 30, 3)), 0, 255).astype(np.uint8)
    return patches.repeat(9, axis=0).repeat(10, axis=1)


def pan(seed: int, count: int, step: int = 2) -> list[np.ndarray]:
    wide = scene(seed)
    return [wide[:, n * step : n * step + 96] for n in range(count)]


def fade(pictures: list[np.ndarray], *, up: bool) -> list[np.ndarray]:
    levels = np.linspace(0, 1, len(pictures))
    return [
        (picture * level).astype(np.uint8)
        for picture, level in zip(pictures, levels if up else levels[::-1], strict=True)
    ]


def find(pictures: list[np.ndarray], rate_hz: float = 2.0, chunk: int = 5) -> list[Shot]:
    finder = ShotFinder()
    times = np.arange(len(pictures)) / rate_hz
    shots: list[Shot] = []
    for start in range(0, len(pictures), chunk):
        part = slice(start, start + chunk)
        shots += finder.take(Frames(VIDEO, np.stack(pictures[part]), times[part]))
    return [*shots, *finder.finish(len(pictures) / rate_hz)]


def starts(shots: list[Shot]) -> list[float]:
    return [shot.span.start_s for shot in shots]


def test_hard_cuts_are_found_and_nothing_else() -> None:
    shots = find([*pan(1, 12), *pan(2, 7), *pan(3, 20), *pan(4, 6)])
    assert starts(shots) == [0.0, 6.0, 9.5, 19.5]
    assert [shot.span.end_s for shot in shots] == [6.0, 9.5, 19.5, 22.5]
    assert all(shot.span.start_s <= shot.time_s < shot.span.end_s for shot in shots)


def test_a_clip_of_one_shot_is_one_shot() -> None:
    assert starts(find(pan(5, 60))) == [0.0]
    assert starts(find(pan(5, 1))) == [0.0]


def test_a_still_picture_with_noise_is_one_shot() -> None:
    rng = np.random.default_rng(0)
    base = pan(6, 1)[0].astype(int)
    noisy = [
        np.clip(base + rng.normal(0, 8, base.shape), 0, 255).astype(np.uint8) for _ in range(30)
    ]
    assert starts(find(noisy)) == [0.0]


def test_a_fade_in_from_black_is_part_of_its_shot_and_not_its_picture() -> None:
    black = [np.zeros((54, 96, 3), np.uint8)] * 6
    shots = find([*black, *fade(pan(7, 4), up=True), *pan(7, 12)])
    assert starts(shots) == [0.0]
    assert shots[0].pixels.mean() > 60


def test_a_fade_through_black_gives_two_shots() -> None:
    black = [np.zeros((54, 96, 3), np.uint8)] * 3
    pictures = [*pan(8, 12), *fade(pan(8, 3), up=False), *black, *fade(pan(9, 3), up=True)]
    shots = find([*pictures, *pan(9, 12)])
    assert len(shots) == 2
    assert 6.5 <= shots[1].span.start_s <= 8.0
    assert all(shot.pixels.mean() > 60 for shot in shots)


def test_black_throughout_is_one_shot() -> None:
    assert len(find([np.zeros((54, 96, 3), np.uint8)] * 20)) == 1


def test_a_flash_is_no_shot() -> None:
    white = np.full((54, 96, 3), 250, np.uint8)
    assert len(find([*pan(10, 10), white, *pan(10, 10)], rate_hz=4.0)) <= 2


def test_no_video_gives_no_shot() -> None:
    assert list(ShotFinder().finish(3.0)) == []


def test_the_difference_is_a_distance_between_0_and_1() -> None:
    one, other = signature(pan(1, 1)[0]), signature(pan(2, 1)[0])
    assert difference(one, one) == 0
    assert difference(one, other) == pytest.approx(difference(other, one))
    assert 0 < difference(one, other) <= 1
    assert one.sum(axis=1) == pytest.approx(np.ones(4))
    assert signature(np.zeros((1, 1, 3), np.uint8)).shape == one.shape
