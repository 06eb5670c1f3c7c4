"""Frames are exact: each clip carries its frame number as a barcode."""

from __future__ import annotations

import itertools
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clipmaker import draw, make_clip, number_of
from PIL import Image

from whenabouts.errors import InputError, MediaError
from whenabouts.media.ahead import ahead
from whenabouts.media.decode import Damage, read_frames
from whenabouts.media.picture import HLG, PQ, to_sdr
from whenabouts.media.probe import probe
from whenabouts.media.shown import shown
from whenabouts.types import Video


def opened(path: Path) -> Video:
    return probe(path).video(path, "x")


def read(video: Video, **options) -> list[tuple[float, int]]:
    """Time and number of each frame that comes."""
    return [
        (float(time_s), number_of(picture))
        for frames in read_frames(video, **options)
        for time_s, picture in zip(frames.times_s, frames.pixels, strict=True)
    ]


def shown_at(starts: list[float], time_s: float) -> int:
    """Number of the frame shown at a time, by its definition."""
    return max(n for n, start in enumerate(starts) if start <= time_s + 1e-6)


H264 = {"preset": "veryfast"}
CASES = {
    "b_frames": {"options": {"preset": "medium", "bf": "3"}},
    "open_gop": {"options": {"preset": "medium", "x264-params": "open-gop=1:bframes=3"}},
    "one_gop": {"gop": 1000},
    "intra": {"gop": 1},
    "mpeg4": {"codec": "mpeg4", "options": {"bf": "2"}},
    "mpeg2_ts": {"codec": "mpeg2video", "ending": ".ts", "fps": 25, "options": {"bf": "2"}},
    "h264_ts": {"ending": ".ts", "first_pts": 53},
    "offset_mkv": {"ending": ".mkv", "first_pts": 37},
    "vp9": {"codec": "libvpx-vp9", "ending": ".webm", "options": {"cpu-used": "8"}},
    "av1": {"codec": "libsvtav1", "ending": ".mkv", "options": {"preset": "12"}},
    "hevc": {"codec": "libx265", "options": {"x265-params": "log-level=none:bframes=3"}},
    "hevc_10_bit": {
        "codec": "libx265",
        "pix_fmt": "yuv420p10le",
        "options": {"x265-params": "log-level=none"},
    },
    "h264_444_odd": {"pix_fmt": "yuv444p", "size": (97, 61)},
    "ntsc": {"fps": Fraction(30000, 1001)},
    "mjpeg_avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "ending": ".avi"},
    "h264_avi": {"ending": ".avi", "options": {"bf": "2"}},
    "raw_h264": {"ending": ".h264", "fps": 25},
}


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[float]]]:
    """A clip of 40 frames for each case, and the starts of its frames in seconds."""
    folder = tmp_path_factory.mktemp("clips")
    made: dict[str, tuple[Path, list[float]]] = {}
    for name, case in CASES.items():
        options = {"options": H264, **case}
        path = folder / f"{name}{options.pop('ending', '.mp4')}"
        make_clip(path, **options)
        rate = Fraction(options.get("fps", 10))
        made[name] = path, [float(n / rate) for n in range(40)]
    uneven = [n * n // 8 + 2 * n for n in range(40)]
    path = make_clip(folder / "vfr.mp4", pts=uneven, fps=30, options={"bf": "2"})
    made["vfr"] = path, [pts / 30 for pts in uneven]
    return made


EVERY_CASE = [*CASES, "vfr"]


@pytest.mark.parametrize("name", EVERY_CASE)
def test_every_frame_comes_once_with_its_time(clips, name: str) -> None:
    path, starts = clips[name]
    got = read(opened(path))
    assert [number for _, number in got] == list(range(40))
    assert [time_s for time_s, _ in got] == pytest.approx(starts, abs=1e-3)


@pytest.mark.parametrize("name", EVERY_CASE)
def test_packets_alone_tell_when_frames_are_shown(clips, name: str) -> None:
    path, starts = clips[name]
    found = shown(path)
    assert found.times_s == pytest.approx(np.array(starts), abs=1e-3)
    chosen = [3, 17, 18, 39]
    got = read(opened(path), times_s=found.times_s[chosen].tolist())
    assert [number for _, number in got] == chosen


@pytest.mark.parametrize("rate_hz", [0.7, 1.0, 3.0, 7.9])
@pytest.mark.parametrize("name", EVERY_CASE)
def test_the_frame_shown_at_each_tick_of_a_rate(clips, name: str, rate_hz: float) -> None:
    video = opened(clips[name][0])
    starts = [time_s for time_s, _ in read(video)]
    end_s = starts[-1] + 1 / (30 if name == "vfr" else video.fps) - 0.0005
    times = itertools.takewhile(lambda t: t < end_s, (k / rate_hz for k in range(99999)))
    wanted = sorted({shown_at(starts, t) for t in times})
    assert [number for _, number in read(video, rate_hz=rate_hz)] == wanted


@pytest.mark.parametrize("name", EVERY_CASE)
def test_given_times_get_one_frame_each(clips, name: str) -> None:
    video = opened(clips[name][0])
    starts = [time_s for time_s, _ in read(video)]
    end_s = starts[-1]
    times_s = [0.0, 0.0, end_s * 0.31, end_s * 0.32, end_s * 0.5, end_s * 0.93, end_s, end_s + 99]
    wanted = [shown_at(starts, t) for t in times_s]
    assert [number for _, number in read(video, times_s=times_s)] == wanted


@pytest.mark.parametrize("name", EVERY_CASE)
def test_key_frames_are_real_frames_with_their_times(clips, name: str) -> None:
    path, starts = clips[name]
    got = read(opened(path), keyframes_only=True)
    assert got[0][1] == 0
    assert len(got) < 40 or name in {"intra", "mjpeg_avi"}
    assert [time_s for time_s, _ in got] == pytest.approx([starts[n] for _, n in got], abs=1e-3)
    thinned = read(opened(path), keyframes_only=True, rate_hz=1.0)
    assert set(thinned) <= set(got)
    assert all(b - a > 0.998 for (a, _), (b, _) in itertools.pairwise(thinned))


@pytest.mark.parametrize("name", EVERY_CASE)
def test_duration_and_rate_are_those_of_the_frames(clips, name: str) -> None:
    path, starts = clips[name]
    info = probe(path)
    step_s = starts[1] - starts[0] if name != "vfr" else 1 / 30
    assert info.duration_s == pytest.approx(starts[-1] + step_s, abs=step_s * 0.6)
    assert info.fps == pytest.approx(40 / info.duration_s, rel=0.1)


def test_times_are_exact_to_the_rounding_of_floats(clips) -> None:
    path, starts = clips["ntsc"]
    assert [time_s for time_s, _ in read(opened(path))] == pytest.approx(starts, abs=1e-12)


def test_an_edit_list_hides_the_beginning(tmp_path: Path, clips) -> None:
    path = make_clip(tmp_path / "edited.mp4", pts=list(range(-5, 35)), options={"bf": "2"})
    with av.open(str(path)) as container:
        assert any(packet.is_discard for packet in container.demux(video=0))
    got = read(opened(path))
    assert [number for _, number in got] == list(range(5, 40))
    assert got[0][0] == 0.0
    assert read(opened(path), rate_hz=2.0)[:3] == [(0.0, 5), (0.5, 10), (1.0, 15)]


def test_odd_sizes_keep_their_size(clips) -> None:
    video = opened(clips["h264_444_odd"][0])
    assert (video.width, video.height) == (97, 61)
    assert next(read_frames(video)).pixels.shape[1:] == (61, 97, 3)


@pytest.mark.parametrize(("side", "size"), [(32, (32, 48)), (64, (64, 96)), (500, (64, 96))])
def test_frames_are_scaled_down_and_never_up(clips, side: int, size: tuple[int, int]) -> None:
    frames = next(read_frames(opened(clips["ntsc"][0]), short_side_px=side))
    assert frames.pixels.shape[1:3] == size


@pytest.mark.parametrize("side", [32, 200])
def test_frames_become_squares_of_any_size(clips, tmp_path: Path, side: int) -> None:
    turned = make_clip(tmp_path / "turned.mp4", 3, rotate=90)
    for video in (opened(clips["ntsc"][0]), opened(turned)):
        whole, square = next(read_frames(video)), next(read_frames(video, square_px=side))
        assert square.pixels.shape[1:] == (side, side, 3)
        assert np.array_equal(square.times_s, whole.times_s)
        for one, other in zip(square.pixels, whole.pixels, strict=True):
            big = Image.fromarray(other).resize((side, side), Image.Resampling.BICUBIC)
            assert np.abs(one.astype(int) - np.asarray(big)).mean() < 6


def test_oblong_pixels_are_shown_square(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "wide.mp4", 3, aspect=Fraction(4, 3))
    info = probe(path)
    assert (info.width, info.height) == (128, 64)
    for side, size in ((None, (64, 128)), (32, (32, 64))):
        frames = next(read_frames(info.video(path, "x"), short_side_px=side))
        assert frames.pixels.shape[1:3] == size
        assert number_of(frames.pixels[2]) == 2


@pytest.mark.parametrize("angle", [90, 180, -90])
def test_rotated_clips_come_upright(tmp_path: Path, angle: int) -> None:
    path = make_clip(tmp_path / "turned.mp4", 3, rotate=angle)
    info = probe(path)
    picture = next(read_frames(info.video(path, "x"))).pixels[0]
    assert picture.shape[:2] == ((64, 96) if angle == 180 else (96, 64))
    assert (info.height, info.width) == picture.shape[:2]
    upright = np.rot90(draw(0), angle // 90 % 4).astype(int)
    assert np.abs(upright - picture).mean() < 6


@pytest.mark.parametrize(
    ("transfer", "code", "name"), [(16, 0.58, "smpte2084"), (18, 0.75, "arib-std-b67")]
)
def test_white_paper_in_hdr_becomes_near_white(
    tmp_path: Path, transfer: int, code: float, name: str
) -> None:
    params = f"log-level=none:colorprim=bt2020:transfer={name}:colormatrix=bt2020nc"
    path = make_clip(
        tmp_path / "hdr.ts",
        2,
        codec="libx265",
        pix_fmt="yuv420p10le",
        color=(9, transfer),
        options={"x265-params": params},
        pictures=[np.full((64, 96, 3), round(code * 255), np.uint8)] * 2,
    )
    info = probe(path)
    assert info.hdr
    picture = next(read_frames(info.video(path, "x"))).pixels[0]
    assert 210 < picture.min() <= picture.max() < 240


def test_tone_mapping_is_monotone_and_keeps_black_and_peak() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :, None].repeat(3, axis=2)
    for transfer in (PQ, HLG):
        mapped = to_sdr(ramp, transfer)[0, :, 0].astype(int)
        assert (np.diff(mapped) >= 0).all()
        assert (mapped[0], mapped[-1]) == (0, 255)


def test_chunks_are_bounded_and_change_with_the_size(clips) -> None:
    sizes = [len(frames) for frames in read_frames(opened(clips["ntsc"][0]), chunk=16)]
    assert sizes == [16, 16, 8]


def test_a_cut_off_file_gives_what_is_there(tmp_path: Path, clips) -> None:
    whole = clips["offset_mkv"][0].read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) // 2])
    info = probe(path)
    damage = Damage()
    got = read(info.video(path, "x"), damage=damage)
    assert 10 < len(got) < 35
    assert [number for _, number in got] == list(range(len(got)))
    assert info.duration_s == pytest.approx(len(got) / 10, abs=0.3)
    assert any("claims 4.0 s" in note for note in info.notes)


