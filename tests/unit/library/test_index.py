"""An index run against what changed on disk: new, same, touched, moved, copied, changed, gone."""

import os
import shutil
from pathlib import Path

import pytest
from fakes import ColourEncoder, film

from whenabouts import open_library
from whenabouts.errors import InputError, LockedError, StoreError, VersionError
from whenabouts.library.settings import IndexSettings
from whenabouts.types import Span

PICTURES = IndexSettings(passes=("keyframes", "frames"))


@pytest.fixture
def films(tmp_path):
    film(tmp_path / "films" / "one.mp4", [("red", 2), ("blue", 2)])
    film(tmp_path / "films" / "sub" / "two.mp4", [("green", 2), ("yellow", 2)])
    return tmp_path / "films"


@pytest.fixture
def lib(tmp_path):
    with open_library(tmp_path / "lib", ColourEncoder()) as library:
        yield library


def rows(lib):
    return {Path(row.path).name: row for row in lib.videos()}


def test_a_second_run_does_nothing(lib, films):
    first = lib.add(films, settings=PICTURES)
    assert (first.new, first.failed, first.unchanged) == (2, [], 0)
    assert {row.passes for row in lib.videos()} == {("keyframes", "frames", "speech")}
    seen, commit = lib.encoder.frames_seen, lib.status().info.commit
    again = lib.add(settings=PICTURES)
    assert (again.new, again.unchanged, again.frames) == (0, 2, 0)
    assert (lib.encoder.frames_seen, lib.status().info.commit) == (seen, commit)


def test_frames_alike_are_one_row_that_stands_longer(lib, films):
    report = lib.add(films, settings=PICTURES)
    stored = lib._store().frames([rows(lib)["one.mp4"].id])
    (frames,) = stored.values()
    assert report.alike > 0
    assert list(frames.times_s) == [0.0, 2.0]
    assert list(frames.ends_s) == pytest.approx([2.0, 4.0])


def test_every_frame_is_kept_when_asked(lib, films):
    lib.add(films, settings=PICTURES.model_copy(update={"alike_grey": 0}))
    (frames,) = lib._store().frames([rows(lib)["one.mp4"].id]).values()
    assert list(frames.times_s) == pytest.approx([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5])


def test_moved_and_renamed_files_keep_their_vectors_and_get_their_new_name(lib, films):
    lib.add(films, settings=PICTURES)
    seen = lib.encoder.frames_seen
    (films / "sub" / "two.mp4").rename(films / "lighthouse.mp4")
    report = lib.add(settings=PICTURES)
    assert (report.moved, report.new, report.missing) == (1, 0, 0)
    assert lib.encoder.frames_seen == seen
    assert set(rows(lib)) == {"one.mp4", "lighthouse.mp4"}
    assert lib.search("yellow")[0].video.path == films / "lighthouse.mp4"
    assert lib.search("lighthouse")[0].video.path == films / "lighthouse.mp4"
    assert not lib.search("two")


def test_a_copy_shares_what_is_stored(lib, films):
    lib.add(films, settings=PICTURES)
    seen = lib.encoder.frames_seen
    shutil.copy(films / "one.mp4", films / "twin.mp4")
    report = lib.add(settings=PICTURES)
    assert (report.copies, report.new) == (1, 0)
    assert lib.encoder.frames_seen == seen
    assert rows(lib)["twin.mp4"].id == rows(lib)["one.mp4"].id
    assert lib.search("twin")
    (films / "one.mp4").unlink()
    lib.add(settings=PICTURES)
    assert lib.search("red")[0].video.path == films / "twin.mp4"


def test_two_new_copies_are_encoded_once(lib, films):
    shutil.copy(films / "one.mp4", films / "twin.mp4")
    report = lib.add(films / "one.mp4", films / "twin.mp4", settings=PICTURES)
    assert report.new == 2
    assert report.frames == ColourEncoderFrames.of_one_film
    assert rows(lib)["one.mp4"].passes == rows(lib)["twin.mp4"].passes


class ColourEncoderFrames:
    of_one_film = 3
    """One key frame, then two frames that differ."""


