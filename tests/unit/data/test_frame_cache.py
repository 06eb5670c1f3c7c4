import os
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from whenabouts.data.clip import ClipSettings, decode_clip
from whenabouts.data.frame_cache import CacheSettings, FrameCache
from whenabouts.data.retrieval import RetrievalSplit
from whenabouts.errors import DataError, MediaError
from whenabouts.media.shown import shown
from whenabouts.media.write import write_video
from whenabouts.models.pixels import PixelSettings, fit
from whenabouts.models.positions import stride_positions

FPS = 10


def numbered(path, count=60, size=(48, 64)):
    """A film whose frame n is a grey of 4 n."""
    frames = (np.full((*size, 3), 4 * n, np.uint8) for n in range(count))
    write_video(path, frames, FPS, crf=1)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return numbered(tmp_path_factory.mktemp("film") / "numbered.mp4")


def numbers(pixels) -> list[int]:
    return [round(float(picture.mean()) / 4) for picture in pixels]


def test_frames_are_those_that_published_systems_count(film, tmp_path):
    assert len(shown(film).times_s) == 60
    for span, limit in ((None, 12), (None, 4), ((1, 4), 12), ((0, 31), 3)):
        cache = FrameCache(tmp_path, CacheSettings(limit=limit, rate_hz=2))
        start_s, end_s = span or (None, None)
        expected = stride_positions(FPS, 60, rate_hz=2, limit=limit, start_s=start_s, end_s=end_s)
        pixels, mask = cache.frames(film, span)
        assert pixels.shape == (limit, 48, 64, 3)
        assert numbers(pixels[mask]) == expected
        assert mask.sum() == len(expected)
        assert not pixels[~mask].any()


def test_the_way_of_whole_seconds(film):
    settings = ClipSettings(way="second", cut="head", limit=3)
    assert numbers(decode_clip(film, None, settings).pixels) == [0, 10, 20]


def test_a_video_is_decoded_once_and_read_back_alike(film, tmp_path, monkeypatch):
    settings = CacheSettings(short_px=24)
    first = FrameCache(tmp_path, settings).clip(film)
    assert first.pixels.shape == (6, 24, 32, 3)
    monkeypatch.setattr("whenabouts.data.frame_cache.decode_clip", lambda *_: pytest.fail("again"))
    again = FrameCache(tmp_path, settings).clip(film)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.times_s, again.times_s)


def test_png_keeps_every_bit(film, tmp_path):
    settings = CacheSettings(picture="png", short_px=24)
    np.testing.assert_array_equal(
        FrameCache(tmp_path, settings).clip(film).pixels, decode_clip(film, None, settings).pixels
    )


def test_kept_frames_become_the_very_input_that_native_frames_become(tmp_path):
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (3, 90, 154, 3), np.uint8)
    write_video(tmp_path / "noise.mp4", iter(noise), 1)
    film, pixels = tmp_path / "noise.mp4", PixelSettings(size_px=32)
    native = decode_clip(film, None, ClipSettings(short_px=1000)).pixels
    assert native.shape == (3, 90, 154, 3)
    for picture, most in (("png", 0.0), ("jpeg", 8.0)):  # noise is the worst case
        settings = CacheSettings(picture=picture, short_px=32)
        kept = FrameCache(tmp_path / "cache", settings).clip(film).pixels
        assert kept.shape == (3, 32, 54, 3)
        for mine, theirs in zip(kept, native, strict=True):
            mine, theirs = (
                np.asarray(fit(Image.fromarray(p), pixels), int) for p in (mine, theirs)
            )
            assert np.abs(mine - theirs).mean() <= most


def test_other_rules_and_a_changed_film_are_other_entries(film, tmp_path):
    cache = FrameCache(tmp_path, CacheSettings())
    entries = {
        cache.entry(film),
        cache.entry(film, (0, 3)),
        FrameCache(tmp_path, CacheSettings(quality=50)).entry(film),
        FrameCache(tmp_path, CacheSettings(limit=5)).entry(film),
    }
    assert len(entries) == 4
    roomier = FrameCache(tmp_path, CacheSettings(limit_gb=1))
    assert roomier.entry(film) == cache.entry(film), "room has nothing to do with frames"
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(film.read_bytes())
    assert cache.entry(copy) == cache.entry(film), "the content counts, not the name"
    numbered(copy, 30)
    assert cache.entry(copy) != cache.entry(film)


