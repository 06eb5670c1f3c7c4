"""Published prediction files scored to the last digit."""

import gzip
import json

import numpy as np
import pytest

from whenabouts.errors import MissingPartError
from whenabouts.metrics.captions import Events
from whenabouts.metrics.dense_captions import (
    dense_captions,
    mean_figures,
    paragraphs,
    youcook2_captions,
)
from whenabouts.metrics.java_tools import Meteor, find_java_tools
from whenabouts.metrics.moment_retrieval import first_window_ious, moment_retrieval
from whenabouts.metrics.ptb import tokens
from whenabouts.metrics.qvhighlights import qvhighlights
from whenabouts.metrics.soda import soda
from whenabouts.metrics.windows import caption_iou

NAMES = {
    "CIDEr": "CIDER",
    "Precision": "Precision_Mean",
    "Recall": "Recall_Mean",
    "F1": "F1_Score",
    "predictions": "n_preds",
    "Para_CIDEr": "Para_CIDER",
    "Para_METEOR": "Para_METEOR",
}


def read(case, name):
    with gzip.open(case.folder / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


def videos(case):
    truths = {
        row["image_id"]: Events.of(row["segments"], youcook2_captions(row["pure_cap"]))
        for row in read(case, "gt")["annotations"]
    }
    told = read(case, "pred")
    return {name: Events.predicted(rows, "caption") for name, rows in told.items()}, truths


def published(name, expected):
    """What the published evaluator calls a figure; its SODA_c has the number of the split."""
    if name == "SODA_c":
        return next(k for k, v in expected.items() if k.startswith(name) and np.min(v) >= 0)
    return NAMES.get(name, name)


def agree(found, expected, atol):
    checked = 0
    for name, value in found.items():
        if name != "SODA_c repaired":  # the published evaluator mixes up captions
            assert value == pytest.approx(expected[published(name, expected)], abs=atol), name
            checked += 1
    assert checked


@pytest.mark.golden("timechat/metrics/tvg*")
def test_grounding_figures(case):
    truths = {str(row["id"]): row["timestamp"] for row in read(case, "gt")["annotations"]}
    told = {query: row["timestamp"] for query, row in read(case, "pred").items()}
    found = moment_retrieval(told, truths, sample=case.facts["options"]["sample"])
    for name, value in case.facts["expected"].items():
        assert found[name.replace("R1@", "R@1 IoU=")] == pytest.approx(value, abs=1e-9)
    ious = first_window_ious(told, {query: truths[query] for query in told})
    for query, iou in read(case, "per_query_iou").items():
        assert ious[query] == (iou if iou is None else pytest.approx(iou, abs=1e-9)), query


@pytest.mark.golden("timechat/metrics/vhd*")
def test_highlight_figures(case):
    with gzip.open(case.folder / "gt.jsonl.gz", "rt", encoding="utf-8") as file:
        truths = [json.loads(line) for line in file]
    found = qvhighlights(read(case, "pred"), truths, match_number=False)
    assert found == case.facts["expected"]


@pytest.mark.golden("timechat/metrics/dvc*")
def test_dense_captioning_without_java(case):
    predictions, truths = videos(case)
    atol = case.facts["tolerance"]["all"]
    by_video = dense_captions(predictions, truths, tokens)
    agree(mean_figures(by_video), case.facts["expected_mean"], atol)
    expected = read(case, "per_video")
    assert expected["key"] == list(by_video)
    for name in next(iter(by_video.values())):
        found = [figures[name] for figures in by_video.values()]
        np.testing.assert_allclose(found, expected[published(name, expected)], atol=atol, rtol=0)
    for shifted in (False, True):
        found = paragraphs(predictions, truths, tokens, shifted=shifted)
        if shifted or len(predictions) == len(truths):
            agree(found, case.facts["expected_paragraph"], atol)


@pytest.mark.golden("timechat/metrics/dvc*")
def test_stories_from_known_likeness(case):
    predictions, truths = videos(case)
    expected = read(case, "per_video")
    expected = expected[published("SODA_c", expected)]
    rows = zip(truths.items(), read(case, "meteor_matrices"), expected, strict=True)
    for (name, true), likeness, value in rows:
        told = predictions.get(name, Events.of([], []))
        ious = caption_iou(true.windows, told.windows, repair=True)
        matrix = np.array(likeness, float).reshape(ious.shape)
        assert soda(ious, matrix).f1 == pytest.approx(value, abs=1e-9), name


@pytest.mark.golden("timechat/metrics/dvc*")
def test_tokens_are_those_of_the_java_tokenizer(case):
    table = read(case, "ptb_tokens")
    found = [" ".join(words) for words in tokens(list(table))]
    assert found == list(table.values())


@pytest.mark.slow
@pytest.mark.golden("timechat/metrics/dvc*")
def test_dense_captioning_with_meteor(case):
    try:
        tools = find_java_tools()
    except MissingPartError as error:
        pytest.skip(str(error))
    predictions, truths = videos(case)
    with Meteor(tools) as meteor:
        by_video = dense_captions(predictions, truths, tokens, meteor)
        whole = paragraphs(predictions, truths, tokens, meteor)
    agree(mean_figures(by_video), case.facts["expected_mean"], case.facts["tolerance"]["all"])
    agree(whole, case.facts["expected_paragraph"], case.facts["tolerance"]["all"])
