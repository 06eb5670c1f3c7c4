"""Brains measured on drawn conversations: one that only searches, and ones that know."""

import pytest

from whenabouts.evaluate.closed_loop import search
from whenabouts.evaluate.conversations import converse, judge, nowhere, right_turn, talk_all
from whenabouts.evaluate.dialogue_settings import DialogueSettings
from whenabouts.evaluate.drawn_library import DrawnSettings, drawn_corpus
from whenabouts.evaluate.run_dialogue import evaluate
from whenabouts.evaluate.simulated_user import SimulatedUser, named
from whenabouts.library.encoders import open_encoder
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.talk import dialogue
from whenabouts.shapeworld.truth import appearances
from whenabouts.types import Moment, Span, Turn


class ByWords:
    """Searches for the words of the last turn alone."""

    name = "by words"

    def __init__(self, library):
        self.library = library

    def reply(self, turns, on_text=None):
        return Turn("assistant", "", "videos", tuple(self.library.search(turns[-1].text)))


class Knowing:
    """Has the right answers of the dialogues by their words, and keeps what it was told before."""

    name = "knowing"

    def __init__(self, said, corpus):
        self.answers = {one.text: right_turn(one, Turn("assistant", ""), corpus) for one in said}
        self.heard = []

    def reply(self, turns, on_text=None):
        self.heard.append(turns)
        return self.answers.get(turns[-1].text, Turn("assistant", "no"))


class Knower:
    """Gives these replies one after the other."""

    name = "knower"

    def __init__(self, corpus, replies):
        self.corpus, self.replies = corpus, list(replies)

    def reply(self, turns, on_text=None):
        return self.replies.pop(0)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    corpus = DrawnSettings(
        videos=8, duration_s=(5.0, 7.0), scenes=(1, 1), folder=tmp_path_factory.mktemp("drawn")
    )
    return DialogueSettings(
        corpus=corpus, dialogues=2, seeds=(0,), searches=1, rounds=2, nowhere=2, resamples=20
    )


@pytest.fixture(scope="module")
def corpus(settings):
    return drawn_corpus(settings.corpus, open_encoder(None))


def shown(corpus, names):
    videos = {row.id: corpus.library.video(row.id) for row in corpus.library.videos()}
    return tuple(Moment(videos[name], Span(0, 1), 1.0) for name in names)


def test_the_corpus_is_drawn_once(settings, corpus):
    seen = []
    again = drawn_corpus(settings.corpus, open_encoder(None), lambda *at: seen.append(at))
    assert not seen
    rows = again.library.videos()
    assert {row.id for row in rows} == set(corpus.truth.scripts)
    assert all(row.duration_s == corpus.truth.scripts[row.id].duration_s for row in rows)
    assert again.library.seen(again.library.video(rows[0].id)) is not None


def test_figures_of_both_languages(corpus, settings):
    report = evaluate(ByWords(corpus.library), corpus, settings)
    names = {name.split(".")[0] for name in report.figures}
    assert names == {"own", "gold", "none", "search", "pointing"}
    for lang in ("en", "zh"):
        assert 0 <= report.figures[f"own.{lang}.turn 1.video R@10"] <= 100
        assert f"search.{lang}.R@1 within 3 turns" in report.intervals
        # It looks at nothing but the last words, so history changes nothing.
        own, none = (
            {k: v for k, v in report.figures.items() if k.startswith(f"{h}.{lang}.video R")}
            for h in ("own", "none")
        )
        assert list(own.values()) == list(none.values())
    assert any(row.get("move") == "describe" for row in report.predictions)


def test_right_answers_get_full_marks(corpus, settings):
    said = [one for n in range(4) for one in dialogue(corpus.truth, 4, "en", Dice(5, n))]
    for one in said:
        (heard,) = converse(Knowing([one], corpus), [one], corpus, "own")
        outcome = judge(heard)
        assert outcome.answered == bool(one.intent.gold)
        if outcome.asked == "video":
            assert outcome.rank == outcome.meant == 1
        if outcome.asked == "moment":
            assert outcome.iou == outcome.iou_given == pytest.approx(1.0)


def test_what_stands_before_a_turn(corpus):
    said = dialogue(corpus.truth, 3, "zh", Dice(6))
    for history, before in (("own", [0, 2, 4]), ("gold", [0, 2, 4]), ("none", [0, 0, 0])):
        brain = Knowing([], corpus)
        list(converse(brain, said, corpus, history))
        assert [len(turns) - 1 for turns in brain.heard] == before
    gold = Knowing([], corpus)
    list(converse(gold, said, corpus, "gold"))
    meant = said[0].intent.gold[0].video
    assert gold.heard[2][1].moments[0].video.id == meant


def test_a_find_where_nothing_is_counts(corpus, settings):
    silent = nowhere(Knowing([], corpus), corpus.truth, settings, "en")
    assert [one.answered for one in silent] == [False, False]
    outcomes, rows = talk_all(Knowing([], corpus), corpus, settings, "en", "own")
    assert len(outcomes) == len(rows)
    assert not any(one.answered for one in outcomes)


def test_the_user_points_answers_and_asks_for_a_moment(corpus, settings):
    dice = Dice(97, 0, 0, 0)  # the dice of this search
    target = dice.pick(list(corpus.truth.scripts))
    others = [name for name in corpus.truth.scripts if name != target]
    replies = [
        Turn("assistant", "", "videos", shown(corpus, [*others[:2], target])),
        Turn("assistant", "", "videos", shown(corpus, [target])),
        Turn("assistant", "", "moment", shown(corpus, [target])),
    ]
    found = search(Knower(corpus, replies), corpus, settings, "en", (0, 0), points=True)
    assert found.ranks == [3, 1]
    assert found.words[1] == "the third one"
    assert found.iou is not None
    assert len(found.seconds) == 3
    lost = Knower(corpus, [Turn("assistant", "")] * 2)
    assert search(lost, corpus, settings, "en", (0, 0), points=False).iou == 0.0


def test_questions_are_answered_by_the_truth(corpus):
    name, script = next(iter(corpus.truth.scripts.items()))
    look = script.main_events[0].actor
    seen = {a.shape for event in script.events for a, _, _ in appearances(event)}
    wrong = next(shape for shape in ("heart", "ring", "cross", "star") if shape not in seen)
    user = SimulatedUser(script, name, "en", Dice(1))
    asked = f"Is there a {wrong}, or a {look.colour} {look.shape}?"
    assert user.next(Turn("assistant", asked, "ask")) == f"{look.colour} {look.shape}"
    assert user.next(Turn("assistant", f"Is there a {wrong}?", "ask")) == "neither"
    told = [user.next(Turn("assistant", "", "videos")) for _ in range(3)]
    assert len(set(told)) == 3


def test_what_a_question_names():
    told = [told for told, _ in named("红色的星星还是蓝色圆形？", "zh")]
    assert told == ["红色的星星", "蓝色圆形"]
    assert [told for told, _ in named("does it spin, or bounce?", "en")] == ["spin", "bounce"]
