"""Windows and highlight curves, against slow and plain versions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import DataError, InputError
from whenabouts.metrics.detection import detection_precision
from whenabouts.metrics.highlights import average_precision, clip_ratings, highlights
from whenabouts.metrics.moment_retrieval import first_window_ious
from whenabouts.metrics.qvhighlights import qvhighlights
from whenabouts.metrics.windows import area_iou, as_windows, caption_iou, hull_iou


def slow_precision(labels, scores):
    """Precision at each change of recall, from the lowest threshold up."""
    if all(labels) or not any(labels):
        return float(all(labels))
    points = []
    for threshold in sorted(set(scores)):
        above = [label for label, score in zip(labels, scores, strict=True) if score >= threshold]
        points.append((sum(above), sum(above) / len(above)))
    best, found = 0.0, []
    for (hits, precision), (later, _) in zip(points, [*points[1:], (0, 0)], strict=True):
        best = max(best, precision)
        if hits != later:
            found.append(best)
    return float(np.mean(found))


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-2, 2)), min_size=1, max_size=12),
    st.integers(0, 4),
)
def test_average_precision_with_ties_and_padding(rows, padding):
    labels, scores = zip(*rows, strict=True)
    padded = np.zeros((1, len(rows) + padding))
    padded[0, : len(rows)] = scores
    marks = np.zeros(padded.shape, bool)
    marks[0, : len(rows)] = labels
    found = average_precision(marks, padded, np.array([len(rows)]))
    assert found[0] == pytest.approx(slow_precision(labels, scores), abs=1e-12)


edges = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(sorted)


def slow_detection(predicted, truths, threshold):
    free, hits = set(range(len(truths))), []
    for window in sorted(predicted, key=lambda w: -w[2]):
        ious = area_iou(as_windows([window]), as_windows(truths))[0]
        order = np.argsort(ious, kind="stable")[::-1]
        fitting = [g for g in order if ious[g] >= threshold and g in free]
        hits.append(bool(fitting))
        free -= set(fitting[:1])
    total, found = 0, 0.0
    for place, hit in enumerate(hits):
        total += hit
        if hit:
            later = [sum(hits[: n + 1]) / (n + 1) for n in range(place, len(hits))]
            found += max(later) / len(truths)
    return found


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(edges, st.integers(0, 3)), max_size=5),
            st.lists(edges, min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_detection_of_many_queries_is_that_of_each(queries):
    predicted = [[[*window, score] for window, score in told] for told, _ in queries]
    arrays = [np.array(told, float).reshape(-1, 3) for told in predicted]
    found = detection_precision(arrays, [as_windows(truth) for _, truth in queries], [0.5, 0.8])
    for row, (told, (_, truth)) in enumerate(zip(predicted, queries, strict=True)):
        slow = [slow_detection(told, truth, threshold) for threshold in (0.5, 0.8)]
        assert found[row].tolist() == pytest.approx(slow, abs=1e-12)


def test_overlaps_of_odd_windows():
    a, b = as_windows([[2, 2], [6, 2]]), as_windows([[2, 2], [3, 5]])
    assert hull_iou(a[:1], b[:1]).tolist() == [0.0]
    assert caption_iou(a[1:], b[1:], repair=True)[0, 0] == pytest.approx(0.5)
    assert caption_iou(a[1:], b[1:], repair=False)[0, 0] == 0.0
    ious = first_window_ious({"q": [[0, 2], [0, 4]], "r": []}, {"q": [0, 4], "r": [0, 1]})
    assert ious == {"q": 0.5, "r": None}


def test_curves_of_the_wrong_length():
    ratings = [np.array([[0.0], [4.0], [0.0]])] * 3
    found = highlights([[0, 1], [0, 1, 0, 9], []], ratings)
    # The second one is highest beyond the end of the video, the third says nothing.
    assert found["VeryGood"]["Hit1"] == pytest.approx(1 / 3)
    assert found["VeryGood"]["mAP"] == pytest.approx((1 + 1 + 1 / 3) / 3)


def test_truth_and_predictions_that_cannot_be_scored():
    with pytest.raises(DataError, match="of a video of 5 clips"):
        clip_ratings(10.0, [5], [[1, 1, 1]])
    with pytest.raises(DataError, match="2 rows"):
        clip_ratings(10.0, [1], [[1], [1]])
    with pytest.raises(DataError, match="2 rows"):
        clip_ratings(10.0, [1, 2], [[1], [1, 2]])
    with pytest.raises(InputError, match="not finite"):
        highlights([[float("nan")]], [np.ones((1, 3))])
    truth = {"qid": 1, "relevant_windows": [[0, 2]]}
    with pytest.raises(InputError, match="all \\[start_s, end_s, score\\]"):
        qvhighlights([{"qid": 1, "pred_relevant_windows": [[0, 2]]}], [truth])
    with pytest.raises(InputError, match="each one once"):
        qvhighlights([{"qid": 1}, {"qid": 1}], [truth])
    with pytest.raises(InputError, match="in both"):
        qvhighlights([{"qid": 2}], [truth])
    with pytest.raises(InputError, match="neither"):
        qvhighlights([{"qid": 1}], [truth])
    empty = qvhighlights([{"qid": 1, "pred_relevant_windows": []}], [truth])
    assert empty["brief"]["MR-full-mAP"] == empty["brief"]["MR-full-R1@0.5"] == 0.0
