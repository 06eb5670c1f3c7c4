"""Text beside and inside a video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clipmaker import make_clip

from whenabouts.errors import MediaError
from whenabouts.media.encodings import decode_text
from whenabouts.media.lyrics import lyric_lines
from whenabouts.media.probe import probe
from whenabouts.media.subtitles import lang_of, read_sidecar, read_texts, sidecars_of
from whenabouts.media.write import write_video
from whenabouts.types import Span

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>{first}</i>

2
00:00:02,500 --> 00:00:03,000
{second}
{third}
"""
CHINESE = {"first": "你好，我们来了。", "second": "这是一只狗", "third": "他在说什么？"}
TAIWANESE = {"first": "你好，我們來了。", "second": "這是一隻狗", "third": "他在說什麼？"}
ENGLISH = {"first": "Hello there", "second": "Well, well", "third": "a dog"}
FRENCH = {"first": "C'était très bien", "second": "le garçon à côté", "third": "où êtes-vous ?"}
POLISH = {"first": "Dzień dobry, jak się masz?", "second": "mały żółw", "third": "są źli"}
RUSSIAN = {"first": "Привет, как дела?", "second": "это большая собака", "third": "что ты делаешь"}
JAPANESE = {"first": "こんにちは、元気ですか", "second": "これは犬です", "third": "何をしているの"}


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (ENGLISH, "ascii"),
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-16"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (JAPANESE, "cp932"),
        (FRENCH, "latin-1"),
        (RUSSIAN, "cp1251"),
        (POLISH, "cp1250"),
    ],
)
def test_side_car_files_in_common_encodings(tmp_path: Path, words: dict, encoding: str) -> None:
    file = tmp_path / "a.srt"
    file.write_bytes(SRT.format(**words).encode(encoding))
    lines = list(read_sidecar(file))
    assert [line.text for line in lines] == [words["first"], f"{words['second']} {words['third']}"]
    assert [line.span for line in lines] == [Span(1, 2.5), Span(2.5, 3)]


def test_a_cut_off_utf8_file_is_still_utf8() -> None:
    assert decode_text("你好吗".encode()[:-1]).startswith("你好")


def test_webvtt_and_ass_lose_their_markup(tmp_path: Path) -> None:
    vtt = tmp_path / "a.vtt"
    vtt.write_text(
        "WEBVTT\n\nNOTE nothing\n\nintro\n00:01.000 --> 00:02.000 line:0\n"
        "<v Anna><c.yellow>Fish &amp; chips</c></v>\n"
    )
    assert [(line.text, line.span) for line in read_sidecar(vtt)] == [("Fish & chips", Span(1, 2))]
    ass = tmp_path / "a.ass"
    ass.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, "
        "Text\n"
        "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,hidden\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\b1}Sing{\\b0}\\Nalong, please\n"
        "Dialogue: 0,0:00:02.05,0:00:03.00,Default,,0,0,0,,{\\k20}Sing along, please\n"
        "Dialogue: 0,0:00:04.00,0:00:05.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
    )
    lines = list(read_sidecar(ass))
    assert [(line.text, line.span) for line in lines] == [("Sing along, please", Span(1, 3))]


def test_lyrics_with_several_times_and_an_offset() -> None:
    text = (
        "[ti:Song]\n[offset:+500]\n[00:01.50][00:10.5]Oh <00:02.00>yes\n[00:03.00]no\n[01:00:00]\n"
    )
    assert lyric_lines(text) == [(1.0, 2.5, "Oh yes"), (2.5, 10.0, "no"), (10.0, 25.0, "Oh yes")]


def test_a_subtitle_bomb_is_refused_or_cut(tmp_path: Path) -> None:
    file = tmp_path / "a.srt"
    file.write_bytes(b"x" * (9 * 2**20))
    with pytest.raises(MediaError, match="9 MB"):
        list(read_sidecar(file))
    file.write_text("1\n00:00:01,000 --> 00:00:02,000\n" + "<" * 50_000 + "{" * 50_000 + "\n")
    assert all(len(line.text) <= 1000 for line in read_sidecar(file))
    file.write_bytes(bytes(range(256)) * 40)
    assert list(read_sidecar(file)) == []


def test_side_cars_belong_to_the_file_with_the_longest_name(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.b.mp4", "a.srt", "a.zh-Hans.ass", "a.b.en.srt", "a.mp4.vtt", "ab.srt"):
        (tmp_path / name).touch()
    found = sidecars_of(tmp_path / "a.mp4")
    assert [file.name for file in found] == ["a.mp4.vtt", "a.srt", "a.zh-Hans.ass"]
    assert [lang_of(file, tmp_path / "a.mp4") for file in found] == ["", "", "zh"]
    assert [f.name for f in sidecars_of(tmp_path / "a.b.mp4")] == ["a.b.en.srt"]


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_tracks_inside_a_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"film{ending}"
    shown = [(Span(0.2, 0.5), "hello {there}\nyou"), (Span(0.6, 0.9), "你好")]
    grey = np.full((64, 96, 3), 90, np.uint8)
    write_video(path, [grey] * 30, 30, subtitles=shown, lang="eng")
    info = probe(path)
    assert [track.codec for track in info.text_tracks] in (["mov_text"], ["srt"], ["subrip"])
    lines = read_texts(path, info)
    assert [line.text for line in lines] == ["hello (there) you", "你好"]
    assert [line.channel for line in lines] == ["subtitle"] * 2
    for line, (span, _) in zip(lines, shown, strict=True):
        assert line.span.start_s == pytest.approx(span.start_s, abs=0.002)
        assert line.span.end_s == pytest.approx(span.end_s, abs=0.002)


def test_times_count_from_the_first_shown_frame(tmp_path: Path) -> None:
    """The pictures begin a second after the sound: players' times are a second ahead of ours."""
    path = tmp_path / "late.mkv"
    make_clip(path, 40, first_pts=10, sound_s=5.0)
    (tmp_path / "late.en.srt").write_text(SRT.format(**ENGLISH))
    info = probe(path)
    assert info.lead_s == pytest.approx(1.0, abs=0.1)
    lines = read_texts(path, info)
    assert lines[0].span.start_s == pytest.approx(0.0, abs=0.1)
    assert {line.lang for line in lines} == {"en"}


def test_chapters_become_lines(tmp_path: Path) -> None:
    path = tmp_path / "c.mkv"
    with av.open(str(path), "w") as out:
        out.set_chapters(
            [
                {
                    "id": 1,
                    "start": 0,
                    "end": 1000,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "The  start"},
                },
                {
                    "id": 2,
                    "start": 1000,
                    "end": 99000,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "结尾"},
                },
            ]
        )
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(20):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 96, 3), np.uint8))
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    lines = read_texts(path, probe(path))
    assert [(line.channel, line.text) for line in lines] == [
        ("chapter", "The start"),
        ("chapter", "结尾"),
    ]
    assert lines[1].span.end_s == pytest.approx(2.0, abs=0.01)


def test_an_unreadable_side_car_is_told_and_skipped(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", 5)
    (tmp_path / "a.srt").write_bytes(b"x" * (9 * 2**20))
    notes: list[str] = []
    assert read_texts(path, probe(path), notes=notes) == []
    assert "a.srt" in notes[0]
