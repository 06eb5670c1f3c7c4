import pytest

from whenabouts.shapeworld.ask import question
from whenabouts.shapeworld.axes import ACTIONS
from whenabouts.shapeworld.dialogues import draw_dialogue
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.highlights import important_clips, rate, summarise
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.questions import ask_about
from whenabouts.shapeworld.say import moment_query
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.talk import dialogue
from whenabouts.shapeworld.truth import Claim, Mention, Setting, claim_spans
from whenabouts.types import Span

LANGS = ("en", "zh")
KINDS = (
    "causal", "temporal", "descriptive", "interaction", "sequence", "prediction", "feasibility",
)  # fmt: skip
SCRIPTS = [draw_script(seed, "test") for seed in range(80)]
TRUTH = LibraryTruth({f"v{n}": script for n, script in enumerate(SCRIPTS)})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_is_asked_and_only_one_option_is_right(kind):
    dice = Dice(1)
    asks = set()
    for script in SCRIPTS:
        asked = ask_about(script, kind, dice)
        if asked is None:
            continue
        asks.add(asked.ask)
        assert len(asked.wrong) == 4
        assert asked.right not in asked.wrong
        assert all(0 <= span.start_s < span.end_s <= script.duration_s for span in asked.spans)
        check_answer(script, asked)
    assert asks


def check_answer(script, asked):
    """The right answer holds and the wrong ones do not, by the truth of claims."""
    if asked.ask == "how many":
        look = asked.about[0].actor
        held = [n for n in range(1, 7) if claim_spans(script, with_actor(look, count=n))]
        assert held == [asked.right]
    elif asked.ask == "what colour":
        blind = asked.about[0]
        for option in (asked.right, *asked.wrong):
            actor = Mention(blind.actor.shape, option.colour, None, blind.actor.count)
            held = claim_spans(script, Claim(actor, blind.action, blind.partner))
            assert bool(held) == (option == asked.right)
    elif asked.ask == "what background":
        for option in (asked.right, *asked.wrong):
            about = asked.about[0]
            setting = Setting(option.ground, option.colour)
            there = Claim(about.actor, about.action, about.partner, about.becomes, setting)
            assert bool(claim_spans(script, there)) == (option == asked.right)
    elif asked.kind == "temporal" and asked.about:
        about, right = claim_spans(script, asked.about[0]), claim_spans(script, asked.right)
        assert asked.ask != "what after" or right[-1].start_s > about[0].start_s
        assert asked.ask != "what before" or right[0].start_s < about[0].start_s
        assert asked.ask != "what meanwhile" or any(s.overlap_s(about[0]) > 0 for s in right)
    elif isinstance(asked.right, Claim):
        assert claim_spans(script, asked.right)
    elif isinstance(asked.right, Mention):
        assert claim_spans(script, Claim(asked.right))


def with_actor(mention, count):
    return Claim(Mention(mention.shape, mention.colour, None, count))


@pytest.mark.parametrize("lang", LANGS)
def test_questions_in_words(lang):
    dice = Dice(2)
    texts = set()
    for script in SCRIPTS:
        for kind in KINDS:
            found = question(script, kind, lang, dice, options=4)
            if found is None:
                continue
            assert len(found.options) == 4
            assert found.short == found.options[found.answer]
            for text in (found.text, *found.options):
                assert text
                assert "{" not in text
                assert "  " not in text
                assert text == text.strip()
            texts.add(found.text)
            assert (lang == "zh") == any("一" <= letter <= "鿿" for letter in found.text)
    assert len(texts) > 200


@pytest.mark.parametrize("lang", LANGS)
def test_places_of_right_answers_are_spread(lang):
    dice = Dice(3)
    found = [question(script, "descriptive", lang, dice) for script in SCRIPTS * 3]
    places = [asked.answer for asked in found if asked is not None]
    assert all(places.count(place) > len(places) / 10 for place in range(5))


def test_raters_score_the_clips_in_which_the_query_holds():
    script = draw_script(5, "test", Plan((60.0, 80.0), (4, 6)))
    dice = Dice(4)
    for event in script.main_events:
        query = moment_query(script, event, "en", dice)
        found = rate(script, query, dice)
        for clip, marks in zip(found.clips, found.scores, strict=True):
            window = Span(2.0 * clip, 2.0 * clip + 2.0)
            assert sum(window.overlap_s(span) for span in query.spans) >= 0.5
            assert all(0 <= mark <= 4 for mark in marks)
        assert sum(window.length_s for window in found.windows) == 2.0 * len(found.clips)
        if event.span.length_s > 4:
            assert found.clips
            assert max(max(marks) for marks in found.scores) >= 2


def test_raters_do_not_always_agree():
    script, dice = draw_script(5, "test", Plan((60.0, 80.0), (4, 6))), Dice(5)
    marks = [
        scores
        for event in script.main_events
        for scores in rate(script, moment_query(script, event, "en", dice), dice).scores
    ]
    assert any(len(set(scores)) > 1 for scores in marks)
    assert all(max(scores) - min(scores) <= 3 for scores in marks)


@pytest.mark.parametrize("lang", LANGS)
def test_summaries_keep_varied_clips_in_order(lang):
    script = draw_script(6, "test", Plan((60.0, 80.0), (5, 6)))
    found = summarise(script, lang, Dice(6), 4)
    assert 2 <= len(found.clips) == len(found.sentences) <= 4
    assert list(found.clips) == sorted(found.clips)
    assert all(a.end_s <= b.start_s for a, b in zip(found.clips, found.clips[1:], strict=False))
    assert found.text.count("。" if lang == "zh" else ".") == len(found.sentences)
    assert len(important_clips(script, 1000)) == int(script.duration_s / 2)


def test_dialogues_have_every_move_and_true_golds():
    dice = Dice(7)
    moves = set()
    for number in range(150):
        turns = 1 + number % 10
        intents = draw_dialogue(TRUTH, turns, dice)
        assert len(intents) == turns
        current = ""
        for intent in intents:
            moves.add(intent.move)
            assert (intent.act == "say") == (not intent.gold)
            for gold in intent.gold:
                script = TRUTH.scripts[gold.video]
                assert all(span.end_s <= script.duration_s for span in gold.spans)
            if intent.act == "videos":
                current = intent.gold[0].video
                whole = TRUTH.scripts[current].duration_s
                assert intent.gold[0].spans == (Span(0.0, whole),)
            elif intent.act == "moment":
                assert [gold.video for gold in intent.gold] == [current]
            if intent.move == "similar":
                names = TRUTH.answers(intent.description.claims[0])
                assert all(gold.video in names for gold in intent.gold)
    assert moves == {
        "describe", "describe coarsely", "correct", "moment", "after", "before", "whole",
        "similar", "recall", "chat",
    }  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_dialogues_in_words(lang):
    dice = Dice(8)
    for _ in range(60):
        for turn in dialogue(TRUTH, 6, lang, dice):
            for text in (turn.text, turn.reply):
                assert text
                assert "{" not in text
                assert "  " not in text
            if turn.intent.gold:
                assert turn.intent.gold[0].video in turn.reply
            if turn.intent.act == "moment":
                assert f"{turn.intent.gold[0].spans[0].start_s:.1f}" in turn.reply


def test_actions_of_questions_are_actions_of_the_world():
    dice = Dice(9)
    for script in SCRIPTS:
        asked = ask_about(script, "prediction", dice, 3)
        if asked is not None:
            assert all(option.action in ACTIONS for option in (asked.right, *asked.wrong))
