"""Retrieval figures against the published scorers, ties included."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from whenabouts.metrics.retrieval import caption_retrieval, ranks, retrieval

ROOT = Path(os.environ.get("WHENABOUTS_GOLDEN", "../shared/golden")) / "tvr"
NAMES = {"R@1": "R1", "R@5": "R5", "R@10": "R10", "R@50": "R50", "MdR": "MedianR", "MnR": "MeanR"}


def case(name):
    folder = ROOT / name
    if not folder.is_dir():
        pytest.skip(f"no golden case {folder}")
    text = (folder / "case.json").read_text(encoding="utf-8")
    return json.loads(text), load_file(folder / "io.safetensors")


def agree(found, expected, atol):
    for mine, theirs in NAMES.items():
        assert found[mine] == pytest.approx(expected[theirs], abs=atol), mine


def test_one_caption_a_video():
    facts, tensors = case("metrics_single")
    for name, expected in facts["cases"].items():
        scores = next(value for key, value in tensors.items() if key.endswith(name))
        atol = facts["tolerance"]["atol"]
        agree(retrieval(scores, ties="reference"), expected["text_to_video"], atol)
        agree(retrieval(scores.T, ties="reference"), expected["video_to_text"], atol)
        better = np.array(expected["rows"]["strictly_better"])
        equal = np.array(expected["rows"]["equal_others"])
        assert ranks(scores).tolist() == (better + equal / 2).tolist()


def test_several_captions_a_video():
    facts, tensors = case("metrics_multi_sentence")
    counts = facts["config"]["captions_per_video"]
    owner = np.repeat(np.arange(len(counts)), counts)
    atol = facts["tolerance"]["atol"]
    for name, expected in facts["results"].items():
        found = caption_retrieval(tensors[name], owner, ties="reference")
        agree(found["video_to_text"], expected["video_to_text"], atol)
        if "ties" not in name:  # the published text side breaks ties by sorting order
            agree(found["text_to_video"], expected["text_to_video"], atol)
