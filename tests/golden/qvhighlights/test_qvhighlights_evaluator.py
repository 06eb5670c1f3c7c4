"""The QVHighlights evaluator against published predictions and made-up ones."""

import gzip
import json

import numpy as np
import pytest

from whenabouts.metrics.detection import detection_precision
from whenabouts.metrics.highlights import average_precision
from whenabouts.metrics.qvhighlights import qvhighlights
from whenabouts.metrics.windows import area_iou


@pytest.fixture
def folder(golden_folder):
    if not (golden_folder / "qvhighlights").is_dir():
        pytest.skip("no cases of qvhighlights")
    return golden_folder / "qvhighlights"


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def facts(path):
    return json.loads(path.read_text(encoding="utf-8"))


def agree(found, expected):
    assert set(found) == set(expected)
    for group, figures in expected.items():
        assert found[group] == figures, group


@pytest.mark.parametrize("name", ["sample_val", "synthetic"])
def test_all_figures_of_a_file(folder, name):
    truth = "val_gt" if name == "sample_val" else f"{name}_gt"
    found = qvhighlights(
        lines(folder / f"{name}_preds.jsonl.gz"), lines(folder / f"{truth}.jsonl.gz")
    )
    agree(found, facts(folder / f"{name}_expected.json"))


def test_a_part_of_the_queries(folder):
    told, truth = lines(folder / "sample_val_preds.jsonl.gz"), lines(folder / "val_gt.jsonl.gz")
    part = facts(folder / "subset_every10_expected.json")
    kept = set(part["qids"])
    found = qvhighlights(
        [row for row in told if row["qid"] in kept], [row for row in truth if row["qid"] in kept]
    )
    agree(found, part["expected"])
    half = facts(folder / "unmatched_expected.json")
    kept = set(half["qids"])
    told = [row for row in told if row["qid"] in kept]
    agree(qvhighlights(told, truth, match_number=False), half["expected"])


def test_parts_of_the_evaluator(folder):
    units = facts(folder / "units.json")
    for row in units["get_ap"]:
        labels = np.array([row["y_true"]]) > 0
        scores = np.array([row["y_score"]])
        found = average_precision(labels, scores, np.array([labels.shape[1]]))
        assert found[0] == pytest.approx(row["ap"], abs=1e-9)
    for row in units["detection_ap"]:
        found = detection_precision(
            [np.array(row["pred"], float).reshape(-1, 3)], [np.array(row["gt"])], row["thresholds"]
        )
        assert found[0].tolist() == pytest.approx(row["ap"], abs=1e-9)
    for row in units["iou"]:
        found = area_iou(np.array(row["a"], float), np.array(row["b"], float))
        np.testing.assert_allclose(found, row["iou"], atol=1e-9)
