"""Names of what is in view among names of what is not, and questions that a frame can answer."""

import numpy as np
import pytest

from whenabouts.shapeworld import words_en, words_zh
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.grammar_en import plural
from whenabouts.shapeworld.naming import names
from whenabouts.shapeworld.questions import ask_about
from whenabouts.shapeworld.scene import Plan, draw_script
from whenabouts.shapeworld.still import frame_tells
from whenabouts.shapeworld.truth import frame_truth, scene_at

PLAN = Plan(duration_s=(20.0, 40.0), scenes=(3, 4))


def meant(name: str, lang: str, table: str) -> set[str]:
    """The key of the row of a table of words, one of which is in a name; None for none."""
    words = words_zh if lang == "zh" else words_en
    return {
        key
        for key, row in getattr(words, table).items()
        for word in row
        for form in {word, plural(word.split()[-1])}
        if (form in name if lang == "zh" else form in name.split() or word in name.split(" a "))
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_name_is_true_and_the_others_are_not(lang):
    """By the colour words: of the first, one is in view, as thing or backdrop."""
    alike = 0
    for seed in range(20):
        script = draw_script(seed, "train", PLAN)
        time_s = float(np.random.default_rng(seed).uniform(1.0, script.duration_s - 1.0))
        told = names(script, time_s, lang, Dice(1, seed), 5)
        assert len(told) == len(set(told)) == 6
        colours = [meant(name, lang, "COLOURS") for name in told]
        sights = frame_truth(script, time_s)
        if not any(colours):  # shapes alone
            shapes = [meant(name, lang, "SHAPES") for name in told]
            there = {sight.shape for sight in sights}
            assert shapes[0] <= there
            assert not any(there & wrong for wrong in shapes[1:])
            continue
        there = {scene_at(script, time_s).backdrop.colour, *(sight.colour for sight in sights)}
        assert colours[0] & there
        alike += sum(colours[0] == other for other in colours[1:])
    assert alike > 10  # wrong names that share the colour: it alone is not enough


def test_a_frame_tells_what_no_wrong_option_is_true_of():
    told, seen = [], []
    for seed in range(60):
        script = draw_script(seed, "train", PLAN)
        asked = ask_about(script, "descriptive", Dice(2, seed), 3)
        if asked is None or asked.ask != "what colour":
            continue
        times_s = np.arange(0.1, script.duration_s, 0.25)
        looks = {(s.shape, s.colour) for t in times_s for s in frame_truth(script, float(t))}
        shape = asked.about[0].actor.shape
        told.append(frame_tells(script, asked))
        seen.append(not any((shape, wrong.colour) in looks for wrong in asked.wrong))
    assert told == seen
    assert 0 < sum(told) < len(told)


def test_what_happens_next_is_no_matter_of_a_frame():
    script = draw_script(4, "train", PLAN)
    asked = ask_about(script, "temporal", Dice(2, 4), 3)
    assert asked is not None
    assert not frame_tells(script, asked)
