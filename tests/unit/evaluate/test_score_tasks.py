"""Scoring files: forms, refusals and what is said about them."""

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whenabouts.errors import InputError, MissingPartError, WhenaboutsError
from whenabouts.evaluate.score_captions import score_captions
from whenabouts.evaluate.score_choices import score_choices
from whenabouts.evaluate.score_files import read_json, video_name
from whenabouts.evaluate.score_moments import score_highlights, score_moments
from whenabouts.evaluate.score_summaries import score_summaries


@pytest.fixture
def put(tmp_path):
    def write(name, value):
        path = tmp_path / name
        text = value if isinstance(value, str) else json.dumps(value)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def moments(put, told, truth, answers="timechat", sample=False):
    return score_moments(put("told.json", told), truth, answers, sample, resamples=20)


def test_moments_in_every_form(put):
    truth = put(
        "truth.json",
        {"annotations": [{"id": 0, "timestamp": [2, 6]}, {"id": 1, "timestamp": [0, 10]}]},
    )
    table = {"0": {"timestamp": [[2, 6]]}, "1": {"timestamp": []}}
    texts = [
        {"id": 0, "generated_cap": "It happens in 2.0 - 6.0 seconds."},
        {"id": 1, "generated_cap": "I do not know."},
    ]
    for told in (table, texts):
        for answers in ("timechat", "vtgllm", "strict"):
            found = moments(put, told, truth, answers)
            assert found.figures["R@1 IoU=0.7"] == 50.0
            assert found.figures["mIoU"] == 50.0
            assert any("1 answers hold no window" in line for line in found.notes)
    charades = put("truth.txt", "AB 2.0 6.0##a person sits.\nAB 0.0 10.0##a person runs.\n")
    assert moments(put, table, charades).figures["R@1 IoU=0.5"] == 50.0


def test_moments_of_a_sample(put):
    truth = put("truth.json", [{"id": n, "timestamp": [0, 4]} for n in range(3)])
    with pytest.raises(InputError, match="1 queries predicted, 3 to score"):
        moments(put, {"1": [[0, 4]]}, truth)
    found = moments(put, {"1": [[0, 4]]}, truth, sample=True)
    assert found.figures["R@1 IoU=0.7"] == 100.0
    with pytest.raises(InputError, match="'9'"):
        moments(put, {"9": [[0, 4]]}, truth)
    with pytest.raises(InputError, match="finite numbers"):
        moments(put, '{"1": [[0, Infinity]]}', truth, sample=True)


def test_highlights_from_lines_and_from_answers(put):
    rating = [[4, 4, 4], [1, 1, 1]]
    truth = put(
        "truth.jsonl",
        "\n".join(
            json.dumps(
                {"qid": q, "duration": 20, "relevant_clip_ids": [3, 4], "saliency_scores": rating}
                | {"relevant_windows": [[6, 10]]}
            )
            for q in (1, 2)
        ),
    )
    curves = [{"qid": q, "pred_saliency_scores": [0, 0, 0, 2, 1]} for q in (1, 2)]
    told = put("told.jsonl", "\n".join(map(json.dumps, curves)))
    found = score_highlights(told, truth, "timechat", sample=False)
    assert found.figures["HL-min-VeryGood-Hit1"] == 100.0
    answer = "There are 2 highlight moments in the 6.0, 8.0 second. Their scores are 4.0, 2.0."
    told = put("texts.json", [{"id": q, "generated_cap": answer} for q in (1, 2)])
    strict = score_highlights(told, truth, "strict", sample=False).figures
    compatible = score_highlights(told, truth, "timechat", sample=False).figures
    # The published mapping is one clip early for answers that name a clip's start.
    assert strict["HL-min-VeryGood-Hit1"] == 100.0
    assert compatible["HL-min-VeryGood-Hit1"] == 0.0


def test_captions_by_the_form_of_the_references(put):
    told = put("told.json", {"v.mp4": [{"timestamp": [0, 5], "caption": "a dog runs away."}]})
    youcook2 = put(
        "youcook2.json",
        {"annotations": [{"image_id": "v.mp4", "segments": [[0, 5]], "pure_cap": "a dog runs"}]},
    )
    found = score_captions(told, youcook2, "timechat", "no")
    assert found.figures["F1"] == pytest.approx(100.0)
    assert found.figures["predictions"] == 1
    assert any("no METEOR" in line for line in found.notes)
    activitynet = put(
        "anet.json", {"v": {"duration": 9.0, "timestamps": [[0, 5]], "sentences": ["a dog runs."]}}
    )
    texts = put("texts.json", [{"vname": "v.mp4", "generated_cap": "0 - 5 seconds, a dog runs"}])
    for path in (told, texts):
        figures = score_captions(path, activitynet, "timechat", "no").figures
        assert figures["SODA_d"] == pytest.approx(100.0)
        assert figures["BLEU-1"] == pytest.approx(100.0 * (0.75 if path == told else 1.0))


