"""Commands that watch single videos, on drawn and real ones, without a language model."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest


@pytest.fixture
def question(drawn):
    """A question of the demo whose answer is one span: text, file, span."""
    folder, _drawings, questions = drawn
    asked = next(q for q in questions if q.topic == "pictures" and len(q.spans) == 1)
    return asked.text, folder / asked.video, asked.spans[0]


@pytest.mark.parametrize("stored", [False, True])
def test_ground_finds_the_span_with_and_without_a_library(run, question, library, stored):
    text, path, span = question
    more = ["-l", library] if stored else []
    ended = run("ground", path, text, *more, "--json")
    assert ended.code == 0, ended.err
    result = ended.json["results"][0]
    assert ("library" in result["notes"][0]) == stored
    best = result["moments"][0]
    overlap = min(best["end_s"], span.end_s) - max(best["start_s"], span.start_s)
    assert overlap > 0.4 * span.length_s
    assert text in json.dumps(ended.json, ensure_ascii=False)
    assert "found by" in run("ground", path, text).out


def test_a_name_that_only_the_library_knows(run, question, library):
    text, path, _ = question
    ended = run("ground", path.name, text, "-l", library, "--json")
    assert ended.json["results"][0]["video"]["path"] == str(path)


def test_highlights_are_a_curve_of_two_second_clips(run, question, tmp_path):
    text, path, span = question
    ended = run("highlights", path, text, "--out", "best.png", "--json")
    assert ended.code == 0, ended.err
    curve = ended.json["results"][0]["saliency"]
    assert curve["times_s"][:3] == [0.0, 2.0, 4.0]
    best = max(range(len(curve["scores"])), key=curve["scores"].__getitem__)
    assert span.start_s - 2 < curve["times_s"][best] < span.end_s
    assert (tmp_path / "best.png").read_bytes().startswith(b"\x89PNG")


def test_highlights_need_no_query(run, question):
    ended = run("highlights", question[1], "--json")
    assert ended.code == 0, ended.err
    assert ended.json["results"][0]["moments"]
    assert any("without a query" in note for note in ended.json["results"][0]["notes"])


def test_many_videos_and_a_broken_one(run, drawn, tmp_path, monkeypatch):
    folder = drawn[0]
    (tmp_path / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42 this is all")
    good = sorted(folder.glob("*.mp4"))[:2]
    monkeypatch.setattr(sys, "stdin", StringIO("\n".join(map(str, [*good, "broken.mp4"])) + "\n"))
    ended = run("ground", "-", "a red circle", "--json")
    assert ended.code == 3
    assert len(ended.json["results"]) == 2
    assert ended.json["failed"][0]["path"].endswith("broken.mp4")
    assert run("ground", "broken.mp4", "a red circle").code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ground", "nowhere.mp4", "a dog"], "nowhere.mp4"),
        (["ground", "FOLDER", "  "], "empty"),
        (["ground", "FOLDER", "a dog", "--model", "nobody"], "frames"),
        (["caption", "FOLDER", "--model", "frames"], "whenabouts[torch]"),
        (["ask", "FOLDER", "what is it?", "--model", "frames"], "whenabouts[torch]"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_next_step(run, drawn, words, told):
    ended = run(*[drawn[0] if word == "FOLDER" else word for word in words])
    assert ended.code == 2
    assert told in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("caption", "VIDEO", "--lang", "zh"),
        ("describe", "VIDEO"),
        ("ask", "VIDEO", "what is it?"),
        ("ask", "VIDEO", "它是什么？", "--options", "圆形", "星形"),
        ("ground", "VIDEO", "a circle", "--model", "tiny-timechat"),
        ("caption", "VIDEO", "--lang", "zh", "--model", "tiny-timechat"),
    ],
)
def test_words_come_from_a_shipped_model_which_says_what_it_knows(run, drawn, words):
    video = sorted(drawn[0].glob("*.mp4"))[0]
    ended = run(*[video if word == "VIDEO" else word for word in words], "--json")
    assert ended.code in (0, 1), ended.err
    default = "tiny-sevila" if "--options" in words else "tiny-vtgllm"
    assert ended.json["model"] == (words[-1] if "--model" in words else default)
    assert any("drawn shapes only" in note for note in ended.json["results"][0]["notes"])


def test_without_torch_words_are_refused_in_one_line_and_times_are_not(run, drawn, monkeypatch):
    monkeypatch.setattr("whenabouts.library.watchers.find_spec", lambda name: None)
    video = sorted(drawn[0].glob("*.mp4"))[0]
    for words in (("caption", video), ("describe", video), ("ask", video, "what is it?")):
        ended = run(*words)
        assert ended.code == 2
        assert ended.err.startswith("whenabouts: ")
        assert "pip install 'whenabouts[torch]'" in ended.err
    for words in (
        ("ground", video, "a circle"),
        ("highlights", video, "圆形"),
        ("summarize", video),
    ):
        ended = run(*words)
        assert ended.code == 0, ended.err
        assert "by vectors of its frames" in ended.err


def test_real_clips_in_both_languages(run, real_videos):
    for query in ("a dog on a skateboard", "滑板上的狗"):
        ended = run("ground", real_videos / "skateboarding_dog.mp4", query, "--json")
        assert ended.code == 0, ended.err
        video = ended.json["results"][0]["video"]
        for moment in ended.json["results"][0]["moments"]:
            assert 0 <= moment["start_s"] < moment["end_s"] <= video["duration_s"] + 1e-6


def test_a_watcher_is_measured_by_recipe(run, tmp_path):
    recipe = Path(__file__).parents[2] / "recipes" / "watching.toml"
    small = ["evaluate.videos=1", "evaluate.duration_s=[8.0, 9.0]", "evaluate.scenes=[1, 2]"]
    small += ["evaluate.events=[1, 9]", "evaluate.resamples=10", "evaluate.each=1"]
    words = ["--model", "frames", "--out", "figures", "--json"]
    ended = run("evaluate", recipe, *small, *words)
    assert ended.code == 0, ended.err
    assert {"moment.R@1 IoU=0.5.en", "highlights.HIT@1.zh"} <= ended.json["figures"].keys()
    assert not any("answers" in name for name in ended.json["figures"])
    written = json.loads((tmp_path / "figures" / "figures.json").read_text())
    assert written["model"] == "frames"