def test_filling_goes_on_where_it_was_cut_off_and_mends_half_files(tmp_path):
    films = [numbered(tmp_path / f"{n}.mp4", 10 + n) for n in range(4)]
    cache = FrameCache(tmp_path / "cache", CacheSettings())
    assert (cache.fill(films[:2]).made, cache.fill(films).made) == (2, 2)
    entry = cache.entry(films[0])
    entry.write_bytes(entry.read_bytes()[:-100])
    stale = entry.with_suffix(".part")
    stale.write_bytes(b"half")
    os.utime(stale, (0, 0))
    told = []
    filled = FrameCache(tmp_path / "cache", CacheSettings()).fill(
        films, tell=lambda done, total, name: told.append((done, total))
    )
    assert (filled.made, filled.found) == (1, 3)
    assert told == [(n, 4) for n in range(1, 5)]
    assert not stale.exists()


def test_processes_fill_one_folder_together_and_one_of_them_may_be_killed(tmp_path):
    films = [numbered(tmp_path / f"{n:02}.mp4", 30 + n) for n in range(12)]
    code = f"""
from pathlib import Path
from whenabouts.data.frame_cache import CacheSettings, FrameCache
films = sorted(Path({str(tmp_path)!r}).glob("*.mp4"))
tell = lambda done, total, name: print(done, flush=True)
FrameCache(Path({str(tmp_path / "cache")!r}), CacheSettings()).fill(films, tell=tell)
"""
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)
    ]
    assert started[0].stdout.readline(), "the first film is done"
    started[0].kill()
    for process in started:
        process.communicate(timeout=120)
    assert [process.returncode for process in started[1:]] == [0, 0]
    cache = FrameCache(tmp_path / "cache", CacheSettings())
    assert cache.fill(films).found == 12
    for count, film in enumerate(films, 30):
        assert numbers(cache.clip(film).pixels) == stride_positions(FPS, count, rate_hz=1, limit=12)


def test_a_video_without_frames_is_refused_or_skipped_with_its_name(film, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all" * 50)
    gone = tmp_path / "gone.mp4"
    owner = np.array([0, 1, 1, 2])
    split = RetrievalSplit(
        "msvd", "train", (film, broken, gone), tuple("abc"), tuple("wxyz"), owner
    )
    with pytest.raises(DataError, match=r"2 of 3 videos .*'broken.mp4'.*gone.mp4.*empty=skip"):
        FrameCache(tmp_path / "cache", CacheSettings()).fill_split(split)
    left = FrameCache(tmp_path / "cache", CacheSettings(empty="skip")).fill_split(split)
    assert (left.video_ids, left.captions) == (("a",), ("w",))
    assert left.owner.tolist() == [0]
    assert any("2 videos without frames are skipped" in note for note in left.notes)
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        FrameCache(tmp_path / "cache", CacheSettings()).frames(broken)
    with pytest.raises(MediaError, match=r"no frames from 20 to 25 s \(60 in all\)"):
        FrameCache(tmp_path / "cache", CacheSettings()).frames(film, (20, 25))


def test_damage_is_told_each_time(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, 48, 64, 3), np.uint8)
    hurt = tmp_path / "hurt.mp4"
    write_video(hurt, iter(noise), FPS)
    data = bytearray(hurt.read_bytes())
    half = len(data) // 2
    data[half : half + 4000] = b"\xff" * 4000
    hurt.write_bytes(data)
    for _ in range(2):
        filled = FrameCache(tmp_path / "cache", CacheSettings(rate_hz=10, limit=60)).fill([hurt])
        assert [name for name, _ in filled.damaged] == ["hurt.mp4"]


def test_the_folder_stays_within_its_bound(tmp_path):
    films = [numbered(tmp_path / f"{n}.mp4", 20 + n) for n in range(3)]
    old = FrameCache(tmp_path / "cache", CacheSettings(quality=40))
    old.fill(films)
    for film in films:
        os.utime(old.entry(film), (time.time() - 99, time.time() - 99))
    size = sum(old.entry(film).stat().st_size for film in films)
    limit_gb = 1.7 * size / 1e9
    new = FrameCache(tmp_path / "cache", CacheSettings(quality=41, limit_gb=limit_gb))
    new.frames(films[0])
    filled = new.fill(films)
    assert filled.removed > 0
    assert all(new.entry(film).exists() for film in films)
    held = sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*.clip"))
    assert held <= limit_gb * 1e9
    small = FrameCache(tmp_path / "cache", CacheSettings(quality=42, limit_gb=0.4 * size / 1e9))
    with pytest.raises(DataError, match="the frames need about"):
        small.fill(films)
