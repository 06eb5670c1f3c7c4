"""Timelines for editing programs, read back."""

import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from whenabouts.app.editing import as_edl, as_fcpxml, rate_of
from whenabouts.types import Moment, Span, Video


def _moment(name, start_s, end_s, fps=25.0, text="", length_s=600.0):
    video = Video(name * 16, Path(f"/films/{name} & <b>.mp4"), length_s, fps, 1920, 1080)
    return Moment(video, Span(start_s, end_s), 0.5, text)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (25, Fraction(25)),
        (29.97, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (30, Fraction(30)),
        (0, Fraction(25)),
        (float("inf"), Fraction(25)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_rates_are_those_of_editors(fps, rate):
    assert rate_of(fps) == rate


def _seconds(timecode, rate):
    hours, minutes, seconds, frames = map(int, timecode.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) + frames / rate


def test_an_edl_has_an_event_a_moment_one_after_the_other():
    text = as_edl([_moment("a", 62.0, 65.2, text="red\nstar"), _moment("b", 0.0, 1.0)], "My cut")
    assert text.startswith("TITLE: My cut\nFCM: NON-DROP FRAME\n")
    found = re.findall(r"^(\d{3})  (\S+) +V +C +([\d:]+) ([\d:]+) ([\d:]+) ([\d:]+)$", text, re.M)
    assert [event[0] for event in found] == ["001", "002"]
    times = [[_seconds(code, 25) for code in event[2:]] for event in found]
    assert times == [[62.0, 65.2, 0.0, 3.2], [0.0, 1.0, 3.2, 4.2]]
    assert "* FROM CLIP NAME: a & <b>.mp4" in text
    assert "* COMMENT: red\\nstar" in text
    assert all(len(event[1]) <= 8 for event in found)


def test_an_edl_of_a_thinned_rate_counts_whole_frames():
    (event,) = re.findall(r"C +([\d:]+) ([\d:]+)", as_edl([_moment("a", 60.06, 61.06, 29.97)], ""))
    frames = [round(_seconds(code, 30) * 30) for code in event]
    assert frames == [round(60.06 * 30000 / 1001), round(61.06 * 30000 / 1001)]


def test_an_fcpxml_names_each_file_once_and_adds_up():
    moments = [
        _moment("a", 10.0, 12.0, text="<script>"),
        _moment("b", 1.0, 2.0, fps=29.97),
        _moment("a", 20.0, 20.0),
    ]
    root = Xml.fromstring(as_fcpxml(moments, "A & B").partition("<!DOCTYPE fcpxml>")[2])
    assets = {one.get("id"): one for one in root.iter("asset")}
    formats = {one.get("id"): one.get("frameDuration") for one in root.iter("format")}
    assert len(assets) == 2
    assert set(formats.values()) == {"1/25s", "1001/30000s"}
    assert len({*assets, *formats}) == 4, "every resource has a name of its own"
    assert all(asset.get("format") in formats for asset in assets.values())
    (sources,) = [[rep.get("src") for rep in root.iter("media-rep")]]
    assert sources[0] == "file:///films/a%20%26%20%3Cb%3E.mp4"
    clips = list(root.iter("asset-clip"))
    assert [clip.get("name") for clip in clips] == ["1 <script>", "2 A & B", "3 A & B"]
    at = Fraction(0)
    for clip in clips:
        assert clip.get("ref") in assets
        assert _time(clip.get("offset")) == at
        at += _time(clip.get("duration"))
    assert _time(root.find(".//sequence").get("duration")) == at
    assert _time(clips[0].get("start")) == 10
    assert _time(clips[1].get("start")) == Fraction(30 * 1001, 30000)
    assert _time(clips[2].get("duration")) == Fraction(1, 25), "at least one frame"


def _time(text):
    return Fraction(text.removesuffix("s"))


def test_nothing_is_a_timeline_too():
    assert as_edl([], "x").startswith("TITLE: x")
    assert "fcpxml" in as_fcpxml([], "x")
