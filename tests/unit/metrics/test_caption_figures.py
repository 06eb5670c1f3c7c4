"""Figures of captions and of captioned windows, against slow and plain versions."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.errors import InputError
from whenabouts.metrics.activitynet_captions import activitynet, story_figures
from whenabouts.metrics.captions import Events, Pairs, harmonic
from whenabouts.metrics.dense_captions import dense_captions, mean_figures, paragraphs
from whenabouts.metrics.ngrams import Sentence, bleu, cider, rouge_l
from whenabouts.metrics.soda import best_order, soda


def words(captions):
    return [caption.split() for caption in captions]


def pair(told, true):
    return Sentence.of(told.split()), Sentence.of(true.split())


class SameWords:
    """METEOR for tests: the share of the prediction's words that the reference has."""

    def each(self, pairs):
        return [
            len(set(p.split()) & set(g.split())) / max(1, len(set(p.split()))) for p, g in pairs
        ]

    def together(self, pairs):
        return float(np.mean(self.each(pairs)))


def test_a_corpus_of_one_pair_tells_cider_nothing():
    same = pair("a dog runs away", "a dog runs away")
    assert cider([same]) == [0.0]
    assert cider([same], unmatched=1)[0] == pytest.approx(10.0)
    two = [same, pair("a red car drives off", "a red car drives off")]
    # "a" stands in both references and weighs nothing; all else agrees.
    assert cider(two) == pytest.approx([10.0, 10.0])


def test_figures_of_equal_and_of_foreign_captions():
    same, foreign = pair("a b c d e", "a b c d e"), pair("a b c", "x y")
    assert bleu([same]) == pytest.approx([1.0] * 4)
    assert bleu([foreign])[0] == pytest.approx(0.0, abs=1e-12)
    assert rouge_l([same]) == pytest.approx(1.0)
    assert rouge_l([foreign]) == 0.0
    assert rouge_l([pair("a x b", "a b")]) == pytest.approx(2.44 * 2 / 3 / (1 + 1.44 * 2 / 3))
    short = pair("a b", "a b c d")
    assert bleu([short])[0] == pytest.approx(np.exp(1 - 2))


gains = st.integers(1, 4).flatmap(
    lambda rows: st.integers(1, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 5), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


@given(gains)
def test_the_best_order_is_the_best_of_all_orders(gain):
    matrix = np.array(gain, float)
    truths, predictions = matrix.shape
    best = max(
        sum(matrix[g, p] for g, p in zip(rows, columns, strict=True))
        for size in range(min(truths, predictions) + 1)
        for rows in itertools.combinations(range(truths), size)
        for columns in itertools.combinations(range(predictions), size)
    )
    total, pairs = best_order(matrix)
    assert total == best
    assert pairs == sorted(pairs)
    assert len({g for g, _ in pairs}) == len({p for _, p in pairs}) == len(pairs)


def test_a_story_told_backwards_scores_less():
    same = np.eye(3)
    assert soda(same, np.ones((3, 3))).f1 == pytest.approx(1.0)
    assert soda(same[::-1], np.ones((3, 3))).f1 == pytest.approx(1 / 3)
    assert soda(np.zeros((3, 0)), np.zeros((3, 0))).f1 == 0.0


def test_a_video_without_predictions_counts_as_nothing():
    true = Events.of([[0, 5], [5, 9]], ["a dog runs", "a cat sits"])
    told = Events.of([[0, 5], [5, 9]], ["a dog runs", "a cat sits"])
    by_video = dense_captions({"a": told}, {"a": true, "b": true}, words, SameWords())
    assert (by_video["a"]["F1"], by_video["a"]["SODA_c"]) == pytest.approx((1.0, 1.0))
    assert set(by_video["b"].values()) == {0.0}
    assert mean_figures(by_video)["F1"] == pytest.approx(0.5)
    assert paragraphs({"a": told}, {"a": true}, words)["Para_CIDEr"] == 0.0


def test_captions_of_the_eleventh_prediction_are_not_mixed_up_in_the_repaired_figure():
    windows = [[10.0 * n, 10.0 * n + 9] for n in range(12)]
    captions = [f"event{n} word{n}" for n in range(12)]
    events = Events.of(windows, captions)
    figures = dense_captions({"v": events}, {"v": events}, words, SameWords())["v"]
    assert figures["SODA_c repaired"] == pytest.approx(1.0)
    assert figures["SODA_c"] < 0.5


def test_activitynet_scores_videos_that_both_have():
    true = {v: Events.of([[0, 5]], ["a dog runs"]) for v in "ab"}
    told = {"a": Events.of([[0, 5]], ["a dog runs"]), "c": true["a"]}
    figures = activitynet(told, true, words, SameWords())
    assert figures["F1"] == pytest.approx(1.0)
    assert figures["METEOR"] == pytest.approx(1.0)
    assert activitynet(told | {"b": Events.of([], [])}, true, words)["F1"] == pytest.approx(0.5)
    assert story_figures(told, true, words, SameWords()).f1 == pytest.approx(1.0)
    with pytest.raises(InputError, match="needs METEOR"):
        story_figures(told, true, words, None)
    with pytest.raises(InputError, match="none of 1"):
        activitynet({"x": true["a"]}, true, words)


def test_pairs_reach_the_threshold_and_the_rest_stands_alone():
    ious = np.array([[0.5, 0.3], [0.0, 0.29], [0.3, 0.9]])
    pairs = Pairs.at(ious, 0.3)
    assert pairs.matched == ((0, 0), (0, 1), (2, 0), (2, 1))
    assert pairs.alone == (1,)
    assert harmonic(0.0, 0.0) == 0.0
    with pytest.raises(InputError, match="2 captions"):
        Events.of([[0, 1]], ["a", "b"])
