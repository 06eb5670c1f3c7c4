"""What goes into the store comes out again, whole, and replaces what it should."""

import os
from dataclasses import replace

import numpy as np
import pytest

from whenabouts.errors import InputError, StoreError
from whenabouts.store.rows import FrameRows, Indexed, PictureRow, TextRow


def test_rows_come_back_as_they_went_in(writer, reader, item):
    given = item(1)
    row = replace(
        given.video,
        tags={"title": "狗 \udcff"},
        passes=("keyframes",),
        langs=("zh",),
        has_speech=True,
        status="partial",
        reason="half \udcff read",
        created_s=12.5,
    )
    writer.put([replace(given, video=row)])

    assert reader.videos() == (row,)
    stored = reader.frames([row.id])[row.id]
    np.testing.assert_allclose(stored.vectors, given.frames.vectors, atol=1e-3)
    assert stored.vectors.dtype == np.float32
    np.testing.assert_array_equal(stored.times_s, given.frames.times_s)
    np.testing.assert_array_equal(stored.ends_s, given.frames.ends_s)
    np.testing.assert_array_equal(stored.logits, given.frames.logits)
    assert tuple(reader.texts(row.id)) == given.texts
    assert tuple(reader.pictures(row.id)) == given.pictures


@pytest.mark.parametrize(
    "name",
    [
        b"it's.mp4",
        b'a "quoted" name; DROP TABLE files.mp4',
        b"line\nbreak.mp4",
        "emoji 🐕 狗.mp4".encode(),
        b"invalid \xff\xfe utf8.mp4",
        b"back\\slash%_.mp4",
    ],
)
def test_any_file_name_survives(writer, reader, item, name):
    path = os.fsdecode(b"/videos/" + name)
    writer.put([item(1, path=path), item(2)])
    assert reader.video(path).path == path
    writer.remove([path])
    assert [row.path for row in reader.videos()] == ["/videos/2.mp4"]


@pytest.mark.parametrize("key", ["it's", "a' OR '1'='1", 'say "x"', "back\\slash", "100%_"])
def test_ids_are_values_never_filter_syntax(writer, reader, item, key):
    other, odd = item(1), item(2)
    odd = replace(odd, video=replace(odd.video, id=key))
    writer.put([other, odd])
    assert set(reader.frames([key])) == {key}
    assert [hit.video for hit in reader.match("speaking", 9, videos=[key])] == [key]
    assert reader.pictures_at([(key, 1.0)]) == [b"jpeg 2"]
    writer.remove([odd.video.path])
    assert reader.info().contents == 1
    assert set(reader.frames([key, other.video.id])) == {other.video.id}
    assert reader.texts(key) == []


def test_a_changed_file_replaces_its_content(writer, reader, item):
    writer.put([item(1), item(2)])
    changed = item(3, path=item(1).video.path)
    writer.put([changed])
    assert {row.id for row in reader.videos()} == {"id00002", "id00003"}
    assert set(reader.frames(["id00001", "id00002", "id00003"])) == {"id00002", "id00003"}
    assert reader.texts("id00001") == []
    assert reader.pictures("id00001") == []
    info = reader.info()
    assert (info.videos, info.contents, info.frames, info.texts, info.pictures) == (2, 2, 16, 2, 2)


def test_the_same_content_indexed_again_is_replaced_not_doubled(writer, reader, item):
    writer.put([item(1)])
    again = replace(item(1), frames=item(9, count=5).frames)
    writer.put([again])
    assert len(reader.frames(["id00001"])["id00001"]) == 5
    hits = reader.near(again.frames.vectors[:1], 50)[0]
    assert len(hits) == 5
    assert hits[0].score == pytest.approx(1, abs=1e-3)
    assert reader.info().texts == 1


def test_copies_share_one_content(writer, reader, item):
    writer.put([item(1), item(1, path="/videos/copy.mp4")])
    assert reader.info().videos == 2
    assert reader.info().frames == 8
    writer.remove(["/videos/1.mp4"])
    assert len(reader.frames(["id00001"])["id00001"]) == 8
    writer.remove(["/videos/copy.mp4"])
    assert reader.frames(["id00001"]) == {}
    assert reader.info().contents == 0


def test_a_move_keeps_everything_under_the_new_name(writer, reader, item):
    writer.put([item(1), item(2)])
    writer.move({"/videos/1.mp4": "/elsewhere/one.mp4"})
    assert {row.path: row.id for row in reader.videos()} == {
        "/elsewhere/one.mp4": "id00001",
        "/videos/2.mp4": "id00002",
    }
    assert set(reader.frames(["id00001"])) == {"id00001"}


def test_names_can_be_swapped(writer, reader, item):
    writer.put([item(1), item(2)])
    writer.move({"/videos/1.mp4": "/videos/2.mp4", "/videos/2.mp4": "/videos/1.mp4"})
    assert reader.video("/videos/1.mp4").id == "id00002"
    assert reader.video("/videos/2.mp4").id == "id00001"


