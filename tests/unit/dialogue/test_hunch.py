"""What is learned of utterances: the same each time, quick, small, and explained."""

import time
from dataclasses import replace

import numpy as np
import pytest

from whenabouts.dialogue import hunch
from whenabouts.dialogue.acting import act_on
from whenabouts.dialogue.plan import Scene
from whenabouts.dialogue.reading import heard, made_plain, read, ruled
from whenabouts.evaluate.utterances import TODAY

SEEN = Scene(shown=5, focus=True, picked=True, asked=True, met=1, told="jump")
SAID = {
    "en": (
        "that's a lovely one",
        "would you mind taking that back",
        "gotta run, cheers",
        "second row",
    ),
    "zh": ("这个太漂亮了", "刚才那句收回", "我先忙去啦，多谢", "打开第二行"),
}


def _said(text, lang="en", scene=SEEN):
    return heard(text, made_plain(text, lang), replace(scene, lang=lang), TODAY)


@pytest.mark.parametrize("lang", SAID)
def test_the_same_words_give_the_same_guess(lang):
    for text in SAID[lang]:
        said = _said(text, lang)
        one, other = hunch.guess(said, ruled(said)), hunch.guess(said, ruled(said))
        assert one == other
        assert 0.0 <= one.ruled <= one.share <= 1.0
        assert one.label in hunch.LABELS


def test_probabilities_add_up_and_depend_on_the_words():
    weights = hunch._weights()
    said = _said("undo that")
    told = hunch.pieces(said, ruled(said))
    shares = hunch.probabilities(told, weights)
    assert np.isclose(shares.sum(), 1.0, atol=1e-5)
    assert hunch.LABELS[int(shares.argmax())] == "undo"
    other = _said("play it")
    assert (
        hunch.LABELS[int(hunch.probabilities(hunch.pieces(other, ruled(other)), weights).argmax())]
        == "play"
    )


def test_the_guess_is_explained():
    said = _said("please undo that")
    found = hunch.reasons(said, ruled(said))
    assert len(found) == 5
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)


def test_every_label_has_a_plan_where_something_is_in_view():
    for lang, text in (("en", "the second one there"), ("zh", "第二个那里")):
        for label in hunch.LABELS:
            plan = act_on(_said(text, lang), label)
            assert plan is not None, label
            assert label in ("find", "refine", "more", "restart") or hunch.label(plan) == label


def test_nothing_in_view_is_acted_on():
    said = _said("the second one there", scene=Scene())
    assert all(act_on(said, label) is None for label in ("show", "play", "export", "like", "end"))


def test_reading_takes_milliseconds_and_the_weights_are_small():
    read("the second one", SEEN, TODAY)
    begun = time.process_time()
    for _ in range(20):
        read("could you pull up the second one from the bottom, please", SEEN, TODAY)
    assert (time.process_time() - begun) / 20 < 0.03
    assert hunch.WEIGHTS.stat().st_size < 3_000_000


@pytest.mark.parametrize("picked", [False, True])
@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "where is a pink hexagon?"),
        ("en", "when does that happen: a single white ring goes down?"),
        ("zh", "给我看一个红色的圆环正在变大的那一段"),
        ("zh", "一个灰色星形在一个橙色的星星的右边是在什么时候？"),
        ("zh", "一个粉色的菱形在哪里出现？"),
    ],
)
def test_who_asks_when_in_so_many_words_is_told_when(lang, text, picked):
    scene = replace(SEEN, lang=lang, picked=picked, focus=picked, told="a circle", met=2)
    assert read(text, scene, TODAY).do == "moment"
