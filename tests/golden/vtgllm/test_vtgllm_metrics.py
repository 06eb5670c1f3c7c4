"""The evaluators that VTG-LLM adds, and those it shares, on parts of published files."""

import json

import pytest

from whenabouts.errors import MissingPartError
from whenabouts.metrics.activitynet_captions import (
    activitynet,
    start_time_navigation,
    story_figures,
)
from whenabouts.metrics.captions import Events
from whenabouts.metrics.java_tools import Meteor, find_java_tools, java_tokens
from whenabouts.metrics.moment_retrieval import first_window_ious, moment_retrieval
from whenabouts.metrics.ptb import tokens
from whenabouts.metrics.qvhighlights import qvhighlights

NAMES = {"ROUGE-L": "Rouge-L", **{f"BLEU-{n}": f"Bleu_{n}" for n in range(1, 5)}}


def read(case, name):
    return json.loads((case.folder / f"{name}.json").read_text(encoding="utf-8"))


def videos(case):
    told = read(case, "predictions")["results"]
    truths = read(case, "references")
    return (
        {name: Events.predicted(rows, "sentence") for name, rows in told.items()},
        {name: Events.of(row["timestamps"], row["sentences"]) for name, row in truths.items()},
    )


def agree(found, expected, atol):
    assert len(found) > 10
    for name, value in found.items():
        assert value == pytest.approx(expected[NAMES.get(name, name)], abs=atol), name


@pytest.mark.golden("vtgllm/metrics_tvg*")
def test_grounding_figures(case):
    told = {query: row["timestamp"] for query, row in read(case, "predictions").items()}
    truths = {str(r["id"]): r["timestamp"] for r in read(case, "references")["annotations"]}
    found = moment_retrieval(told, truths, sample=True)
    for name, value in case.facts["expected"]["percent"].items():
        assert found[name.replace("IOU ", "R@1 IoU=")] == pytest.approx(value, abs=1e-9)
    ious = first_window_ious(told, {q: t for q, t in truths.items() if q in told})
    assert len(ious) == case.facts["expected"]["n"]
    for threshold, count in case.facts["expected"]["counts"].items():
        above = [iou for iou in ious.values() if iou is not None and iou >= float(threshold)]
        assert len(above) == count, threshold


@pytest.mark.golden("vtgllm/metrics_vhd*")
def test_highlight_figures(case):
    lines = (case.folder / "references.jsonl").read_text(encoding="utf-8").splitlines()
    truths = [json.loads(line) for line in lines]
    assert qvhighlights(read(case, "predictions"), truths, False) == case.facts["expected"]


@pytest.mark.golden("vtgllm/metrics_dvc*")
def test_dense_captioning_without_java(case):
    predictions, truths = videos(case)
    atol = case.facts["tolerance"]["abs"]
    agree(activitynet(predictions, truths, tokens), case.facts["expected"]["anet"], atol)
    starts = start_time_navigation(predictions, truths)
    agree(starts, case.facts["expected"]["start_time_navigation"], atol)
    story = story_figures(predictions, truths, tokens, None, "d")
    assert story._asdict() == pytest.approx(case.facts["expected"]["soda"]["d"], abs=atol)


@pytest.mark.slow
@pytest.mark.golden("vtgllm/metrics_dvc*")
def test_dense_captioning_with_meteor(case):
    try:
        tools = find_java_tools()
    except MissingPartError as error:
        pytest.skip(str(error))
    predictions, truths = videos(case)
    atol = case.facts["tolerance"]["abs"]

    def java(captions):
        return java_tokens(tools, captions)

    with Meteor(tools) as meteor:
        found = activitynet(predictions, truths, java, meteor)
        agree(found, case.facts["expected"]["anet"], atol)
        assert "METEOR" in found
        for variant, expected in case.facts["expected"]["soda"].items():
            story = story_figures(predictions, truths, java, meteor, variant)
            assert story._asdict() == pytest.approx(expected, abs=atol), variant
