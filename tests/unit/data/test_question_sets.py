"""Questions of drawn sets: what the readers make of them, and what is wrong is told."""

import json

import pytest

from whenabouts import catalog
from whenabouts.data.qa.questions import asked, questions
from whenabouts.data.qa.raw import clip_of, place_of
from whenabouts.data.qa.rows import OPTIONS
from whenabouts.data.settings import DataSettings
from whenabouts.data.source import MissingVideosError, Source
from whenabouts.errors import DataError
from whenabouts.shapeworld.collection import draw_scripts
from whenabouts.shapeworld.make import FORMS, make

NAMES = sorted(catalog.PARTS["questions"])


@pytest.fixture(scope="module", params=NAMES)
def folder(request, tmp_path_factory):
    """A small folder of one set, and its name."""
    target = tmp_path_factory.mktemp("questions") / request.param
    make(target, request.param, videos=3, seed=8, duration_s=(10.0, 10.5))
    return request.param, target


def test_drawn_questions_are_read(folder):
    name, target = folder
    seen = set()
    scripts = {s.split: s.duration_s for s in draw_scripts(3, 8, FORMS[name].plan, (0.6, 0.2, 0.2))}
    assert set(scripts) == {"train", "val", "test"}
    for split in ("train", "val", "test"):
        found = questions(name, target, split)
        assert len(found) == len(found.videos) > 0
        assert all(path.is_file() for path in found.videos)
        assert not seen & set(found.videos), "splits share a video"
        seen |= set(found.videos)
        for row in found.rows:
            assert row.dataset == name
            assert len(row.options) == len(set(row.options)) == OPTIONS[name]
            if name != "qvhighlights":
                assert 0 <= row.answer < len(row.options)
                assert row.spans, "drawn sets tell where an answer can be seen"
            elif split != "test":
                assert row.spans
                assert row.saliency
            if row.clip is not None and row.spans:
                first, last = row.spans[0].start_s, row.spans[-1].end_s
                early = name == "vlep"  # what comes next lies behind the premise
                assert row.clip.start_s - 0.01 <= first
                assert early or last <= row.clip.end_s + 0.02
            assert (row.question == "") == (name == "vlep")
    assert len(seen) == 3


def test_a_question_without_what_is_to_be_found(folder):
    name, target = folder
    row = questions(name, target, "train").rows[0].held_out()
    assert row.answer is row.spans is None
    assert not row.saliency


def test_videos_that_are_not_there(folder, tmp_path):
    name, target = folder
    empty = DataSettings(videos=tmp_path)
    with pytest.raises(MissingVideosError, match=rf"videos of {name} train have no file"):
        questions(name, target, "train", empty)
    found = asked(name, Source(name, target, empty), "train")
    assert found.rows


def test_times_and_answers_of_raw_rows():
    assert clip_of("3", "1.5", "here").start_s == 1.5
    assert clip_of(-2, 4, "here").start_s == 0
    assert clip_of("NaN", "NaN", "here") is None
    with pytest.raises(DataError, match="here shows the part 'x'"):
        clip_of("x", 1, "here")
    assert place_of("2", 5, "here") == 2
    assert place_of(None, 5, "here") is None
    for wrong in (5, -1, "C"):
        with pytest.raises(DataError, match="of 5 options"):
            place_of(wrong, 5, "here")


def test_a_video_that_the_map_does_not_know(tmp_path):
    make(tmp_path / "n", "nextqa", videos=3, seed=8, duration_s=(5.0, 5.5))
    (tmp_path / "n" / "map_vid_vidorID.json").write_text(json.dumps({}))
    with pytest.raises(DataError, match="does not know"):
        questions("nextqa", tmp_path / "n", "val")
