"""What a file is said to be, whatever it claims."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from clipmaker import draw, make_clip, number_of
from PIL import Image

from whenabouts.errors import MediaError
from whenabouts.media.decode import Damage, read_frames
from whenabouts.media.probe import content_id, probe

REAL = Path("../shared/videos")


def numbers(path: Path, **options) -> list[int]:
    video = probe(path).video(path, "x")
    return [number_of(p) for frames in read_frames(video, **options) for p in frames.pixels]


def test_a_plain_clip(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 30, sound_s=3.0)
    info = probe(path)
    assert (info.kind, info.codec, info.width, info.height) == ("video", "h264", 96, 64)
    assert info.fps == 10
    assert info.duration_s == pytest.approx(3.0, abs=0.1)
    assert info.has_audio
    assert not info.hdr
    assert not info.interlaced
    assert info.notes == ()
    video = info.video(path, "id")
    assert (video.id, video.path, video.width) == ("id", path, 96)


def real_table() -> list[tuple[Path, float, float, str]]:
    """File, seconds, frames a second and size from the table beside the real clips."""
    if not (REAL / "README.md").exists():
        return []
    rows = [line.split("|")[1:-1] for line in (REAL / "README.md").read_text().splitlines()]
    cells = [[cell.strip() for cell in row] for row in rows if len(row) >= 5]
    return [
        (REAL / row[0], float(row[1]), float(row[2]), row[4])
        for row in cells
        if row[0].endswith(".mp4")
    ]


@pytest.mark.skipif(not real_table(), reason="the real clips are not here")
def test_durations_of_real_clips_agree_within_a_frame() -> None:
    for path, seconds, fps, size in real_table():
        info = probe(path)
        assert info.duration_s == pytest.approx(seconds, abs=1 / fps), path.name
        assert f"{info.width}x{info.height}" == size


def test_pictures_that_are_no_video(tmp_path: Path) -> None:
    for ending in (".png", ".jpg", ".webp", ".bmp", ".tif", ".gif"):
        path = tmp_path / f"still{ending}"
        Image.fromarray(draw(77)).save(path)
        info = probe(path)
        assert info.kind == "image", ending
        assert (info.width, info.height, info.fps) == (96, 64, 0)
        assert 0 < info.duration_s <= 0.1
        assert numbers(path) == [77]
        assert numbers(path, rate_hz=1.0) == [77]
        assert numbers(path, times_s=[0.0, 5.0]) == [77, 77]
        assert numbers(path, keyframes_only=True) == [77]
        assert numbers(path, short_side_px=32) == [77]


@pytest.mark.parametrize(("turn", "quarters"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_photos_come_upright_as_exif_says(tmp_path: Path, turn: int, quarters: int) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = turn
    exif[0x0132] = "2021:05:06 07:08:09"
    lying = np.ascontiguousarray(np.rot90(draw(5), -quarters))
    Image.fromarray(lying).save(path, exif=exif, quality=95)
    info = probe(path)
    assert (info.width, info.height) == (96, 64)
    assert info.created_s is not None
    picture = next(read_frames(info.video(path, "x"))).pixels[0]
    assert number_of(picture) == 5
    assert np.abs(picture.astype(int) - draw(5)).mean() < 6


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_animations(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"moving{ending}"
    first, *rest = [Image.fromarray(draw(n)) for n in (0, 7, 4000, 33)]
    first.save(
        path, save_all=True, append_images=rest, duration=[100, 200, 500, 200], lossless=True
    )
    info = probe(path)
    assert info.kind == "animation"
    assert info.duration_s == pytest.approx(1.0, abs=0.11)
    video = info.video(path, "x")
    times = np.concatenate([frames.times_s for frames in read_frames(video)])
    assert times == pytest.approx([0, 0.1, 0.3, 0.8], abs=0.02)
    assert numbers(path) == [0, 7, 4000, 33]
    assert numbers(path, times_s=[0.05, 0.15, 0.75]) == [0, 7, 4000]
    assert numbers(path, rate_hz=2.0) == [0, 4000]


def test_sound_alone(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    info = probe(path)
    assert (info.kind, info.width, info.fps, info.has_audio) == ("audio", 0, 0, True)
    assert info.duration_s == pytest.approx(2.0, abs=0.01)
    assert list(read_frames(info.video(path, "x"))) == []


def test_one_frame_and_tiny_frames(tmp_path: Path) -> None:
    one = make_clip(tmp_path / "one.mp4", 1)
    assert probe(one).duration_s == pytest.approx(0.1, abs=0.01)
    assert numbers(one, rate_hz=1.0) == [0]
    tiny = make_clip(tmp_path / "tiny.mkv", 3, codec="ffv1", size=(1, 1), pix_fmt="yuv444p")
    assert (probe(tiny).width, probe(tiny).height) == (1, 1)
    assert next(read_frames(probe(tiny).video(tiny, "x"))).pixels.shape == (3, 1, 1, 3)


def test_interlaced_frames_do_not_mix_two_moments(tmp_path: Path) -> None:
    """Even lines show black, odd ones white: one moment each, so that grey would be a mixture."""
    woven = np.zeros((64, 96, 3), np.uint8)
    woven[1::2] = 255
    path = make_clip(
        tmp_path / "woven.mkv",
        4,
        codec="mpeg2video",
        fps=25,
        options={"flags": "+ildct+ilme", "b": "8000000", "field_order": "tt"},
        pictures=[woven] * 4,
    )
    info = probe(path)
    assert info.interlaced
    picture = next(read_frames(info.video(path, "x"), short_side_px=32)).pixels[0]
    assert picture.mean() < 30


def test_joined_transport_streams_run_on(tmp_path: Path) -> None:
    parts = [
        make_clip(
            tmp_path / f"{n}.ts", 40, numbers=list(range(40 * n, 40 * n + 40)), first_pts=9000
        )
        for n in range(3)
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert probe(path).duration_s == pytest.approx(12.0, abs=0.3)
    assert numbers(path) == list(range(120))
    assert numbers(path, rate_hz=1.0)[:-1] == pytest.approx(list(range(0, 110, 10)), abs=1)


def test_a_stream_that_begins_between_key_frames(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "whole.ts", 60, gop=15, options={"bf": "2"})
    with av.open(str(path)) as container:
        second = [p.pos for p in container.demux(video=0) if p.size][4]
    data = path.read_bytes()
    path.write_bytes(data[:376] + data[second // 188 * 188 :])
    damage = Damage()
    video = probe(path).video(path, "x")
    got = [
        (t, number_of(p))
        for f in read_frames(video, damage=damage)
        for t, p in zip(f.times_s, f.pixels, strict=True)
    ]
    assert got[0][0] == pytest.approx(0.0)
    assert [n for _, n in got][-40:] == list(range(20, 60))
    ones = [n for n in numbers(path, rate_hz=1.0)]
    assert np.diff(ones) == pytest.approx([10] * (len(ones) - 1), abs=1)


def test_periodic_refresh_without_true_key_frames(tmp_path: Path) -> None:
    path = make_clip(
        tmp_path / "refresh.ts", 60, gop=12, options={"x264-params": "intra-refresh=1:keyint=12"}
    )
    everything = numbers(path)
    assert everything == list(range(60))
    assert numbers(path, rate_hz=2.0) == list(range(0, 60, 5))


def test_covers_are_not_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as out:
        sound = out.add_stream("libmp3lame", rate=16000, layout="mono")
        cover = out.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 96, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(draw(3), format="rgb24").reformat(format="yuvj420p")
        out.mux(cover.encode(picture))
        for start in range(0, 32000, 1152):
            wave = np.sin(np.arange(start, start + 1152) / 5).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, start
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    info = probe(path)
    assert info.kind == "audio"
    assert info.duration_s == pytest.approx(2.0, abs=0.2)


def test_tags_and_time_of_recording(tmp_path: Path) -> None:
    path = tmp_path / "t.mp4"
    with av.open(str(path), "w") as out:
        out.metadata.update({"title": "Ferien\n", "creation_time": "2022-03-04T05:06:07Z"})
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(draw(0)).reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    info = probe(path)
    assert info.tags is not None
    assert info.tags["title"] == "Ferien"
    assert info.created_s == 1646370367.0


def test_an_endless_claim_is_not_believed(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mkv", 30)
    data = bytearray(path.read_bytes())
    place = data.find(b"\x44\x89\x88") + 3
    assert place > 3
    data[place : place + 8] = np.array([9.9e11], ">f8").tobytes()
    path.write_bytes(data)
    info = probe(path)
    assert info.duration_s == pytest.approx(3.0, abs=0.01)
    assert "header claims" in info.notes[0]


def test_frames_too_large_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    Image.new("L", (16384, 16384)).save(path)
    with pytest.raises(MediaError, match="too large"):
        probe(path)


def test_what_is_no_media_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("hello\n" * 99)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    (tmp_path / "page.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 99)
    (tmp_path / "folder.mp4").mkdir()
    for name, reason in {
        "empty.mp4": "0 bytes",
        "text.mp4": "not a video",
        "list.mp4": "not a video",
        "page.jpg": "image",
        "folder.mp4": "regular file",
        "missing.mp4": "No such file",
    }.items():
        with pytest.raises(MediaError, match=reason):
            probe(tmp_path / name)


def test_the_content_id_follows_the_bytes(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 5)
    shutil.copy(path, tmp_path / "b.mov")
    same = content_id(path)
    assert content_id(tmp_path / "b.mov") == same
    assert len(same) == 32
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert content_id(path) != same


def test_awkward_names(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mp4", 3)
    for name in (b"new\nline.mp4", "📹 %03d.mp4".encode(), b"\xff\xfe.mp4", b"concat:x|y.mp4"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        shutil.copy(source, path)
        assert numbers(path) == [0, 1, 2]
