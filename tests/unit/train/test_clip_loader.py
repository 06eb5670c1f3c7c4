from itertools import islice

import numpy as np
import pytest
from fakes import film

from whenabouts.data.frame_cache import CacheSettings, FrameCache
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.errors import InputError, MediaError
from whenabouts.models.pixels import PixelSettings
from whenabouts.train.clip_loader import ClipLoader, LoaderSettings, Order
from whenabouts.train.rand_augment import RandAugmentSettings

COLOURS = ("red", "green", "blue", "white", "black")


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    """Five films of one colour, of 1 to 5 seconds; 1 to 3 captions each, mixed up."""
    folder = tmp_path_factory.mktemp("films")
    paths = [film(folder / f"{name}.mp4", [(name, n + 1)]) for n, name in enumerate(COLOURS)]
    owner = np.array([0, 3, 1, 2, 2, 4, 4, 1, 2])
    captions = tuple(f"{COLOURS[video]} {n}" for n, video in enumerate(owner))
    return RetrievalSplit("msvd", "train", tuple(paths), COLOURS, captions, owner)


@pytest.fixture(scope="module")
def loader(split, tmp_path_factory):
    cache = FrameCache(tmp_path_factory.mktemp("cache"), CacheSettings(short_px=16, limit=3))

    def make(part=(0, 1), augment=None, **settings) -> ClipLoader:
        chosen = LoaderSettings(**{"batch": 4, "workers": 0, **settings})
        return ClipLoader(split, cache, PixelSettings(size_px=16), chosen, augment, part)

    return make


def test_an_epoch_takes_every_row_once_and_the_next_in_another_order():
    order = Order(23, 5, 7)
    assert order.steps_per_epoch == 4
    epochs = [np.concatenate([order.rows(4 * e + s) for s in range(4)]) for e in range(2)]
    for rows in epochs:
        assert len(set(rows.tolist())) == 20
    assert epochs[0].tolist() != epochs[1].tolist()
    assert Order(23, 5, 8).rows(0).tolist() != order.rows(0).tolist()
    np.testing.assert_array_equal(Order(23, 5, 7).rows(6), order.rows(6))
    assert (order.epoch(3), order.epoch(4)) == (0, 1)
    with pytest.raises(InputError, match="lower batch"):
        Order(4, 5, 0)


def test_frames_and_captions_belong_together(loader, split):
    seen = set()
    for batch in islice(loader().stream(), 6):
        assert batch.pixels.shape == (4, 3, 16, 16, 3)
        np.testing.assert_array_equal(split.owner[batch.caption], batch.video)
        for b, text in enumerate(batch.captions):
            video = int(batch.video[b])
            assert text == split.captions[batch.caption[b]]
            assert batch.mask[b].sum() == min(3, video + 1)
            assert not batch.pixels[b][~batch.mask[b]].any()
            shown = batch.pixels[b, 0].mean(axis=(0, 1))
            expected = {"red": 0, "green": 1, "blue": 2}.get(split.video_ids[video])
            assert expected is None or shown.argmax() == expected
            seen.add(int(batch.caption[b]))
    assert seen == set(range(9))


@pytest.mark.parametrize("workers", [0, 3])
def test_any_step_is_the_same_wherever_one_begins(loader, workers):
    augment = RandAugmentSettings()
    through = list(islice(loader(augment=augment, workers=workers).stream(), 5))
    resumed = next(loader(augment=augment).stream(4))
    assert resumed.step == through[4].step == 4
    np.testing.assert_array_equal(resumed.pixels, through[4].pixels)
    np.testing.assert_array_equal(resumed.caption, through[4].caption)
    plain = next(loader().stream(4))
    assert not np.array_equal(plain.pixels, resumed.pixels), "augmentation changes something"


def test_the_parts_of_all_processes_are_the_batch_of_one(loader):
    augment = RandAugmentSettings()
    whole = loader(augment=augment).batch(3)
    parts = [loader((rank, 2), augment).batch(3) for rank in range(2)]
    np.testing.assert_array_equal(whole.pixels, np.concatenate([p.pixels for p in parts]))
    assert whole.captions == parts[0].captions + parts[1].captions
    with pytest.raises(InputError, match="multiple of 3"):
        loader((0, 3))


def test_a_video_can_come_once_an_epoch_with_one_of_its_captions(loader, split):
    by_video = loader(each="video", batch=5)
    assert by_video.order.steps_per_epoch == 1
    drawn = [by_video.batch(step).caption for step in range(12)]
    for captions in drawn:
        assert sorted(split.owner[captions].tolist()) == [0, 1, 2, 3, 4]
    assert {int(c) for captions in drawn for c in captions} == set(range(9))


def test_a_video_that_is_gone_is_named(loader, split):
    path = split.videos[0]
    away = path.rename(path.with_suffix(".away"))
    try:
        with pytest.raises(MediaError, match=path.name):
            loader()
    finally:
        away.rename(path)
