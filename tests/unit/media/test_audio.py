"""Sound comes as one gapless row of samples from the first shown frame."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from clipmaker import make_clip

from whenabouts.media.audio import read_sound


def joined(path: Path, **options) -> np.ndarray:
    pieces = list(read_sound(path, **options))
    assert all(piece.dtype == np.float32 and piece.ndim == 1 for piece in pieces)
    return np.concatenate(pieces)


def test_sound_is_resampled_and_whole(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 120, sound_s=12.0)
    pieces = list(read_sound(path, 8000))
    assert [len(piece) for piece in pieces[:2]] == [40000, 40000]
    sound = np.concatenate(pieces)
    assert len(sound) / 8000 == pytest.approx(12.0, abs=0.15)
    spectrum = np.abs(np.fft.rfft(sound[8000:16000]))
    assert np.argmax(spectrum) == 440


def test_sound_before_the_first_picture_is_left_out(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mkv", 20, first_pts=10, sound_s=3.0)
    assert len(joined(path)) / 16000 == pytest.approx(2.0, abs=0.15)


def test_a_file_without_sound_gives_nothing(tmp_path: Path) -> None:
    assert list(read_sound(make_clip(tmp_path / "a.mp4", 3))) == []


def test_damaged_sound_keeps_its_place(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 20, sound_s=6.0)
    with av.open(str(path)) as container:
        hurt = [(p.pos, p.size) for p in container.demux(audio=0) if p.size][40:50]
    data = bytearray(path.read_bytes())
    for start, size in hurt:
        data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    sound = joined(path)
    assert len(sound) / 16000 == pytest.approx(6.0, abs=0.2)
    assert np.abs(sound[80000:90000]).max() > 0.5
