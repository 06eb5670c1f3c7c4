"""Clips cut out of files: at key frames, or exactly."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from clipmaker import make_clip, number_of

from whenabouts.errors import InputError, MediaError
from whenabouts.media.audio import read_sound
from whenabouts.media.cut import cut_clip
from whenabouts.media.decode import read_frames
from whenabouts.media.probe import probe
from whenabouts.types import Span


def numbers(path: Path) -> list[tuple[float, int]]:
    video = probe(path).video(path, "x")
    return [
        (round(float(time_s), 3), number_of(picture))
        for frames in read_frames(video)
        for time_s, picture in zip(frames.times_s, frames.pixels, strict=True)
    ]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cut") / "source.mp4"
    return make_clip(path, 60, options={"bf": "2"}, sound_s=6.0)


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_copying_begins_at_the_key_frame_before(source: Path, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"clip{ending}"
    written = cut_clip(source, Span(1.75, 3.0), target)
    got = numbers(target)
    assert got[0] == (0.0, 12)
    assert [number for _, number in got][:18] == list(range(12, 30))
    assert written.start_s == pytest.approx(1.2)
    assert 3.0 <= written.end_s <= 3.5
    assert probe(target).duration_s == pytest.approx(written.length_s, abs=0.25)
    assert probe(target).codec == "h264"


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
@pytest.mark.parametrize("source_ending", [".mp4", ".mkv", ".ts", ".avi"])
def test_exact_cuts_hold_just_the_span(tmp_path: Path, ending: str, source_ending: str) -> None:
    path = make_clip(tmp_path / f"s{source_ending}", 60, fps=25, options={"bf": "2"}, sound_s=2.4)
    target = tmp_path / f"clip{ending}"
    written = cut_clip(path, Span(0.4, 1.2), target, exact=True)
    got = numbers(target)
    assert [number for _, number in got] == list(range(10, 30))
    assert [time_s for time_s, _ in got] == pytest.approx([n / 25 for n in range(20)], abs=0.002)
    assert (written.start_s, written.end_s) == pytest.approx((0.4, 1.2))
    assert sum(map(len, read_sound(target))) / 16000 == pytest.approx(0.8, abs=0.08)


def test_an_exact_cut_between_frames_begins_with_the_frame_shown(
    source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "clip.mp4"
    cut_clip(source, Span(1.05, 1.35), target, exact=True)
    assert numbers(target) == [(0.0, 10), (0.05, 11), (0.15, 12), (0.25, 13)]
    assert probe(target).duration_s == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize("exact", [False, True])
def test_rotation_is_kept(tmp_path: Path, exact: bool) -> None:
    path = make_clip(tmp_path / "turned.mp4", 20, rotate=90)
    target = tmp_path / "clip.mp4"
    cut_clip(path, Span(0, 1), target, exact=exact)
    info = probe(target)
    assert (info.rotation, info.width, info.height) == (90, 64, 96)


def test_an_exact_cut_of_a_long_file_is_exact(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "l.mp4", 900, options={"preset": "ultrafast"}, sound_s=90)
    target = tmp_path / "clip.mp4"
    cut_clip(path, Span(71.3, 72.0), target, exact=True)
    assert [number for _, number in numbers(target)] == list(range(713, 720))
    sound = np.concatenate(list(read_sound(target)))
    assert len(sound) / 16000 == pytest.approx(0.7, abs=0.08)
    assert np.abs(sound[2000:8000]).max() > 0.5


def test_sound_alone_can_be_cut(tmp_path: Path) -> None:
    path = tmp_path / "tone.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=16000, layout="mono")
        for start in range(0, 64000, 1024):
            wave = np.sin(np.arange(start, start + 1024) / 5).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    for exact in (False, True):
        target = tmp_path / f"clip{exact}.mp4"
        cut_clip(path, Span(1, 2), target, exact=exact)
        assert probe(target).kind == "audio"
        assert probe(target).duration_s == pytest.approx(1.0, abs=0.2)


def test_what_cannot_be_cut_is_told_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to cut"):
        cut_clip(source, Span(2, 2), tmp_path / "a.mp4")
    with pytest.raises(InputError, match=r"\.wmv"):
        cut_clip(source, Span(1, 2), tmp_path / "a.wmv")
    with pytest.raises(MediaError, match="nothing readable"):
        cut_clip(source, Span(70, 80), tmp_path / "a.mp4", exact=True)
    assert list(tmp_path.iterdir()) == []
