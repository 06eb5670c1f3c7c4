"""`ask` with a random SeViLA: key frames, moments, confidence, and every clear refusal."""

import pytest
import tiny_sevila as tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sevila") / "model"
    tiny.write_folder(folder)
    return folder


@pytest.fixture
def video(drawn):
    return sorted(drawn[0].glob("*.mp4"))[0]


def test_options(run, video, model, tmp_path):
    words = ("ask", video, "what colour is it?", "--model", model)
    ended = run(*words, "--json", "--out", tmp_path / "sheet.png", "--options", "red", "blue", "绿")
    assert ended.code == 0, ended.err
    assert ended.json["options"] == ["red", "blue", "绿"]
    (found,) = ended.json["results"]
    assert found["text"] == ended.json["options"][found["option"]]
    assert len(found["chances"]) == 3
    assert sum(found["chances"]) == pytest.approx(1.0)
    assert found["confidence"] == max(found["chances"])
    assert len(found["key_frames_s"]) == tiny.settings().key_frames
    assert found["key_frames_s"] == sorted(found["key_frames_s"])
    length_s = found["video"]["duration_s"]
    assert all(0 <= time_s < length_s for time_s in found["key_frames_s"])
    assert len(found["saliency"]["scores"]) >= tiny.settings().frames
    assert all(0 <= moment["start_s"] < moment["end_s"] <= length_s for moment in found["moments"])
    assert any("never fitted" in note for note in found["notes"])
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
    ended = run(*words, "--options", "red", "blue")
    assert ended.code == 0
    assert "confidence 0." in ended.out
    assert "read from the frames at" in ended.out


def test_an_answer_in_words_and_two_questions(run, video, model):
    ended = run("ask", video, "what happens?", "and then?", "--model", model, "--json")
    assert ended.code == 0, ended.err
    (found,) = ended.json["results"]
    assert found["option"] is None
    assert found["chances"] == []
    assert 0 <= found["confidence"] <= 1
    assert any("without those before it" in note for note in found["notes"])


def test_twenty_options_are_asked_in_rounds(run, video, model):
    many = [f"colour {number}" for number in range(20)]
    ended = run("ask", video, "which?", "--model", model, "--json", "--options", *many)
    assert ended.code == 0, ended.err
    (found,) = ended.json["results"]
    assert len(found["chances"]) == 20
    assert any("rounds of 5" in note for note in found["notes"])
    best = found["chances"][found["option"]]
    assert 0 < best <= 1


def test_more_key_frames_than_frames(run, video, model):
    words = ("ask", video, "which?", "--model", model, "--json", "--key-frames", 500)
    ended = run(*words, "--options", "a", "b")
    assert ended.code == 0, ended.err
    (found,) = ended.json["results"]
    assert len(found["key_frames_s"]) == len(found["saliency"]["scores"])
    assert any("500 key frames were wanted" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("what?", "--options", "red"), "one option is no choice"),
        (("", "--options", "red", "blue"), "empty"),
        (("what?", "--options", "red", " "), "empty"),
        (("what?", "and?", "--options", "red", "blue"), "options belong to one question"),
        (("what?", "--options"), "no words behind it"),
        (("what?", "--key-frames", "0"), "key-frames"),
    ],
)
def test_what_cannot_be_asked(run, video, model, words, told):
    ended = run("ask", video, *words, "--model", model)
    assert ended.code == 2
    assert told in ended.err.replace("\n", " ")


def test_moments_of_a_query(run, video, model):
    for words in (("ground", video, "a circle"), ("highlights", video, "a circle")):
        ended = run(*words, "--model", model, "--json")
        assert ended.code == 0, ended.err
        assert ended.json["results"][0]["moments"]
    assert run("caption", video, "--model", model).code == 2
    assert run("summarize", video, "--model", model).code == 2


def test_the_library_finds_the_video(run, library, model):
    lib = library
    ended = run("ask", "a red circle moves", "--library", lib, "--model", model, "--json")
    assert ended.code in (0, 1), ended.err
    if ended.code == 0:
        assert "fits best" in ended.err
        assert ended.json["results"][0]["video"]["path"]
        kept = list((lib / "visual_tokens").glob("*.safetensors"))
        assert kept
        again = run("ask", "a red circle moves", "--library", lib, "--model", model, "--json")
        assert again.json["results"][0]["text"] == ended.json["results"][0]["text"]


def test_frames_alone_cannot_answer(run, video):
    ended = run("ask", video, "what?", "--options", "a", "b", "--model", "frames")
    assert ended.code == 2
    assert "needs a video language model" in ended.err


def test_a_video_that_nobody_knows_is_refused(run, library, model):
    ended = run("ask", "holiday.mp4", "what?", "--library", library, "--model", model)
    assert ended.code == 2
    assert "holiday.mp4" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("what is on the skateboard?", ("a dog", "a cat", "a child")),
        ("滑板上是什么？", ("一只狗", "一只猫")),
    ],
)
def test_real_clips_in_both_languages(run, real_videos, model, question, options):
    video = real_videos / "skateboarding_dog.mp4"
    words = ("ask", video, question, "--model", model, "--json", "--options", *options)
    ended = run(*words)
    assert ended.code == 0, ended.err
    (found,) = ended.json["results"]
    assert found["option"] in range(len(options))
    length_s = found["video"]["duration_s"]
    assert all(0 <= time_s <= length_s for time_s in found["key_frames_s"])
    assert all(0 <= one["start_s"] < one["end_s"] <= length_s for one in found["moments"])