def test_a_cut_off_mp4_with_its_index_in_front(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", container_options={"movflags": "+faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    info, damage = probe(path), Damage()
    got = read(info.video(path, "x"), damage=damage)
    assert 10 < len(got) < 38
    assert info.duration_s == pytest.approx(len(got) / 10, abs=0.3)
    assert damage.stopped


@pytest.mark.parametrize("rate_hz", [None, 2.0])
def test_damage_in_the_middle_costs_only_the_middle(tmp_path: Path, rate_hz: float | None) -> None:
    path = make_clip(tmp_path / "hurt.mp4", 120, options={"bf": "2"})
    with av.open(str(path)) as container:
        hurt = [(p.pos, p.size) for p in container.demux(video=0) if p.size][40:46]
    data = bytearray(path.read_bytes())
    for start, size in hurt:
        data[start : start + size] = bytes(b ^ 0xA5 for b in data[start : start + size])
    path.write_bytes(data)
    damage = Damage()
    got = read(opened(path), rate_hz=rate_hz, damage=damage)
    numbers = [number for _, number in got]
    assert damage.bad_packets >= 1
    assert 3.0 < (damage.first_bad_s or 0) < 5.0
    step = 1 if rate_hz is None else 5
    expected = [n for n in range(0, 120, step) if n < 36 or n >= 60]
    assert set(expected) <= set(numbers)
    assert len(damage.readable) == 2
    assert damage.readable[0].start_s == 0
    assert damage.readable[1].end_s == pytest.approx(12.0)


def test_frames_that_the_decoder_patches_up_are_given_and_told(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "flipped.mp4", 120, options={"bf": "2"})
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size][40:60]
    data, rng = bytearray(path.read_bytes()), np.random.default_rng(1)
    for start, size in packets:
        data[start + int(rng.integers(min(12, size - 1), size))] ^= 16
    path.write_bytes(data)
    damage = Damage()
    assert len(read(opened(path), damage=damage)) == 120
    assert damage
    assert 3.0 < (damage.first_bad_s or 0) < 7.0


