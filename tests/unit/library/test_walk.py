"""Which files of a folder are media, without opening those that say so themselves."""

import os
import socket
from pathlib import Path

import pytest

from whenabouts.errors import InputError
from whenabouts.library.walk import absolute, walk


def put(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(found):
    return sorted(Path(file.path).name for file in found.files)


def test_media_is_known_by_its_extension_or_else_by_its_first_bytes(tmp_path):
    put(tmp_path / "a.MP4")
    put(tmp_path / "deep" / "er" / "b.webm")
    put(tmp_path / "c.dat", b"\x00\x00\x00\x20ftypisom" + b"\0" * 400)
    put(tmp_path / "no_extension", b"\x1aE\xdf\xa3" + b"\0" * 400)
    put(tmp_path / "stream.ts", (b"G" + b"\0" * 187) * 3)
    put(tmp_path / "program.ts", b"const x: number = 1;" * 40)
    put(tmp_path / "notes.txt", b"a movie about ftyp")
    put(tmp_path / ".hidden.mp4")
    put(tmp_path / ".mp4")
    assert names(walk([tmp_path])) == ["a.MP4", "b.webm", "c.dat", "no_extension", "stream.ts"]


def test_hidden_and_excluded_files_are_a_choice(tmp_path):
    put(tmp_path / ".trash" / "old.mp4")
    put(tmp_path / "drafts" / "one.mp4")
    put(tmp_path / "two.mp4")
    put(tmp_path / "two.tmp.mp4")
    found = walk([tmp_path], ["*.tmp.mp4", "*/drafts"])
    assert names(found) == ["two.mp4"]
    assert names(walk([tmp_path], hidden=True)) == ["old.mp4", "one.mp4", "two.mp4", "two.tmp.mp4"]


def test_a_symlink_loop_ends_and_a_folder_counts_once(tmp_path):
    put(tmp_path / "real" / "a.mp4")
    (tmp_path / "real" / "loop").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "real")
    assert names(walk([tmp_path])) == ["a.mp4"]


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.mp4"))
        (tmp_path / "nowhere.mp4").symlink_to(tmp_path / "gone.mp4")
        found = walk([tmp_path])
    assert names(found) == []
    told = sorted(problem.path.name for problem in found.problems)
    assert told == ["nowhere.mp4", "pipe.mp4", "s.mp4"]


def test_names_with_newlines_emoji_and_no_unicode(tmp_path):
    odd = [b"two\nlines.mp4", "🎬.mp4".encode(), b"bad\xff.mp4"]
    for name in odd:
        put(tmp_path / os.fsdecode(name))
    assert {os.fsencode(Path(f.path).name) for f in walk([tmp_path]).files} == set(odd)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_closed_folder_is_told_and_not_taken_for_empty(tmp_path):
    put(tmp_path / "closed" / "a.mp4")
    (tmp_path / "closed").chmod(0)
    try:
        found = walk([tmp_path])
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert found.unseen == [str(tmp_path / "closed")]
    assert "Permission denied" in found.problems[0].reason


def test_libraries_are_passed_over(tmp_path):
    put(tmp_path / "my.lib" / "library.json")
    put(tmp_path / "my.lib" / "a.mp4")
    put(tmp_path / "b.mp4")
    assert names(walk([tmp_path])) == ["b.mp4"]


def test_subtitle_files_mark_their_video(tmp_path):
    put(tmp_path / "a.mp4")
    put(tmp_path / "ab.mp4")
    before = walk([tmp_path]).files
    put(tmp_path / "a.en.srt")
    a, ab = walk([tmp_path]).files
    assert (a.sidecars, before[0].sidecars) != ("", "")
    assert "a.en.srt" in a.sidecars
    assert ab == before[1]


def test_a_file_named_by_the_user_counts_whatever_its_name(tmp_path):
    file = put(tmp_path / "strange.xyz")
    assert [found.path for found in walk([file, file]).files] == [str(file)]
    with pytest.raises(InputError, match="no file or folder"):
        walk([tmp_path / "missing"])


def test_absolute_keeps_symlinks(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert absolute(tmp_path / "x" / ".." / "link") == str(tmp_path / "link")
