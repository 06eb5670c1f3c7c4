"""Free-text answers read as the published evaluation reads them."""

import pytest

from whenabouts.metrics.answers import choices, timechat


@pytest.mark.golden("timechat/metrics/parsers*")
def test_dense_captioning_answers(case):
    for row in case.facts["entries"]["dense_captioning"]:
        windows, captions = timechat.dense_captions(row["answer"])
        # One branch of the reference leaves its times as strings.
        expected = [[float(edge) for edge in window] for window in row["timestamps"]]
        assert (windows, captions) == (expected, row["captions"]), row["answer"]


@pytest.mark.golden("timechat/metrics/parsers*")
def test_grounding_answers(case):
    for row in case.facts["entries"]["grounding"]:
        assert timechat.grounding(row["answer"]) == row["timestamps"], row["answer"]


@pytest.mark.golden("timechat/metrics/parsers*")
def test_highlight_answers(case):
    for row in case.facts["entries"]["highlight"]:
        times, scores = timechat.highlights(row["answer"])
        assert times == row["timestamps"], row["answer"]
        assert scores == row["scores"], row["answer"]
        if len(times) > 1:
            told = [h["timestamp"] for h in row["highlights"]]
            assert (times, scores) == (told, [h["saliency_score"] for h in row["highlights"]])
        curve = timechat.clip_scores(times, scores, row["duration"])
        assert len(curve) == row["n_clips"]
        assert {str(c): s for c, s in enumerate(curve) if s} == row["clip_scores"], row["answer"]


@pytest.mark.golden("timechat/benchmark_parsing*")
def test_chosen_options(case):
    for answer, chosen in case.facts["egoschema"]:
        assert choices.egoschema(answer) == chosen, answer
    for answer, chosen in case.facts["videomme"]:
        assert choices.videomme(answer) == chosen, answer
    for answer, truth, right in case.facts["mvbench_match"]:
        assert choices.mvbench(answer, truth) is right, answer