def test_update_changes_the_row_alone(writer, reader, item):
    writer.put([item(1)])
    writer.update([replace(item(1).video, status="missing", reason="not on disk")])
    assert reader.video("/videos/1.mp4").status == "missing"
    assert reader.info().frames == 8


def test_a_failed_file_needs_no_content(writer, reader, item):
    failed = replace(item(1).video, id="", status="failed", reason="cannot be read")
    writer.put([Indexed(failed), item(2)])
    assert reader.video(failed.path).reason == "cannot be read"
    assert reader.info().contents == 1
    writer.put([item(1)])  # it can be read now
    assert reader.video(failed.path).status == "ok"


def test_none_leaves_what_is_stored(writer, reader, item):
    writer.put([item(1)])
    writer.put([Indexed(item(1).video, frames=item(4).frames)])
    assert [row.text for row in reader.texts("id00001")] == ["number1 speaking"]
    assert reader.pictures("id00001")[0].jpeg == b"jpeg 1"
    writer.put([Indexed(item(1).video, texts=(), pictures=())])
    assert reader.texts("id00001") == []
    assert reader.pictures("id00001") == []
    assert len(reader.frames(["id00001"])["id00001"]) == 8


def test_a_pass_replaces_only_its_channels(writer, reader, item):
    writer.put([item(1)])
    screen = (TextRow(1.0, 2.0, "screen", "", "EXIT"), TextRow(0.0, 1.0, "screen", "", "open"))
    writer.put([Indexed(item(1).video, texts=screen, channels=("screen",))])
    assert [row.channel for row in reader.texts("id00001")] == ["screen", "speech", "screen"]
    writer.put([Indexed(item(1).video, texts=screen[:1], channels=("screen",))])
    assert [row.text for row in reader.texts("id00001")] == ["number1 speaking", "EXIT"]
    assert [row.text for row in reader.texts("id00001", ["screen"])] == ["EXIT"]
    assert reader.info().texts == 2
    with pytest.raises(InputError, match="outside the replaced"):
        writer.put([Indexed(item(1).video, texts=screen, channels=("speech",))])


def test_pictures_by_time(writer, reader, item):
    shots = tuple(PictureRow(t, t + 2, t + 1, b"%d" % t) for t in (0, 2, 4))
    writer.put([replace(item(1), pictures=shots), item(2)])
    assert [row.jpeg for row in reader.pictures("id00001", 2.5, 4.5)] == [b"2", b"4"]
    wanted = [
        ("id00001", 2.0),
        ("id00002", 1.0),
        ("id00001", 0.5),
        ("nobody", 1.0),
        ("id00001", 99.0),
    ]
    assert reader.pictures_at(wanted) == [b"2", b"jpeg 2", b"0", b"", b""]


def test_texts_with_half_surrogates_are_kept_readable(writer, reader, item):
    name = os.fsdecode(b"holiday \xff dog")
    row = TextRow(0.0, 0.0, "name", "", name)
    writer.put([Indexed(item(1).video, texts=(row,))])
    assert reader.match("dog", 1)[0].text == "holiday � dog"


def test_wrong_widths_and_ids_are_refused_before_anything_is_written(writer, reader, item):
    wide = FrameRows(np.ones((2, 3), np.float32), np.ones(2, np.float32), np.ones(2), np.ones(2))
    with pytest.raises(InputError, match="vectors of 16"):
        writer.put([item(1), replace(item(2), frames=wide)])
    with pytest.raises(InputError, match="printable"):
        writer.put([Indexed(replace(item(1).video, id="a\nb"))])
    with pytest.raises(InputError, match="no video id"):
        writer.put([replace(item(1), video=replace(item(1).video, id=""))])
    assert reader.videos() == ()
    writer.put([item(1)])
    assert reader.info().frames == 8


def test_frames_without_rows_and_empty_batches(writer, reader, item):
    nothing = item(1, count=0)
    writer.put([nothing])
    writer.put([])
    writer.remove([])
    writer.remove(["/not/there.mp4"])
    assert reader.info().frames == 0
    assert reader.near(np.ones((1, 16), np.float32), 5) == [[]]
    assert reader.frames(["id00001"]) == {}


def test_a_reader_cannot_write(writer, reader, item):
    with pytest.raises(StoreError, match="opened for reading"):
        reader.put([item(1)])
    with pytest.raises(StoreError, match="opened for reading"):
        reader.optimize()


def test_many_small_puts_do_not_leave_many_small_pieces(writer, reader, item, monkeypatch):
    monkeypatch.setattr("whenabouts.store.store._UPKEEP_PUTS", 10)
    for seed in range(25):
        writer.put([item(seed)])
    frames = writer._session._tables._open[writer._session._frames_name]
    assert frames.stats()["fragment_stats"]["num_fragments"] <= 6
    assert reader.info().frames == 25 * 8
    assert len(reader.near(item(3).frames.vectors[:1], 999)[0]) == 25 * 8
