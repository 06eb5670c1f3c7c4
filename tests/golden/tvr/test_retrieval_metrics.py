"""Retrieval figures against the published scorers, ties included."""

import numpy as np
import pytest

from whenabouts.metrics.retrieval import caption_retrieval, ranks, retrieval

NAMES = {"R@1": "R1", "R@5": "R5", "R@10": "R10", "R@50": "R50", "MdR": "MedianR", "MnR": "MeanR"}


def agree(found, expected, atol):
    for mine, theirs in NAMES.items():
        assert found[mine] == pytest.approx(expected[theirs], abs=atol), mine


@pytest.mark.golden("tvr/metrics_single*")
def test_one_caption_a_video(case):
    atol = case.facts["tolerance"]["atol"]
    for name, expected in case.facts["cases"].items():
        scores = case.tensors()[name].numpy()
        agree(retrieval(scores, ties="reference"), expected["text_to_video"], atol)
        agree(retrieval(scores.T, ties="reference"), expected["video_to_text"], atol)
        better = np.array(expected["rows"]["strictly_better"])
        equal = np.array(expected["rows"]["equal_others"])
        assert ranks(scores).tolist() == (better + equal / 2).tolist()


@pytest.mark.golden("tvr/metrics_multi_sentence*")
def test_several_captions_a_video(case):
    counts = case.facts["config"]["captions_per_video"]
    owner = np.repeat(np.arange(len(counts)), counts)
    atol = case.facts["tolerance"]["atol"]
    for name, expected in case.facts["results"].items():
        found = caption_retrieval(case.tensors()[name].numpy(), owner, ties="reference")
        agree(found["video_to_text"], expected["video_to_text"], atol)
        if "ties" not in name:  # the published text side breaks ties by sorting order
            agree(found["text_to_video"], expected["text_to_video"], atol)
