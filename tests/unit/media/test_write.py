"""Writing videos."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clipmaker import draw, number_of

from whenabouts.errors import InputError, MediaError
from whenabouts.media.decode import read_frames
from whenabouts.media.probe import probe
from whenabouts.media.write import write_video


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_what_is_written_is_read_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    write_video(path, map(draw, range(30)), Fraction(30000, 1001), tags={"title": "Ein Test"})
    info = probe(path)
    assert (info.width, info.height, info.kind) == (96, 64, "video")
    assert info.tags == {"title": "Ein Test"}
    assert info.duration_s == pytest.approx(30 * 1001 / 30000, abs=0.002)
    frames = [f for chunk in read_frames(info.video(path, "x")) for f in chunk.pixels]
    assert [number_of(frame) for frame in frames] == list(range(30))
    assert np.abs(frames[7].astype(int) - draw(7)).mean() < 4
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, map(draw, range(12)), 12)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_odd_sizes_gain_one_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    write_video(path, [draw(1, 97, 61)] * 3, 10)
    assert (probe(path).width, probe(path).height) == (98, 62)


def test_mistakes_are_told_and_leave_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(InputError, match="no frames"):
        write_video(path, [], 10)
    with pytest.raises(InputError, match="one size"):
        write_video(path, [draw(0), draw(1, 48, 32)], 10)
    with pytest.raises(InputError, match="fps"):
        write_video(path, [draw(0)], 0)
    with pytest.raises(InputError, match="crf"):
        write_video(path, [draw(0)], 10, crf=99)
    with pytest.raises(InputError, match=r"\.gif"):
        write_video(tmp_path / "a.gif", [draw(0)], 10)
    with pytest.raises(MediaError, match="check the disk"):
        write_video(tmp_path / "none" / "a.mp4", [draw(0)], 10)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_frames_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, [draw(0)], 10)
    old = path.read_bytes()

    def broken():
        yield draw(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_video(path, broken(), 10)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