def test_meteor_is_asked_for_where_it_is_missing(put, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = put("told.json", {"v": []})
    truth = put("anet.json", {"v": {"timestamps": [[0, 5]], "sentences": ["a"]}})
    with pytest.raises(MissingPartError, match="Java"):
        score_captions(told, truth, "timechat", "yes")
    notes = score_captions(told, truth, "timechat", "auto").notes
    assert any("no METEOR, SODA_c" in line for line in notes)


def test_summaries_against_raters(put):
    shots = [[0, 1], [2, 7], [8, 9]]
    truth = put(
        "truth.json",
        {
            "a": {"scores": [[1, 1, 2, 2, 3, 3, 4, 4, 5, 5]], "duration": 20.0},
            "b": {"summaries": [[0] * 8 + [1, 1]], "shots": shots, "duration": 20.0},
        },
    )
    told = put("told.json", {"a.mp4": [1, 2, 3, 4, 5], "b": {"scores": [0, 0, 0, 0, 9.0]}})
    found = score_summaries(told, truth, "timechat", "max", 20)
    assert found.figures["Kendall"] == pytest.approx(100.0)
    assert found.figures["Spearman"] == pytest.approx(100.0)
    assert found.notes[0].endswith("1 of 2 videos")
    with pytest.raises(InputError, match="'b'"):
        score_summaries(put("half.json", {"a": [1.0]}), truth, "timechat", "max", 20)


def test_choices_by_group(put):
    truth = put(
        "truth.json",
        [
            {"question_id": "1", "answer": "B", "duration": "short"},
            {"question_id": "2", "answer": "A", "duration": "long"},
        ],
    )
    told = put("told.json", {"1": "(B) he runs", "2": "no letter here"})
    found = score_choices(told, truth, "videomme", 20)
    assert found.figures == {"accuracy": 50.0, "accuracy.short": 100.0, "accuracy.long": 0.0}
    assert "1 answers name no option" in found.notes[1]
    ego = put("ego.json", {"q": 1, "r": 0})
    found = score_choices(put("e.json", {"q": "Because", "r": "A"}), ego, "egoschema", 20)
    assert found.figures["accuracy"] == 100.0
    bench = put("bench.json", {"q": "(A) foo"})
    assert score_choices(put("m.json", {"q": "(a)"}), bench, "mvbench", 20).figures == {
        "accuracy": 100.0
    }
    with pytest.raises(InputError, match="no answer to 1 of 2"):
        score_choices(put("less.json", {"q": "A"}), ego, "letters", 20)


def test_files_of_every_packing(put, tmp_path):
    packed = tmp_path / "x.jsonl.gz"
    packed.write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    assert read_json(packed) == [{"a": 1}, {"a": 2}]
    with pytest.raises(InputError, match="line 2"):
        read_json(put("bad.jsonl", '{"a": 1}\n{"a": \n'))
    with pytest.raises(InputError, match="no JSON"):
        read_json(put("worse.json", "{"))
    with pytest.raises(InputError, match="cannot be read"):
        read_json(tmp_path / "absent.json")
    assert [video_name(n) for n in ("d/x.mp4", "v_1.5", "v")] == ["x", "v_1.5", "v"]


KEYS = (
    *("id", "qid", "vname", "timestamp", "duration", "segments", "pure_cap", "annotations"),
    *("relevant_windows", "pred_relevant_windows", "pred_saliency_scores", "relevant_clip_ids"),
    *("saliency_scores", "timestamps", "sentences", "scores", "summaries", "shots", "answer"),
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 30), st.floats(), st.sampled_from(["", "A", "0 - 5"])
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
TASKS = (
    lambda told, truth: score_moments(told, truth, "strict", True, 5),
    lambda told, truth: score_highlights(told, truth, "timechat", True),
    lambda told, truth: score_captions(told, truth, "vtgllm", "no"),
    lambda told, truth: score_summaries(told, truth, "strict", "mean", 5),
    lambda told, truth: score_choices(told, truth, "letters", 5),
)


@pytest.mark.parametrize("task", TASKS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(told=values, truth=values)
def test_files_of_any_shape_are_scored_or_refused(put, task, told, truth):
    try:
        found = task(put("told.json", told), put("truth.json", truth))
    except WhenaboutsError as error:
        assert str(error)
    else:
        assert found.figures