def test_a_touched_file_is_not_encoded_again(lib, films):
    lib.add(films, settings=PICTURES)
    os.utime(films / "one.mp4", (1, 1))
    report = lib.add(settings=PICTURES)
    assert (report.unchanged, report.changed, report.frames) == (2, 0, 0)
    assert rows(lib)["one.mp4"].mtime_ns == 1_000_000_000


def test_a_changed_file_replaces_what_was_stored(lib, films):
    lib.add(films, settings=PICTURES)
    old = rows(lib)["one.mp4"].id
    film(films / "one.mp4", [("pink", 3)])
    report = lib.add(settings=PICTURES)
    assert (report.changed, report.new) == (1, 0)
    assert rows(lib)["one.mp4"].id != old
    assert not lib.search("red")
    assert lib.search("pink")
    assert lib.status().info.contents == 2


def test_deleted_files_are_flagged_hidden_found_again_and_pruned(lib, films):
    lib.add(films, settings=PICTURES)
    away = films.parent / "away.mp4"
    (films / "one.mp4").rename(away)
    assert lib.add(settings=PICTURES).missing == 1
    assert rows(lib)["one.mp4"].status == "missing"
    assert not lib.search("red")
    away.rename(films / "one.mp4")
    seen = lib.encoder.frames_seen
    lib.add(settings=PICTURES)
    assert lib.search("red")
    assert lib.encoder.frames_seen == seen
    (films / "one.mp4").unlink()
    lib.add(settings=PICTURES)
    assert lib.prune() == [str(films / "one.mp4")]
    assert set(rows(lib)) == {"two.mp4"}
    assert lib.status().info.contents == 1


def test_a_missing_file_that_turns_up_elsewhere_was_moved(lib, films):
    lib.add(films, settings=PICTURES)
    away = films.parent / "away.mp4"
    (films / "one.mp4").rename(away)
    lib.add(settings=PICTURES)
    away.rename(films / "sub" / "back.mp4")
    assert lib.add(settings=PICTURES).moved == 1
    assert set(rows(lib)) == {"back.mp4", "two.mp4"}


def test_files_outside_the_given_folder_are_left_alone(lib, films):
    lib.add(films, settings=PICTURES)
    (films / "one.mp4").unlink()
    assert lib.add(films / "sub", settings=PICTURES).missing == 0
    assert rows(lib)["one.mp4"].status == "ok"


