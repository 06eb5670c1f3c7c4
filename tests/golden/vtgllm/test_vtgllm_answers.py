"""Answers with time tokens read as the published evaluation reads them."""

import pytest

from whenabouts.metrics.answers import vtgllm


@pytest.mark.golden("vtgllm/time_tokens*")
def test_answers_with_windows(case):
    for row in case.facts["parse_dvc"]:
        found = vtgllm.dense_captions(row["text"])
        assert found == (row["timestamps"], row["captions"]), row["text"]
    for row in case.facts["parse_tvg"]:
        assert vtgllm.grounding(row["text"]) == row["timestamps"], row["text"]


@pytest.mark.golden("vtgllm/time_tokens*")
def test_answers_with_highlights(case):
    for row in case.facts["parse_vhd"]:
        times, scores = vtgllm.highlights(row["text"])
        told = [(h["timestamp"], h["saliency_score"]) for h in row["highlights"]]
        assert (list(zip(times, scores, strict=True)) if len(times) > 1 else []) == told
        assert vtgllm.clip_scores(times, scores, row["duration"]) == row["clip_scores"]
