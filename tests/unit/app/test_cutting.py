import csv
import io
import json
from pathlib import Path

import opentimelineio as otio
import pysubs2
import pytest

from whenabouts.app.cutting import as_csv, as_otio, as_vtt, by_video, clip_name
from whenabouts.types import Evidence, Moment, Span, Video


def _moment(name: str, start_s: float, end_s: float, text: str = "", fps: float = 25.0) -> Moment:
    video = Video(name, Path("/films") / name, 100.0, fps, 320, 240)
    evidence = (Evidence("visual", 0.5), Evidence("speech", 0.4), Evidence("visual", 0.3))
    return Moment(video, Span(start_s, end_s), 0.75, text, evidence)


MOMENTS = [
    _moment("a.mp4", 61.5, 70.25, 'says "hi", & <b>'),
    _moment("日\udcff.mp4", 1, 2),
    _moment("a.mp4", 3, 4, "two\nlines --> here"),
]


def test_csv_reads_back_with_quotes_and_lines():
    rows = list(csv.DictReader(io.StringIO(as_csv(MOMENTS))))
    assert [row["rank"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["text"] == 'says "hi", & <b>'
    assert rows[0]["found_by"] == "visual speech"
    assert (rows[0]["start_s"], rows[0]["end_s"]) == ("61.500", "70.250")
    assert rows[1]["path"] == "/films/日\udcff.mp4"


def test_by_video_keeps_rank_of_videos_and_time_of_moments():
    grouped = by_video(MOMENTS)
    assert [path.name for path in grouped] == ["a.mp4", "日\udcff.mp4"]
    assert [moment.span.start_s for moment in grouped[Path("/films/a.mp4")]] == [3, 61.5]


def test_vtt_is_read_by_a_subtitle_library():
    text = as_vtt(by_video(MOMENTS)[Path("/films/a.mp4")], "chapter")
    assert text.startswith("WEBVTT\n\n")
    assert "00:01:01.500 --> 00:01:10.250" in text
    assert "<b>" not in text
    cues = pysubs2.SSAFile.from_string(text, format_="vtt").events
    assert [(cue.start, cue.end) for cue in cues] == [(3000, 4000), (61500, 70250)]


def test_vtt_names_a_moment_without_words_by_the_query():
    assert "\na red star\n" in as_vtt([MOMENTS[1]], "a red star")


def test_otio_reads_back_with_exact_ranges():
    timeline = otio.adapters.read_from_string(as_otio(MOMENTS, "red star"), "otio_json")
    assert timeline.name == "red star"
    clips = list(timeline.tracks[0])
    assert len(clips) == 3
    first = clips[0].source_range
    assert first.start_time.to_seconds() == pytest.approx(61.5, abs=0.501 / 25)
    assert first.duration.to_seconds() == pytest.approx(8.75, abs=1 / 25)
    assert clips[0].media_reference.target_url == "file:///films/a.mp4"
    assert clips[0].media_reference.available_range.duration.to_seconds() == 100.0


def test_otio_of_sound_and_odd_rates_counts_finely():
    sound = _moment("s.wav", 1.234, 2.345, fps=0.0)
    value = json.loads(as_otio([sound], "x"))
    clip = value["tracks"]["children"][0]["children"][0]
    assert clip["source_range"]["start_time"]["value"] == 1234


def test_clip_name_says_video_and_times():
    assert clip_name(MOMENTS[0]) == "a_61.50-70.25.mp4"
