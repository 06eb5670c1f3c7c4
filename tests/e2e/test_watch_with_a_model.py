"""Every command that watches, with a random video LLM: what comes out is read and told honestly."""

import pytest
import tiny_video_llm as tiny

from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.systems.video_llm import VideoChat
from whenabouts.weights.hub import TINY_FOLDER

SHORT = GenerateSettings(new_tokens=8, context_tokens=500, sample=False)


@pytest.fixture(scope="module", params=["timechat", "vtgllm"])
def model(request, tmp_path_factory):
    """The folder of a video LLM whose weights are random."""
    root = tmp_path_factory.mktemp(request.param)
    (root / "files").mkdir()
    given, _ = tiny.write_stack(root / "files", request.param, whole=request.param == "vtgllm")
    given = given.model_copy(update={"answer": SHORT, "prompts": request.param})
    tiny.convert(request.param, root / "files", root / "model", given)
    return root / "model"


@pytest.fixture
def said(monkeypatch):
    """What the model says from now on; it still looks and reads the prompt."""

    def say(text):
        monkeypatch.setattr(VideoChat, "text_of", lambda self, ids: text)

    return say


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("ground", "VIDEO", "a red circle"), "The given query happens in 1.0 - 2.5 seconds."),
        (("ground", "VIDEO", "红色的圆形"), "它发生在1.0 - 2.5秒。"),
        (("highlights", "VIDEO", "a circle"), "2.0 seconds, significance score: 4.0, a circle."),
        (("summarize", "VIDEO"), "2.0 seconds, significance score: 4.0, a circle."),
        (("caption", "VIDEO"), "1.0 - 2.5 seconds, a circle moves."),
        (("caption", "VIDEO", "--lang", "zh"), "1.0 - 2.5秒，圆形在移动。"),
        (("describe", "VIDEO", "--lang", "zh"), "一个圆形。"),
        (("ask", "VIDEO", "what is it?", "and where?"), "a circle, on the left"),
    ],
)
def test_an_answer_becomes_moments_and_text(run, drawn, model, said, words, text):
    said(text)
    video = sorted(drawn[0].glob("*.mp4"))[0]
    words = [video if word == "VIDEO" else word for word in words]
    ended = run(*words, "--model", model, "--json")
    assert ended.code == 0, ended.err
    result = ended.json["results"][0]
    assert ended.json["model"].startswith("tiny-")
    assert result["text"] == text
    if words[0] in ("describe", "ask"):
        assert result["moments"] == []
    else:
        first = result["moments"][0]
        assert first["start_s"] <= 2.5 <= first["end_s"] + 1.6
    assert run(*words, "--model", model).code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I see a circle.", "names no time"),
        ("The given query does not happen in the video.", "says that it does not happen"),
        ("红色圆形没有出现。", "says that it does not happen"),
        ("It is at -3.0 - -1.0 seconds.", "below 0"),
        ("It happens in 300.0 - 310.0 seconds.", "behind the end"),
        ("It happens in 2.0 - 2.0 seconds.", "no length"),
    ],
)
def test_an_answer_without_any_time_is_marked(run, drawn, model, said, text, told):
    said(text)
    video = sorted(drawn[0].glob("*.mp4"))[0]
    for words in (("ground", video, "a red circle"), ("caption", video)):
        ended = run(*words, "--model", model)
        assert ended.code == 1
        assert "nothing" in ended.out
        assert told in ended.err or (words[0] == "caption" and "names no time" in ended.err)
    ended = run("ground", video, "a red circle", "--model", model, "--json")
    assert ended.code == 1
    assert ended.json["results"][0]["moments"] == []
    assert any(told in note for note in ended.json["results"][0]["notes"])


def test_reversed_times_are_put_in_order_and_told(run, drawn, model, said):
    said("It happens in 2.5 - 1.0 seconds.")
    video = sorted(drawn[0].glob("*.mp4"))[0]
    ended = run("ground", video, "a red circle", "--model", model, "--json")
    assert ended.code == 0
    (moment,) = ended.json["results"][0]["moments"]
    assert (moment["start_s"], moment["end_s"]) == (1.0, 2.5)
    assert any("reversed" in note for note in ended.json["results"][0]["notes"])


def test_what_the_random_model_says_by_itself_never_breaks_anything(run, drawn, model, tmp_path):
    video = sorted(drawn[0].glob("*.mp4"))[0]
    for words in (
        ("ground", video, "a red circle"),
        ("caption", video, "--to", "vtt", "--out", "said.vtt"),
        ("highlights", video, "圆形"),
        ("ask", video, "what is it?"),
    ):
        ended = run(*words, "--model", model, "--json")
        assert ended.code in (0, 1), ended.err
    assert (tmp_path / "said.vtt").read_text().startswith("WEBVTT")


def test_hits_are_sharpened_and_looks_are_kept_in_the_library(run, drawn, model, said, tmp_path):
    run("index", drawn[0], "-l", "refined.lib")
    question = next(q for q in drawn[2] if q.topic == "pictures" and q.spans)
    said("It happens in 1.0 - 2.5 seconds.")
    ended = run("search", question.text, "-l", "refined.lib", "--refine", model, "--json")
    assert ended.code == 0, ended.err
    hit = ended.json["hits"][0]
    assert hit["end_s"] - hit["start_s"] == pytest.approx(1.5)
    assert hit["evidence"][-1]["text"].startswith("span by")
    assert list((tmp_path / "refined.lib" / "visual_tokens").glob("*.safetensors"))
    assert run("search", "--image", "x.png", "--refine", model, "-l", "refined.lib").code == 2


def test_a_folder_that_is_no_model_is_refused(run, drawn, tmp_path):
    (tmp_path / "empty").mkdir()
    video = sorted(drawn[0].glob("*.mp4"))[0]
    ended = run("ground", video, "a red circle", "--model", "empty")
    assert ended.code == 2
    assert "whenabouts convert" in ended.err
    ended = run("ground", video, "a red circle", "--model", TINY_FOLDER)
    assert ended.code == 2
    assert "an encoder, and no video LLM" in ended.err
    ended = run("ground", video, "a red circle", "--model", "tiny-vtgllm", "--device", "abacus")
    assert ended.code == 2
    assert "unknown device 'abacus'" in ended.err
