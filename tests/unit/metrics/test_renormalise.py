import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.metrics.renormalise import dual_softmax, query_bank


def test_dual_softmax_gives_an_item_to_the_query_that_wants_it_most():
    """By hand: item 0 is everybody's, but the second query wants it more than the first."""
    scores = np.array([[0.60, 0.58], [0.70, 0.20]])
    found = dual_softmax(scores, 10.0)
    share = np.exp(6.0) / (np.exp(6.0) + np.exp(7.0))
    assert found[0, 0] == pytest.approx(0.6 * share)
    assert scores.argmax(axis=1).tolist() == [0, 0]
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_a_hub_of_the_bank_loses_and_other_queries_stay():
    scores = np.array([[0.5, 0.45, 0.1], [0.1, 0.2, 0.6]])
    bank = np.array([[0.6, 0.1, 0.0], [0.7, 0.2, 0.1]])
    found = query_bank(scores, bank, 20.0)
    assert found[0].argmax() == 1, "item 0 is what the bank always finds"
    assert found[1].tolist() == scores[1].tolist(), "its best item is nobody's hub"
    by_hand = scores[0] - np.log(np.exp(20 * bank).sum(axis=0)) / 20
    np.testing.assert_allclose(found[0] / 20, by_hand)


def test_large_values_do_not_overflow():
    scores = np.array([[900.0, -900.0], [0.0, 800.0]])
    assert np.isfinite(dual_softmax(scores)).all()
    assert np.isfinite(query_bank(scores, scores)).all()


def test_a_bank_over_other_items_is_refused():
    with pytest.raises(InputError, match="3 items"):
        query_bank(np.zeros((2, 3)), np.zeros((5, 4)))