def test_a_sound_file_has_no_damage(clips) -> None:
    for name in EVERY_CASE:
        for options in ({}, {"rate_hz": 1.0}, {"keyframes_only": True}):
            damage = Damage()
            read(opened(clips[name][0]), damage=damage, **options)
            assert not damage, name
            assert len(damage.readable) == 1


def test_the_time_limit_stops_reading(clips) -> None:
    damage = Damage()
    got = read(opened(clips["one_gop"][0]), deadline_s=0.0, damage=damage)
    assert got == []
    assert "time limit" in damage.stopped


def test_reading_a_long_time_apart_is_exact(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "long.mp4", 1500, gop=10, options={"preset": "ultrafast"})
    times_s = [3.0, 71.25, 71.5, 149.0]
    got = read(opened(path), times_s=times_s)
    assert [number for _, number in got] == [30, 712, 715, 1490]


@pytest.mark.parametrize(
    "options",
    [
        {"rate_hz": 0},
        {"rate_hz": 1.0, "times_s": [1]},
        {"short_side_px": 0},
        {"chunk": 0},
        {"square_px": 0},
        {"square_px": 8, "short_side_px": 8},
    ],
)
def test_wrong_options_are_told(clips, options: dict) -> None:
    with pytest.raises(InputError):
        next(read_frames(opened(clips["vfr"][0]), **options))


def test_a_file_that_cannot_be_opened_raises(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("no video at all\n" * 50)
    with pytest.raises(MediaError, match=r"text\.mp4"):
        next(read_frames(Video("x", path, 1, 1, 1, 1)))


def test_ahead_keeps_order_and_overlaps() -> None:
    def slow():
        for number in range(5):
            time.sleep(0.03)
            yield number

    begun = time.monotonic()
    got = []
    for number in ahead(slow(), depth=2):
        time.sleep(0.03)
        got.append(number)
    assert got == [0, 1, 2, 3, 4]
    assert time.monotonic() - begun < 0.27


def test_ahead_passes_errors_on_and_stops_its_thread() -> None:
    closed = threading.Event()

    def failing():
        try:
            yield 1
            raise ValueError("broken")
        finally:
            closed.set()

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)
    assert closed.is_set()

    closed.clear()
    endless = ahead(itertools.chain(failing_forever(closed)))
    assert next(endless) == 0
    endless.close()
    assert threading.active_count() == 1 or not any(
        thread.name == "ahead" for thread in threading.enumerate()
    )


def failing_forever(closed: threading.Event):
    try:
        yield from itertools.count()
    finally:
        closed.set()
