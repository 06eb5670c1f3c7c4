"""Every command as a person or a script would use it, on a small drawn library."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest

from whenabouts.media.probe import probe


def _question(drawn, topic):
    return next(question for question in drawn[2] if question.topic == topic)


def test_index_then_index_again(run, drawn, tmp_path):
    some = tmp_path / "videos"
    some.mkdir()
    for path in sorted(drawn[0].glob("shapes_[12]*")):
        shutil.copy2(path, some)
    first = run("index", some, "-l", "x.lib", "--no-screen-text", "--json")
    assert first.code == 0, first.err
    assert first.json["command"] == "index"
    assert first.json["new"] == 2
    (some / "broken.mp4").write_bytes(b"this is no video" * 100)
    second = run("index", "-l", "x.lib", "--no-screen-text")
    assert second.code == 3
    assert "2 unchanged" in second.out
    assert "failed: " in second.err
    assert "broken.mp4" in second.err
    listed = run("status", "-l", "x.lib", "--json").json
    assert [Path(f["path"]).name for f in listed["failed"]] == ["broken.mp4"]
    assert listed["due"]["screen"] == 2
    (some / "broken.mp4").unlink()
    assert run("index", "-l", "x.lib", "--no-screen-text").code == 0
    pruned = run("prune", "-l", "x.lib")
    assert pruned.code == 0
    assert "broken.mp4" in pruned.out
    assert run("prune", "-l", "x.lib").out == "nothing to forget\n"


def test_search_by_words_prints_a_table_and_json(run, drawn, library):
    question = _question(drawn, "subtitle")
    table = run("search", question.text, "-l", library)
    assert table.code == 0
    assert question.video in table.out
    assert "subtitle" in table.out
    found = run("search", question.text, "-l", library, "--json").json
    best = found["hits"][0]
    assert Path(best["video"]["path"]).name == question.video
    assert best["start_s"] < question.spans[0].end_s
    assert best["end_s"] > question.spans[0].start_s
    assert best["evidence"][0]["channel"] == "subtitle"
    assert found["query"] == question.text


def test_search_reads_words_without_quotes(run, drawn, library):
    question = _question(drawn, "subtitle")
    found = run("search", *question.text.split(), "-l", library, "--json").json
    assert found["query"] == question.text


def test_a_search_that_finds_nothing_says_so_and_ends_with_1(run, library):
    ended = run("search", "zzyzx", "-l", library, "--by", "subtitle")
    assert ended.code == 1
    assert ended.out.startswith("not in your library: ")
    value = run("search", "zzyzx", "-l", library, "--by", "subtitle", "--json")
    assert value.code == 1
    assert value.json["hits"] == []
    assert value.json["reason"]


def test_filters_leave_out_what_they_say(run, drawn, library):
    text = _question(drawn, "subtitle").text
    names = run("search", text, "-l", library, "--unsure", "--name", "*_3.mp4", "--json").json
    assert {Path(hit["video"]["path"]).name for hit in names["hits"]} == {"shapes_3.mp4"}
    assert run("search", text, "-l", library, "--shortest", 1000).code == 1
    assert run("search", text, "-l", library, "--before", "1990-01-01").code == 1
    assert run("search", text, "-l", library, "--folder", "elsewhere").code == 1


def test_like_finds_others_than_itself(run, drawn, library):
    found = run("search", "--like", "shapes_1.mp4@1-3", "-l", library, "--unsure", "--json")
    assert found.json["hits"]
    picture = run("search", "--clip", f"{drawn[0]}/shapes_2.mp4#t=1,2", "-l", library, "--json")
    assert picture.code in (0, 1)
    assert "error" not in picture.json


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search"], "say what to find"),
        (["search", " "], "the query is empty"),
        (["search", "a", "--like", "1"], "one thing at a time"),
        (["search", "x" * 100_000], "100000 characters"),
        (["search", "a\x00b"], "no text"),
        (["search", "a", "--after", "soon"], "no date"),
        (["search", "a", "--by", "smell"], "no channel"),
        (["search", "--like", "99"], "search"),
        (["search", "--like", "nowhere.mp4@1-2"], "no video of this library"),
        (["search", "--image", "nowhere.png"], "nowhere.png"),
        (["show", "shapes_1.mp4@900-901"], "behind it"),
        (["export", "shapes_1.mp4@3-1", "--to", "csv"], "ends before it starts"),
    ],
)
def test_what_cannot_be_meant_is_refused_politely(run, library, words, message):
    ended = run(*words, "-l", library, "--json")
    assert ended.code == 2
    assert message in ended.err
    assert ended.err.startswith("whenabouts: ")
    assert ended.json["command"] == "error"
    assert message in ended.json["error"]["message"]


@pytest.mark.parametrize("command", [["search", "a star"], ["status"], ["prune"], ["show", "1"]])
def test_without_a_library_the_next_step_is_told(run, tmp_path, command):
    ended = run(*command, "-l", tmp_path / "none.lib")
    assert ended.code == 2
    assert "whenabouts index" in ended.err
    assert not (tmp_path / "none.lib").exists()


def test_show_writes_a_sheet_for_a_hit(run, drawn, library, tmp_path):
    from PIL import Image

    question = _question(drawn, "subtitle")
    run("search", question.text, "-l", library)
    ended = run("show", "1", "-l", library, "--out", "sheet.png")
    assert ended.code == 0, ended.err
    assert question.video in ended.out
    assert "contact sheet: sheet.png" in ended.out
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width >= 400
        assert len(sheet.convert("RGB").getcolors(1 << 24) or []) > 50


def test_export_writes_what_others_read(run, drawn, library, tmp_path):
    question = _question(drawn, "subtitle")
    run("search", question.text, "-l", library)
    assert run("export", "all", "--to", "csv", "-l", library).code == 0
    rows = list(csv.DictReader((tmp_path / "moments.csv").read_text("utf-8").splitlines()))
    assert Path(rows[0]["path"]).name == question.video
    printed = run("export", "1", "--to", "vtt", "-o", "-", "-l", library)
    assert printed.out.startswith("WEBVTT\n")
    assert run("export", "1", "--to", "otio", "-o", "cut.otio", "-l", library).code == 0
    assert json.loads((tmp_path / "cut.otio").read_text())["OTIO_SCHEMA"].startswith("Timeline")


@pytest.mark.parametrize("exact", [False, True])
def test_export_cuts_a_clip(run, library, tmp_path, exact):
    words = ["export", "shapes_2.mp4@2-4", "--to", "clip", "-l", library, "--json"]
    ended = run(*words, *(["--exact"] if exact else []))
    assert ended.code == 0, ended.err
    (path,) = ended.json["files"]
    length_s = probe(tmp_path / path).duration_s
    # Copied streams begin at the key frame before the start; that is what --exact is for.
    assert length_s >= 2.0 - 0.11
    if exact:
        assert length_s == pytest.approx(2.0, abs=0.11)


def test_export_never_writes_over_the_video(run, library, drawn):
    video = drawn[0] / "shapes_2.mp4"
    before = video.read_bytes()
    ended = run("export", "shapes_2.mp4@2-4", "--to", "clip", "-o", video, "-l", library)
    assert ended.code == 2
    assert video.read_bytes() == before


def test_doctor_finds_a_working_program(run):
    ended = run("doctor", "--json")
    checks = {check["name"]: check for check in ended.json["checks"]}
    assert {"decoder", "encoder", "store", "on-screen text", "speech", "disk"} <= set(checks)
    assert all(check["state"] == "ok" for check in checks.values() if check["needed"]), checks
    for check in checks.values():
        assert check["state"] == "ok" or check["hint"], check
    assert ended.code == 0


def test_a_fault_of_the_program_is_told_as_such(run, library, monkeypatch):
    from whenabouts.library.library import Library

    def fall(self):
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(Library, "status", fall)
    ended = run("status", "-l", library)
    assert ended.code == 70
    assert "ZeroDivisionError: seven" in ended.err
    assert "please report" in ended.err


def test_control_c_ends_with_130_and_says_what_stays(run, drawn, monkeypatch):
    from whenabouts.library.library import Library

    def interrupt(self, *paths, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Library, "add", interrupt)
    ended = run("index", drawn[0], "-l", "x.lib")
    assert ended.code == 130
    assert "what was committed stays" in ended.err


@pytest.mark.parametrize("words", [["nowhere"], []])
def test_an_index_of_nothing_leaves_no_library_behind(run, tmp_path, words):
    ended = run("index", *words, "-l", "x.lib")
    assert ended.code == 2
    assert "check the spelling" in ended.err or "whenabouts index" in ended.err
    assert not (tmp_path / "x.lib").exists()


def test_hostile_file_names_are_shown_harmlessly_and_given_back_exactly(run, drawn, tmp_path):
    names = [b"new\nline.mp4", b"clear\x1b[2J.mp4", b"not-utf8-\xff.mp4", "星 🎬.mp4".encode()]
    folder = tmp_path / "odd"
    folder.mkdir()
    made = []
    for number, name in enumerate(names, start=1):
        try:
            target = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - a name in bytes
            shutil.copy2(os.fsencode(drawn[0] / f"shapes_{number}.mp4"), target)
        except OSError:
            continue  # not every file system takes every name
        made.append(os.fsdecode(target))
    assert made
    assert run("index", folder, "-l", "x.lib", "--quick").code == 0
    found = run("search", "mp4", "-l", "x.lib", "--by", "name", "--unsure", "--json")
    assert {hit["video"]["path"] for hit in found.json["hits"]} <= set(made)
    for words in (["status"], ["search", "星", "--unsure"], ["search", "line", "--unsure"]):
        shown = run(*words, "-l", "x.lib")
        assert "\x1b" not in shown.out + shown.err
        assert "new\nline" not in shown.out
    rows = run("export", *made, "--to", "csv", "-o", "all.csv", "-l", "x.lib")
    assert rows.code == 0, rows.err
    data = (tmp_path / "all.csv").read_bytes()
    assert all(os.fsencode(path).rpartition(b"/")[2] in data for path in made)


def test_watch_indexes_again_when_a_file_comes(run, drawn, tmp_path, monkeypatch):
    import watchfiles

    folder = tmp_path / "watched"
    folder.mkdir()
    shutil.copy2(drawn[0] / "shapes_1.mp4", folder)
    asked = {}

    def watch(*folders, watch_filter, **options):
        asked["folders"] = folders
        asked["ours"] = watch_filter(watchfiles.Change.modified, str(tmp_path / "x.lib" / "a"))
        asked["theirs"] = watch_filter(watchfiles.Change.added, str(folder / "b.mp4"))
        shutil.copy2(drawn[0] / "shapes_2.mp4", folder)
        yield {(watchfiles.Change.added, str(folder / "shapes_2.mp4"))}
        yield {(watchfiles.Change.modified, str(folder / "shapes_2.mp4"))}

    monkeypatch.setattr(watchfiles, "watch", watch)
    ended = run("index", folder, "-l", tmp_path / "x.lib", "--watch", "--quick")
    assert ended.code == 0, ended.err
    assert ended.out.count("1 new") == 2, "one report a change, and none for no change"
    assert asked == {"folders": (str(folder),), "ours": False, "theirs": True}
