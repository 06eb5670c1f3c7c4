"""Questions about one video: every control of the panels reaches the model that is asked."""

import pytest
from model_stand_ins import TellingPool
from serving import served

from whenabouts.app.serve.work_watch import answer_settings

NOTHING = dict.fromkeys(("frames", "beams", "temperature", "top_p", "new_tokens", "seed"))


@pytest.fixture(scope="module")
def asked():
    return TellingPool.asked


@pytest.fixture(scope="module")
def models(films):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whenabouts.app.serve.server.WatcherPool", TellingPool)
        with served(films) as client:
            yield client


def _post(models, path, **form):
    answer = models.post(f"/api/v1{path}", json={"wait_s": 50, **form})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_untouched_panel_asks_for_the_same_words_each_time():
    assert answer_settings({"preset": "greedy", **NOTHING}) is None
    demo = answer_settings({"preset": "demo", **NOTHING})
    assert (demo.new_tokens, demo.top_p, demo.beams, demo.temperature) == (300, 0.9, 1, 1.0)
    assert answer_settings({"preset": "beam", **NOTHING}).beams == 3


@pytest.mark.parametrize(
    ("control", "value", "drawn"),
    [
        ("temperature", 0.3, True),
        ("top_p", 0.5, True),
        ("seed", 7, True),
        ("beams", 4, False),
        ("new_tokens", 60, False),
    ],
)
def test_every_control_is_honoured(control, value, drawn):
    made = answer_settings({"preset": "greedy", **NOTHING, control: value})
    assert getattr(made, control) == value
    assert made.sample is drawn


def test_beams_and_temperature_count_together():
    made = answer_settings({"preset": "demo", **NOTHING, "beams": 3, "temperature": 1.5})
    assert (made.beams, made.temperature, made.sample) == (3, 1.5, True)


def test_a_talk_about_a_video_with_the_controls_of_the_demos(models, asked, ids):
    sea = ids["sea.mp4"]
    form = {"video": sea, "model": "talker", "question": "What is blue?"}
    generate = {"preset": "demo", "frames": 48, "beams": 1, "temperature": 0.4}
    answer = _post(models, "/ask", **form, generate=generate)
    assert answer["text"] == "<b>answer</b> 0"
    assert answer["moments"][0]["start_s"] == 4.0
    assert answer["notes"] == ["a note"]
    last = asked[-1]
    assert (last["frames"], last["answer"].temperature, last["grows"]) == (48, 0.4, True)
    history = [{"role": "user", "text": "a"}, {"role": "assistant", "text": "b"}]
    answer = _post(models, "/ask", **form, history=history, generate={"beams": 5})
    assert answer["text"] == "<b>answer</b> 2"
    assert asked[-1]["history"] == ["a", "b"]
    assert asked[-1]["grows"] is False  # the best of several beams is known at the end


def test_locate_and_answer_with_options_and_key_frames(models, asked, ids):
    form = {"video": ids["sea.mp4"], "model": "locator", "question": "Which colour?"}
    choices = ["red", "blue", "green", "pink"]
    answer = _post(models, "/ask", **form, choices=choices, key_frames=6, generate={"frames": 16})
    assert (answer["option"], answer["text"], answer["confidence"]) == (1, "blue", 0.8)
    assert len(answer["chances"]) == 4
    assert answer["key_frames_s"] == [0, 1, 2, 3, 4, 5]
    assert answer["saliency"]["scores"] == [0.1, 0.9, 0.2]
    last = asked[-1]
    assert (last["options"], last["keys"], last["frames"]) == (choices, 6, 16)
    answer = _post(models, "/ask", **form, key_frames=2)
    assert (answer["text"], answer["option"]) == ("in words", None)


def test_captions_and_highlights(models, asked, ids):
    form = {"video": ids["sea.mp4"], "model": "talker"}
    assert _post(models, "/caption", **form, lang="zh")["moments"][0]["text"] == "the middle"
    assert asked[-1]["lang"] == "zh"
    told = _post(models, "/highlights", **form, query="blue")
    assert told["saliency"]["times_s"] == [0.0, 2.0, 4.0, 6.0]
    assert _post(models, "/ground", **form, query="blue")["moments"]


@pytest.mark.parametrize(
    "form",
    [
        {"model": "talker", "key_frames": 3},
        {"model": "locator", "choices": ["only one"]},
        {"model": "talker", "question": "\u0098?"},
    ],
)
def test_what_makes_no_sense_is_refused_before_it_is_a_job(models, ids, form):
    before = len(models.get("/api/v1/jobs").json()["jobs"])
    answer = models.post("/api/v1/ask", json={"video": ids["sea.mp4"], "question": "x", **form})
    assert answer.status_code == 409, answer.text
    assert len(models.get("/api/v1/jobs").json()["jobs"]) == before
