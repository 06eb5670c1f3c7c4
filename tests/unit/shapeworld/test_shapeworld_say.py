import pytest

from whenabouts.shapeworld import words_en, words_zh
from whenabouts.shapeworld.axes import ACTIONS, COLOURS, GROUNDS, SHAPES, held_out_pair
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.say import (
    absent_query,
    caption,
    coarse_caption,
    describe_event,
    describe_video,
    event_caption,
    frame_caption,
    moment_query,
    say,
    scene_caption,
)
from whenabouts.shapeworld.scene import draw_script
from whenabouts.shapeworld.truth import (
    Claim,
    Description,
    Mention,
    Setting,
    claim_spans,
    fits,
    frame_truth,
)

LANGS = ("en", "zh")
SCRIPTS = [draw_script(seed, split) for seed in range(60) for split in ("train", "test")]


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_said_fits_the_video(lang):
    dice = Dice(1)
    for script in SCRIPTS:
        assert fits(script, caption(script, lang, dice).description)
        assert fits(script, coarse_caption(script, lang, dice).description)
        for index in range(len(script.scenes)):
            assert fits(script, scene_caption(script, index, lang, dice).description)
        for event in script.main_events:
            assert fits(script, event_caption(script, event, lang, dice).description)


@pytest.mark.parametrize("lang", LANGS)
def test_moment_queries_hold_during_their_event_and_absent_ones_never(lang):
    dice = Dice(2)
    for script in SCRIPTS:
        for event in script.main_events:
            query = moment_query(script, event, lang, dice)
            assert query.text
            assert any(
                span.overlap_s(event.span) > 0.99 * event.span.length_s for span in query.spans
            )
            ends = [
                (a.end_s, b.start_s) for a, b in zip(query.spans, query.spans[1:], strict=False)
            ]
            assert all(end < start for end, start in ends)
        query = absent_query(script, lang, dice)
        assert query.spans == ()
        assert claim_spans(script, query.description.claims[0]) == ()


def test_fine_captions_are_unique_among_thousands():
    dice = Dice(3)
    descriptions = [describe_video(draw_script(seed, "test"), dice) for seed in range(5000)]
    assert len(set(descriptions)) == 5000
    # And not only as words: of a thousand videos they fit their own one.
    some = {str(seed): draw_script(seed, "test") for seed in range(1000)}
    truth = LibraryTruth(some)
    wrong = [n for n in range(0, 1000, 5) if truth.fitting(descriptions[n]) != [str(n)]]
    assert len(wrong) <= 1


def test_coarse_captions_fit_several_videos():
    dice = Dice(4)
    truth = LibraryTruth({str(n): script for n, script in enumerate(SCRIPTS)})
    counts = [
        len(truth.fitting(coarse_caption(script, "en", dice).description)) for script in SCRIPTS
    ]
    assert min(counts) >= 1
    assert sum(count > 1 for count in counts) > 0.6 * len(counts)


@pytest.mark.parametrize("lang", LANGS)
def test_a_description_has_many_wordings(lang):
    dice = Dice(5)
    script = draw_script(8)
    description = describe_video(script, dice)
    assert len({say(description, lang, dice) for _ in range(200)}) > 120


def test_every_action_is_said_in_every_form_without_leftovers():
    dice = Dice(6)
    other, place = Mention("ring", "orange", "large", 1), Setting("stripes", "orange", "night")
    for action in ACTIONS:
        partner = other if ACTIONS.index(action) >= 16 else None
        becomes = {
            "changes colour": Mention(colour="green"),
            "changes shape": Mention(shape="square"),
        }.get(action)
        for count in (1, 3):
            claim = Claim(Mention("star", "red", "small", count), action, partner, becomes, place)
            texts = {
                lang: [say(Description((claim,)), lang, dice) for _ in range(40)] for lang in LANGS
            }
            for text in [*texts["en"], *texts["zh"]]:
                assert "{" not in text
                assert "  " not in text
                assert "None" not in text
            for text in texts["en"]:
                low = f" {text.lower()} "
                assert " a orange" not in low
                assert " is " not in low or count == 1 or "is it" in low or partner, text
                assert any(word in low for word in words_en.COLOURS["red"])
                assert any(word in low for word in words_en.LIGHTS["night"])
            for text in texts["zh"]:
                assert "红色" in text
                assert any(word in text for word in words_zh.LIGHTS["night"])
                assert any(word in text for word in words_zh.SHAPES["star"])


