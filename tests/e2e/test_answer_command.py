"""`answer`: a random video LLM answers a drawn evaluation, and `score` reads what it leaves."""

import json

import pytest
import tiny_video_llm as tiny

from whenabouts.models.bert_tokens import bert_tokens
from whenabouts.models.generate_settings import GenerateSettings
from whenabouts.weights.video_llm_folder import save_video_llm


@pytest.fixture(scope="module", params=["timechat", "vtgllm"])
def model(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "vocab.txt").write_text(tiny.vocabulary_lines())
    short = GenerateSettings(new_tokens=5, context_tokens=1000, seed=1)
    given = tiny.settings(request.param).model_copy(update={"answer": short})
    stamps = bert_tokens(folder / "vocab.txt") if given.timestamps == "bert" else None
    weights = tiny.network(given).state_dict()
    save_video_llm(folder / "model", given, weights, tiny.tokenizer(request.param), stamps)
    return request.param, folder / "model"


def test_answers_of_a_model_are_scored(run, tmp_path, model):
    system, folder = model
    made = ["--as", "timeit", "--videos", "3", "--shortest", "5", "--longest", "6"]
    assert run("shapes", "make", "set", *made).code == 0
    (asked,) = (tmp_path / "set").rglob("temporal_video_grounding/shapes/test.caption*.json")
    wanted = ["--annotations", asked, "--videos", "set", "--out", "results", "--model", folder]
    told = ["--dataset", "shapes", "--split", "test", "--system", system, "--batch", "2"]
    ended = run("answer", "moment-retrieval", *wanted, *told, "--json")
    assert ended.code == 0, ended.err
    lines = json.loads((tmp_path / ended.json["raw"]).read_text("utf-8"))
    truths = json.loads(asked.read_text("utf-8"))["annotations"]
    assert ended.json["asked"] == len(lines) == len(truths)
    assert ended.json["read"] == "results/fmt_shapes_test_f8_result.json"
    for line, truth in zip(lines, truths, strict=True):
        assert line["query"] == truth["caption"]
        assert "The video contains 8 frames sampled at " in line["prompt"]
        assert truth["caption"].strip(".") in line["prompt"]
    pair = ["--predictions", ended.json["read"], "--references", asked, "--json"]
    figures = run("score", "moment-retrieval", *pair, "--resamples", "10")
    assert figures.code == 0, figures.err
    again = run("answer", "moment-retrieval", *wanted, *told)
    assert again.code == 0
    assert "figures: whenabouts score moment-retrieval" in again.out


def test_what_a_person_gets_wrong_is_told(run, tmp_path, model):
    _, folder = model
    (tmp_path / "none.json").write_text('{"annotations": []}')
    line = {"image_id": "a.mp4", "id": 1, "caption": "a cat", "duration": 5}
    (tmp_path / "a.json").write_text(json.dumps({"annotations": [line]}))
    some = ["--annotations", "a.json", "--videos", ".", "-o", "r"]
    refused = run("answer", "highlights", *some, "--model", "nowhere")
    assert refused.code == 2
    assert "no settings.toml" in refused.err
    refused = run("answer", "highlights", *some, "--model", folder, "--preset", "hot")
    assert "known: published" in refused.err
    some[1] = "none.json"
    refused = run("answer", "highlights", *some, "--model", folder)
    assert refused.code == 2
    assert "asks nothing" in refused.err
