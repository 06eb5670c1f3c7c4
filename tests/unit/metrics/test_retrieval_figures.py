import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.metrics.retrieval import caption_retrieval, figures, ranks, retrieval


def test_ranks_count_strictly_better_items():
    scores = np.array([[0.9, 0.1, 0.5], [0.8, 0.7, 0.9], [0.1, 0.2, 0.3]])
    assert ranks(scores).tolist() == [0, 2, 0]
    assert ranks(scores, np.array([1, 0, 0])).tolist() == [2, 1, 2]


@pytest.mark.parametrize(
    ("ties", "expected"),
    [("optimistic", [0, 0]), ("expected", [0.5, 0]), ("pessimistic", [1, 0])],
)
def test_tie_policies(ties, expected):
    assert ranks(np.array([[1.0, 1.0], [0.0, 1.0]]), ties=ties).tolist() == expected


def test_reference_ties_count_every_place_and_drop_nan_rows():
    scores = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 2.0], [np.nan, np.nan, np.nan]])
    assert ranks(scores, ties="reference").tolist() == [0, 1, 1]


def test_a_constant_matrix_is_not_perfect():
    found = retrieval(np.zeros((5, 5)))
    assert found["R@1"] == 0 and found["MdR"] == 3
    assert retrieval(np.zeros((5, 5)), ties="reference")["R@1"] == 20


def test_nan_ranks_last():
    assert ranks(np.array([[np.nan, 0.0], [0.0, 1.0]])).tolist() == [1, 0]


def test_figures_of_known_ranks():
    found = figures(np.array([0.0, 4.0, 9.0, 59.0]))
    assert (found["R@1"], found["R@5"], found["R@10"], found["R@50"]) == (25, 50, 75, 75)
    assert (found["MdR"], found["MnR"]) == (7.5, 19)


def test_caption_protocol():
    scores = np.array([[0.9, 0.1], [0.2, 0.3], [0.4, 0.8]])
    found = caption_retrieval(scores, np.array([0, 0, 1]))
    assert found["text_to_video"]["R@1"] == pytest.approx(200 / 3)
    assert found["text_to_video"]["MdR"] == 1
    assert found["video_to_text"]["R@1"] == 100


def test_unusable_input_is_refused():
    with pytest.raises(InputError, match="targets"):
        ranks(np.zeros((2, 2)), np.array([0, 2]))
    with pytest.raises(InputError, match="not empty"):
        ranks(np.zeros((0, 2)))
    with pytest.raises(InputError, match="no caption"):
        caption_retrieval(np.zeros((1, 2)), np.array([0]))