def test_plurals_and_verbs_agree():
    dice = Dice(7)
    for count, right, wrong in ((1, " spins", " spin "), (2, " spin", " spins")):
        claim = Claim(Mention("cross", "blue", None, count), "spins")
        texts = {say(Description((claim,)), "en", dice) for _ in range(200)}
        plain = [text for text in texts if text.endswith((right, right + "."))]
        assert plain
        assert not any(wrong in text + " " for text in texts if " and " not in text), texts
        assert all(("crosses" in text or "plus signs" in text) == (count == 2) for text in texts)


def test_both_languages_have_words_for_everything():
    for words in (words_en, words_zh):
        assert set(words.SHAPES) == set(SHAPES)
        assert set(words.COLOURS) == set(COLOURS)
        assert set(words.ACTIONS) == set(ACTIONS)
        assert set(words.GROUNDS) == set(GROUNDS)
        assert set(words.LIGHTS) == {"day", "night"}
        for table in (words.SHAPES, words.COLOURS):
            names = [name for row in table.values() for name in row]
            assert len(names) == len(set(names))


def test_frame_captions_tell_what_is_in_view():
    dice = Dice(8)
    for script in SCRIPTS[:40]:
        event = script.main_events[0]
        time_s = event.span.start_s + 0.45 * event.span.length_s
        said = frame_caption(script, time_s, "en", dice)
        seen = {(sight.shape, sight.colour) for sight in frame_truth(script, time_s)}
        for claim in said.description.claims:
            assert claim.actor.shape is None or (claim.actor.shape, claim.actor.colour) in seen


def test_training_is_never_told_of_held_out_looks():
    dice = Dice(9)
    for seed in range(200):
        claim = absent_query(draw_script(seed), "en", dice).description.claims[0]
        assert not held_out_pair(claim.actor.shape, claim.actor.colour)


def test_claims_are_judged_as_a_viewer_would():
    script = draw_script(3, "test")
    event = script.main_events[0]
    scene = script.scene_of(event)
    right = describe_event(event, scene, Dice(1), setting_share=0.0)
    assert claim_spans(script, right)
    look = event.actor.look
    assert claim_spans(script, Claim(Mention(*look, count=event.actor.count)))
    assert not claim_spans(script, Claim(Mention(*look, count=event.actor.count % 4 + 1)))
    other = "blue" if scene.backdrop.colour != "blue" else "red"
    assert not claim_spans(script, Claim(Mention(*look), setting=Setting(colour=other)))


def relation_script(action):
    """A test script with this relation, and its event."""
    for seed in range(400):
        script = draw_script(seed, "test")
        for event in script.main_events:
            if event.action == action:
                return script, event
    raise AssertionError(action)


@pytest.mark.parametrize(
    ("action", "inverse"), [("left of", "right of"), ("above", "below"), ("chases", None)]
)
def test_relations_can_be_turned_round_only_when_they_are_symmetric(action, inverse):
    script, event = relation_script(action)
    one, other = Mention(*event.actor.look), Mention(*event.partner.look)
    assert claim_spans(script, Claim(one, action, other)) == (event.span,)
    assert claim_spans(script, Claim(other, action, one)) == ()
    if inverse:
        assert claim_spans(script, Claim(other, inverse, one)) == (event.span,)
    assert event.span in claim_spans(script, Claim(other))


def test_order_matters_only_when_it_is_said():
    dice = Dice(10)
    for script in SCRIPTS:
        description = describe_video(script, dice)
        if description.ordered and len(description.claims) == 2:
            turned = Description(description.claims[::-1], ordered=True)
            assert not fits(script, turned)
            assert fits(script, Description(description.claims[::-1], ordered=False))
            break
    else:
        pytest.fail("no ordered caption with two events")


def test_a_collection_has_queries_that_none_of_it_answers():
    few = LibraryTruth({str(n): script for n, script in enumerate(SCRIPTS[:5])})
    many = LibraryTruth({str(seed): draw_script(seed, "test") for seed in range(400)})
    for truth in (few, many):
        for seed in range(20):
            claim = truth.describe_nowhere(Dice(seed)).claims[0]
            assert truth.answers(claim) == {}
            assert not any(claim_spans(script, claim) for script in truth.scripts.values())
