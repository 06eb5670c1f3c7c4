import pytest

from whenabouts.app import recall
from whenabouts.errors import InputError
from whenabouts.types import Curve, Evidence, Moment, Span, Video


@pytest.fixture
def state(tmp_path, monkeypatch):
    folder = tmp_path / "state"
    monkeypatch.setattr(recall, "state_folder", lambda: folder)
    return folder


@pytest.fixture
def video(tmp_path):
    return Video("cafe01", tmp_path / "a@b \udcff.mp4", 20.0, 25.0, 320, 240)


def _moment(video, start_s, score):
    return Moment(
        video,
        Span(start_s, start_s + 2),
        score,
        "words",
        (Evidence("visual", 0.5, "red", 1.5),),
        Curve((0.0, 1.0), (0.25, 0.5)),
        b"jpeg",
    )


def test_hits_come_back_by_rank_without_pictures(state, tmp_path, video):
    moments = [_moment(video, 1, 0.9), _moment(video, 5, 0.8)]
    assert recall.keep(tmp_path / "x.lib", "a query", moments) == ""
    query, kept = recall.last(tmp_path / "x.lib")
    assert query == "a query"
    assert kept == tuple(moments)
    assert kept[0].picture == b""
    assert recall.hit("2", tmp_path / "x.lib", pytest.fail) == moments[1]


def test_every_library_remembers_its_own(state, tmp_path, video):
    recall.keep(tmp_path / "x.lib", "one", [_moment(video, 1, 0.9)])
    assert recall.last(tmp_path / "y.lib") == ("", ())
    with pytest.raises(InputError, match="search first"):
        recall.hit("1", tmp_path / "y.lib", pytest.fail)


def test_a_search_without_hits_is_told_apart_from_none(state, tmp_path):
    recall.keep(tmp_path / "x.lib", "a whale", [])
    with pytest.raises(InputError, match=r"'a whale'\) found nothing"):
        recall.hit("1", tmp_path / "x.lib", pytest.fail)


def test_a_rank_that_is_not_there_says_which_are(state, tmp_path, video):
    recall.keep(tmp_path / "x.lib", "one", [_moment(video, 1, 0.9)])
    for text in ("0", "2"):
        with pytest.raises(InputError, match=r"'one'\) has hits 1 to 1, not"):
            recall.hit(text, tmp_path / "x.lib", pytest.fail)


def test_a_hit_by_name_may_hold_an_at_sign(state, tmp_path, video):
    asked = []

    def find(name):
        asked.append(name)
        return video

    lib = tmp_path / "x.lib"
    assert recall.hit("a@b.mp4@1:02-1:04.5", lib, lambda _: _long(video)).span == Span(62, 64.5)
    assert recall.hit("a@b.mp4@2-30s", lib, find).span == Span(2, 20)
    assert recall.hit("a@b.mp4", lib, find).span == Span(0, 20)
    assert asked == ["a@b.mp4", "a@b.mp4"]
    with pytest.raises(InputError, match="behind it"):
        recall.hit("a@b.mp4@21-30", lib, find)


def _long(video):
    return Video(video.id, video.path, 100.0, 25.0, 320, 240)


def test_a_damaged_memory_asks_to_search_again(state, tmp_path, video):
    recall.keep(tmp_path / "x.lib", "one", [_moment(video, 1, 0.9)])
    (file,) = (state / "last_search").iterdir()
    file.write_text('{"query": "one"}')
    with pytest.raises(InputError, match="search again"):
        recall.last(tmp_path / "x.lib")


def test_a_place_that_cannot_be_written_is_told_not_raised(tmp_path, monkeypatch, video):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(recall, "state_folder", lambda: tmp_path / "file")
    assert "cannot be remembered" in recall.keep(tmp_path, "one", [_moment(video, 1, 0.9)])
