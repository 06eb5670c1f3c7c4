"""Figures of conversations, on small ones worked out by hand."""

import math

import pytest

from whenabouts.metrics.dialogue import (
    Outcome,
    bri,
    by_turn,
    figures,
    hits_by_round,
    propagated,
    success,
)


def video(dialogue, turn, rank, **more):
    return Outcome(dialogue, turn, "video", rank=rank, meant=rank, **more)


def moment(dialogue, turn, iou, given=None, **more):
    return Outcome(dialogue, turn, "moment", iou=iou, iou_given=given, **more)


def test_ranks_of_what_did_not_come_are_the_last():
    found = figures([video("a", 1, 1), video("b", 1, 6), video("c", 1, None, answered=False)], 40)
    assert found["video R@1"] == pytest.approx(100 / 3)
    assert found["video R@5"] == pytest.approx(100 / 3)
    assert found["video R@10"] == pytest.approx(200 / 3)
    assert found["video MdR"] == 6
    assert found["video MnR"] == pytest.approx(47 / 3)
    assert found["not answered"] == pytest.approx(100 / 3)
    assert not any("moment" in name for name in found)


def test_moments_end_to_end_and_given_the_video():
    found = figures([moment("a", 2, 0.0, 0.8), moment("b", 2, 0.5, 0.5), moment("c", 2, 0.4)], 9)
    assert found["moment R@1 IoU=0.5"] == pytest.approx(100 / 3)
    assert found["moment R@1 IoU=0.3"] == pytest.approx(200 / 3)
    assert found["moment given video R@1 IoU=0.5"] == 100
    assert found["moment given video R@1 IoU=0.7"] == 50


def test_a_find_for_what_is_not_there_is_false():
    none = [Outcome("a", 1, "nothing", answered=a) for a in (True, False, False, False)]
    assert figures(none, 9) == {"false finds": 25.0}


def test_each_turn_has_its_own_figures():
    table = by_turn([video("a", 1, 1), video("b", 1, 2), moment("a", 2, 0.9)], 5)
    assert list(table) == [1, 2]
    assert table[1]["video R@1"] == 50
    assert table[2]["moment R@1 IoU=0.7"] == 100


def test_errors_go_on_to_the_end_of_their_dialogue():
    said = [video("a", 1, 2), moment("a", 2, 0.9), video("b", 1, 1), moment("b", 2, 0.9),
            video("b", 3, None), moment("b", 4, 1.0, 1.0)]  # fmt: skip
    failed = {(one.dialogue, one.turn): one for one in propagated(said)}
    assert failed["a", 1].rank == 2
    assert failed["a", 2].iou == 0
    assert failed["b", 2].iou == 0.9
    assert (failed["b", 4].iou, failed["b", 4].iou_given) == (0, None)


def test_a_missed_moment_does_not_lose_the_dialogue():
    said = [video("a", 1, 1), moment("a", 2, 0.0), video("a", 3, 1)]
    assert propagated(said)[2].rank == 1


def test_hits_add_up_over_rounds():
    searches = [[30, 4], [2], [None, 50, 1]]
    assert hits_by_round(searches) == pytest.approx({1: 100 / 3, 2: 200 / 3, 3: 100.0})
    assert success(searches, 1, 2) == 0
    assert success(searches, 1, 3) == pytest.approx(100 / 3)


def test_bri_averages_the_best_log_rank_over_time():
    assert bri([[1, 1, 1]], 100) == 0
    expected = (math.log(8) + 2 * math.log(2) + math.log(2)) / 4
    assert bri([[8, 2, 5]], 100) == pytest.approx(expected)
    assert bri([[None]], 100) == pytest.approx(math.log(100))
    assert bri([[8, 2, 5], [1]], 100) == pytest.approx(expected / 2)
