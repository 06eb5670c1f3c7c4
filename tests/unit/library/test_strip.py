"""Frames on their way: those alike are left out, batches cross videos, places are kept."""

from pathlib import Path

import numpy as np
import pytest
from fakes import ColourEncoder, picture

from whenabouts.library.alike import CELLS, changed, signatures
from whenabouts.library.batches import Batcher
from whenabouts.library.strip import Strip
from whenabouts.protocols import FrameVectors
from whenabouts.types import Frames, Video

VIDEO = Video("v", Path("v.mp4"), 10.0, 10.0, 64, 48)


def frames(names, first=0.0, step=0.5):
    times_s = first + step * np.arange(len(names))
    return Frames(VIDEO, np.stack([picture([name]) for name in names]), times_s)


@pytest.mark.parametrize("size", [(48, 64), (97, 131), (240, 320), (1080, 1920), (9, 30), (1, 1)])
def test_signatures_are_the_means_of_cells(size):
    random = np.random.default_rng(1)
    low = random.integers(0, 256, (2, CELLS, CELLS, 3), dtype=np.uint8)
    rows, columns = (np.arange(side) * CELLS // side for side in size)
    pixels = low[:, rows][:, :, columns]
    found = signatures(pixels)
    assert found.shape == (2, CELLS, CELLS, 3)
    if min(size) >= CELLS and all(side % CELLS == 0 for side in size):
        assert np.allclose(found, low, atol=0.5)
    assert changed(found[0], found[0]) == 0
    assert (changed(found[0], found[1]) > 0) == bool((pixels[0] != pixels[1]).any())


def test_a_small_thing_that_moves_in_a_still_picture_counts():
    still = np.full((2, 96, 160, 3), 128, np.uint8)
    still[1, 40:46, 80:86] = 255
    assert changed(*signatures(still)) > 6


def test_noise_does_not_count():
    random = np.random.default_rng(2)
    noisy = np.clip(128 + random.normal(0, 6, (2, 192, 320, 3)), 0, 255).astype(np.uint8)
    assert changed(*signatures(noisy)) < 6


def test_alike_frames_extend_the_one_before():
    strip = Strip(16, alike_grey=6.0)
    pixels, places = strip.take(frames(["red", "red", "blue"]))
    assert (len(pixels), places) == (2, [0, 1])
    pixels, places = strip.take(frames(["blue", "blue", "red"], first=1.5))
    assert (len(pixels), places) == (1, [2])
    strip.put(
        [2, 0], FrameVectors(np.eye(16, dtype=np.float32)[:2], np.arange(2, dtype=np.float32))
    )
    strip.put([1], FrameVectors(np.eye(16, dtype=np.float32)[2:3], np.zeros(1, np.float32)))
    rows = strip.rows(3.1)
    assert rows.times_s.tolist() == [0.0, 1.0, 2.5]
    assert rows.ends_s.tolist() == [1.0, 2.5, 3.1]
    assert rows.vectors.argmax(axis=1).tolist() == [1, 2, 0]
    assert strip.waiting == 0


def test_a_strip_without_frames_is_empty():
    assert Strip(16, 6.0).rows(5.0).vectors.shape == (0, 16)


def test_batches_cross_videos_and_sizes_and_give_each_its_own_vectors():
    seen: list[int] = []

    class Watched(ColourEncoder):
        def encode_frames(self, pixels):
            seen.append(len(pixels))
            return super().encode_frames(pixels)

    encoder = Watched()
    batcher = Batcher(encoder, batch=4, most_bytes=1 << 20)
    names = ["red", "green", "blue", "yellow", "cyan", "pink", "white"]
    strips = []
    for number, count in enumerate((3, 2, 6)):
        strip = Strip(16, alike_grey=0)
        wanted = names[:count]
        size = (48, 64) if number != 1 else (24, 32)
        pixels = np.stack([picture([name], *size) for name in wanted])
        taken, places = strip.take(Frames(VIDEO, pixels, np.arange(count, dtype=float)))
        batcher.add(strip, taken, places)
        strips.append((strip, wanted))
    batcher.flush()
    assert sorted(seen) == [1, 2, 4, 4]
    for strip, wanted in strips:
        alone = encoder.encode_frames(np.stack([picture([name]) for name in wanted]))
        assert strip.waiting == 0
        assert np.allclose(strip.rows(9.0).vectors, alone.vectors, atol=1e-3)


def test_waiting_frames_are_bounded():
    encoder = ColourEncoder()
    batcher = Batcher(encoder, batch=1000, most_bytes=48 * 64 * 3 * 4)
    strip = Strip(16, alike_grey=0)
    for first in range(10):
        batcher.add(strip, *strip.take(frames(["red"], first=float(first))))
    assert encoder.frames_seen >= 5
