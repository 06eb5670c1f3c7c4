"""Searching a small library of coloured films, end to end below the command line."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from fakes import ColourEncoder, film, picture
from PIL import Image

from whenabouts import open_library
from whenabouts.errors import InputError
from whenabouts.library.filters import Filters
from whenabouts.library.settings import IndexSettings, SearchSettings
from whenabouts.types import Span


@pytest.fixture(scope="module")
def lib(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    films = folder / "films"
    film(films / "one.mp4", [("red", 4), ("blue", 4), ("green", 4)])
    film(films / "two.mp4", [("black", 3), ("pink", 4), ("red", 5)])
    film(films / "deep" / "three.mp4", [("white", 3), ("black+white", 4)])
    film(films / "deep" / "back.mp4", [("green", 4), ("blue", 4), ("red", 4)])
    film(
        films / "talk.mp4",
        [("black", 30)],
        subtitles=[(Span(10, 14), "we paint the boat red"), (Span(20, 22), "then we sail away")],
        tags={"title": "Grandfather's workshop"},
    )
    Image.fromarray(picture(["cyan"])).save(films / "sea.png")
    with open_library(folder / "lib", ColourEncoder()) as library:
        report = library.add(films, settings=IndexSettings(passes=("keyframes", "frames")))
        assert report.ok and report.new == 6
        yield library


def found(moments):
    return [(m.video.path.name, round(m.span.start_s), round(m.span.end_s)) for m in moments]


def test_a_colour_brings_its_stretches(lib):
    hits = [hit for hit in lib.search("red") if hit.evidence[0].channel == "visual"]
    assert set(found(hits)) == {
        ("one.mp4", 0, 4),
        ("two.mp4", 7, 12),
        ("back.mp4", 8, 12),
    }


def test_two_languages_bring_the_same(lib):
    assert found(lib.search("粉")) == found(lib.search("pink")) == [("two.mp4", 3, 7)]


def test_every_hit_says_why(lib):
    (hit,) = lib.search("pink")
    (why,) = hit.evidence
    assert (why.channel, why.text) == ("visual", "pink")
    assert why.time_s is not None and 3 <= why.time_s <= 7
    assert hit.curve is not None and max(hit.curve.scores) == pytest.approx(
        hit.curve.scores[hit.curve.times_s.index(3.0)]
    )
    assert hit.picture.startswith(b"\xff\xd8")
    (said,) = [hit for hit in lib.search("sail away") if hit.evidence[0].channel == "subtitle"]
    assert (said.span, said.text) == (Span(20, 22), "then we sail away")


def test_a_still_picture_is_a_moment(lib):
    (hit,) = lib.search("cyan")
    assert hit.video.path.name == "sea.png"
    assert hit.span.length_s < 0.1


def test_metadata_and_names_bring_whole_videos(lib):
    (hit,) = lib.search("grandfather's workshop")
    assert (hit.video.path.name, hit.span.length_s) == ("talk.mp4", pytest.approx(30, abs=0.2))
    assert lib.search("talk")[0].evidence[0].channel == "name"


def test_nothing_like_it_is_said_with_the_nearest(lib):
    moments = lib.search("elephant parade")
    assert moments == []
    assert "nothing like it in 6 videos" in moments.reason
    assert "nothing found" in str(moments)
    assert lib.search("elephant parade", settings=SearchSettings(floor=0.0))


def test_an_order_finds_only_those_who_keep_it(lib):
    assert found(lib.search("red then blue")) == [("one.mp4", 0, 8)]
    assert found(lib.search("green, then blue, then red")) == [("back.mp4", 0, 12)]
    assert found(lib.search("blue after green")) == [("back.mp4", 0, 8)]
    assert found(lib.search("先红色然后蓝色")) == [("one.mp4", 0, 8)]
    (hit,) = lib.search("red then blue")
    assert [why.text for why in hit.evidence] == ["red", "blue"]


def test_an_order_that_no_video_keeps_falls_back_and_says_so(lib):
    moments = lib.search("pink then green", settings=SearchSettings(floor=0.1))
    assert moments and "order" in moments.reason


def test_filters(lib):
    def names(**conditions):
        hits = lib.search("red", filters=Filters(**conditions), settings=SearchSettings(floor=0))
        return {hit.video.path.name for hit in hits}

    films = Path(lib.folders()[0])
    assert names(folder=films / "deep") == {"three.mp4", "back.mp4"}
    assert names(name="t*.mp4") == {"two.mp4", "three.mp4", "talk.mp4"}
    assert names(name="*/deep/b*") == {"back.mp4"}
    assert names(longest_s=8) == {"three.mp4", "sea.png"}
    assert names(shortest_s=20) == {"talk.mp4"}
    assert names(kind="image") == {"sea.png"}
    assert names(has_speech=True) == {"talk.mp4"}
    assert names(lang="en") == {"talk.mp4"}
    assert names(after_s=time.time() + 3600) == set()
    assert names(before_s=time.time() + 3600, kind="video") >= {"one.mp4", "two.mp4"}
    reason = lib.search("red", filters=Filters(name="*.avi")).reason
    assert reason == "no video of the library passes the filters"


def test_only_some_channels(lib):
    hits = lib.search("red", settings=SearchSettings(channels=("subtitle",), floor=0.1))
    assert {hit.video.path.name for hit in hits} == {"talk.mp4"}


def test_at_most_so_many_of_one_video(lib):
    settings = SearchSettings(floor=0, per_video=1)
    names = [hit.video.path.name for hit in lib.search("red", settings=settings)]
    assert len(names) == len(set(names))
    assert len(lib.search("red", limit=2, settings=settings)) == 2


def test_more_like_a_moment_a_file_a_part_and_a_picture(lib):
    films = Path(lib.folders()[0])
    (pink,) = lib.search("pink")
    assert all(
        hit.video.id != pink.video.id or not hit.span.overlap_s(pink.span) for hit in lib.like(pink)
    )
    blue = lib.like(films / "one.mp4", span=Span(4.5, 7.5))
    assert found(blue)[0][0] == "back.mp4"
    by_picture = lib.like(picture(["pink"]))
    assert found(by_picture)[0][0] == "two.mp4"
    Image.fromarray(picture(["white"])).save(films.parent / "white.png")
    assert found(lib.like(films.parent / "white.png"))[0][0] == "three.mp4"
    with pytest.raises(InputError, match="behind"):
        lib.like(films / "one.mp4", span=Span(90, 95))
    with pytest.raises(InputError, match="uint8"):
        lib.like(np.zeros((4, 4), np.float32))


def test_one_video_alone_can_be_asked(lib):
    best, *_ = lib.locate("blue", "one.mp4")
    assert (round(best.span.start_s), round(best.span.end_s)) == (4, 8)


def test_what_a_library_tells_of_its_videos(lib):
    video = lib.video("talk.mp4")
    assert {row.channel for row in lib.texts(video)} == {"name", "metadata", "subtitle"}
    assert len(lib.pictures(lib.video("one.mp4"))) == 3
    assert lib.video(video.id) == lib.video(str(video.path)) == video
    with pytest.raises(InputError, match="no video"):
        lib.video("nobody.mp4")
    status = lib.status()
    assert status.kinds == {"video": 5, "image": 1}
    assert status.due == {"keyframes": 0, "frames": 0, "screen": 6, "speech": 0}
    assert status.length_s == pytest.approx(73, abs=1)


def test_an_empty_library_says_what_to_do(tmp_path):
    with open_library(tmp_path / "lib", ColourEncoder()) as library:
        assert "add a folder" in library.search("red").reason


def test_a_long_video_is_found_by_its_one_moment(tmp_path):
    film(tmp_path / "f" / "long.mp4", [("black", 200), ("yellow", 3), ("black", 100)], fps=4)
    film(tmp_path / "f" / "other.mp4", [("black+white", 20)], fps=4)
    settings = IndexSettings(passes=("keyframes", "frames"), alike_grey=0)
    with open_library(tmp_path / "lib", ColourEncoder()) as library:
        library.add(tmp_path / "f", settings=settings)
        (hit,) = library.search("yellow")
    assert (round(hit.span.start_s), round(hit.span.end_s)) == (200, 203)


def test_readers_follow_the_writer(tmp_path):
    film(tmp_path / "f" / "a.mp4", [("red", 2)])
    settings = IndexSettings(passes=("keyframes", "frames"))
    with (
        open_library(tmp_path / "lib", ColourEncoder()) as writer,
        open_library(tmp_path / "lib", ColourEncoder()) as reader,
    ):
        writer.add(tmp_path / "f", settings=settings)
        assert not reader.search("yellow")
        film(tmp_path / "f" / "b.mp4", [("yellow", 2)])
        writer.add(settings=settings)
        assert found(reader.search("yellow")) == [("b.mp4", 0, 2)]
        os.remove(tmp_path / "f" / "b.mp4")  # noqa: PTH107
        writer.add(settings=settings)
        assert not reader.search("yellow")
