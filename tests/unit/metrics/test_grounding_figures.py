import pytest

from whenabouts.errors import InputError
from whenabouts.metrics.grounding import best_iou, grounding
from whenabouts.types import Span


def test_best_iou_takes_the_best_truth_of_the_first_found():
    found = [Span(0, 2), Span(4, 6)]
    assert best_iou(found, [Span(1, 3), Span(4, 6)]) == pytest.approx(1 / 3)
    assert best_iou(found, [Span(1, 3), Span(4, 6)], first=2) == 1
    assert best_iou([], [Span(0, 1)]) == 0


def test_grounding_percentages():
    found = [[Span(0, 4)], [], [Span(0, 1), Span(5, 9)]]
    truths = [[Span(0, 8)], [Span(1, 2)], [Span(5, 9)]]
    result = grounding(found, truths)
    assert result["R@1 IoU=0.5"] == pytest.approx(100 / 3)
    assert result["R@1 IoU=0.7"] == 0
    assert result["R@5 IoU=0.7"] == pytest.approx(100 / 3)
    assert result["mIoU"] == pytest.approx(50 / 3)


def test_a_missing_list_is_refused():
    with pytest.raises(InputError, match="one each"):
        grounding([[Span(0, 1)]], [])