def test_bad_files_are_told_and_stop_nothing(lib, films):
    (films / "text.mp4").write_bytes(b"no video")
    (films / "empty.mkv").write_bytes(b"")
    half = (films / "one.mp4").read_bytes()
    (films / "half.mp4").write_bytes(half[: len(half) // 3])
    report = lib.add(films, settings=PICTURES)
    assert report.new == 2
    failed = {failure.path.name: failure.reason for failure in report.failed}
    assert {"text.mp4", "empty.mkv"} <= set(failed)
    assert "0 bytes" in failed["empty.mkv"]
    again = lib.add(settings=PICTURES)
    assert {failure.path.name for failure in again.failed} == set(failed)
    assert again.frames == 0
    film(films / "text.mp4", [("white", 2)])
    assert lib.add(settings=PICTURES).changed == 1
    assert lib.search("white")[0].video.path.name == "text.mp4"


def test_a_pass_that_was_left_out_is_done_later(lib, films):
    lib.add(films, settings=IndexSettings(passes=("keyframes",)))
    assert lib.search("red")
    assert lib.status().due == {"keyframes": 0, "frames": 2, "screen": 2, "speech": 0}
    lib.add(settings=PICTURES)
    assert lib.status().due["frames"] == 0
    assert lib.search("blue")[0].span.start_s == pytest.approx(2.0, abs=0.3)


def test_subtitles_beside_a_video_are_found_and_followed(lib, films):
    srt = "1\n00:00:01,000 --> 00:00:03,000\n{}\n"
    (films / "one.en.srt").write_text(srt.format("the lighthouse keeper"))
    lib.add(films, settings=PICTURES)
    found = lib.search("lighthouse keeper")[0]
    assert (found.video.path.name, found.span) == ("one.mp4", Span(1, 3))
    assert found.evidence[0].channel == "subtitle"
    assert rows(lib)["one.mp4"].langs == ("en",)
    seen = lib.encoder.frames_seen
    (films / "one.en.srt").write_text(srt.format("an old submarine"))
    lib.add(settings=PICTURES)
    assert lib.search("submarine")
    assert not lib.search("lighthouse keeper")
    assert lib.encoder.frames_seen == seen


class EchoReader:
    """Says the same of every video."""

    channel = "screen"
    sampling = None
    input_px = 0

    def __init__(self, broken=()):
        self.broken = broken
        self.read_s = 0

    def read(self, video, frames):
        self.read_s += 1
        yield Span(0, 1), "grand opening", "en"
        if video.path.name in self.broken:
            raise ValueError("the reader fell over")


def test_text_readers_run_after_the_pictures_and_a_failure_keeps_what_was_read(lib, films):
    reader = EchoReader(broken=("two.mp4",))
    report = lib.add(films, readers=[reader])
    assert [f.reason for f in report.partial] == ["screen: ValueError: the reader fell over"]
    assert {hit.video.path.name for hit in lib.search("grand opening")} == {"one.mp4", "two.mp4"}
    assert lib.status().due["screen"] == 0
    assert reader.read_s == 2
    lib.add(readers=[reader])
    assert reader.read_s == 2
    reader.broken = ()
    report = lib.add(readers=[reader], settings=IndexSettings(retry=True))
    assert reader.read_s == 3
    assert report.partial == []
    assert rows(lib)["two.mp4"].status == "ok"


def test_an_interrupt_keeps_what_is_whole(lib, films):
    class Impatient(ColourEncoder):
        def encode_frames(self, pixels):
            if self.frames_seen:
                raise KeyboardInterrupt
            return super().encode_frames(pixels)

    impatient = Impatient()
    with open_library(lib.path, impatient) as library, pytest.raises(KeyboardInterrupt):
        library.add(films, settings=PICTURES.model_copy(update={"batch": 1, "commit_s": 0.0}))
    report = lib.add(films, settings=PICTURES)
    assert report.new + report.unchanged == 2
    assert lib.search("red") and lib.search("yellow")


def test_a_mix_of_encoders_is_refused_and_reindex_moves(lib, films):
    lib.add(films, settings=PICTURES)
    other = ColourEncoder(rate_hz=4, version="2")
    with pytest.raises(VersionError, match="reindex"):
        open_library(lib.path, other)
    report = lib.reindex(other, settings=PICTURES)
    assert report.frames > 0
    assert lib.search("red")[0].video.path.name == "one.mp4"
    with pytest.raises(VersionError, match="reindex"):
        open_library(lib.path, ColourEncoder())


def test_a_cut_off_reindex_goes_on(lib, films):
    lib.add(films, settings=PICTURES)
    other = ColourEncoder(version="2")
    lib.reindex(other, settings=IndexSettings(passes=()))
    assert lib.status().due["keyframes"] == 2
    with open_library(lib.path, other) as again:
        again.add(settings=PICTURES)
        assert again.search("yellow")


def test_a_second_writer_is_told_who_holds_the_lock(lib, films):
    with lib._writing(), pytest.raises(LockedError, match="process"):
        open_library(lib.path, ColourEncoder()).add(films)


def test_folders_with_other_things_are_no_libraries(tmp_path, films):
    with pytest.raises(StoreError, match="new or an empty folder"):
        open_library(films, ColourEncoder())
    with pytest.raises(StoreError, match="no library"):
        open_library(tmp_path / "nothing", create=False)


def test_adding_nothing_needs_a_folder(lib):
    with pytest.raises(InputError, match="no folder"):
        lib.add()


def test_events_tell_each_file_and_end_with_all_done(lib, films):
    events = []
    (films / "text.mp4").write_bytes(b"no video")
    lib.add(films, settings=PICTURES, on_event=events.append)
    assert events[0].kind == "found"
    last = {event.stage: event for event in events if event.kind in ("done", "failed", "saved")}
    assert (last["keyframes"].done, last["keyframes"].total) == (3, 3)
    assert last["frames"].done_s == pytest.approx(8.0)
    assert any(event.kind == "failed" and event.text for event in events)
    assert {event.stage for event in events if event.kind == "saved"} == {"keyframes", "frames"}
