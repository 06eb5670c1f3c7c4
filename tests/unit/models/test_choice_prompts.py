"""Questions with options, and the frames they are asked about."""

import pytest

from whenabouts.errors import InputError
from whenabouts.models.choice_prompts import egoschema, tempcompass, videomme
from whenabouts.models.positions import segment_positions


def test_questions_end_with_the_call_for_a_letter():
    asked = egoschema("Why?", ["a", "b", "c", "d", "e"])
    assert asked.endswith("correct option. \nQuestion: Why?\n(A) a\n(B) b\n(C) c\n(D) d\n(E) e\n"
                          "The best answer is:")  # fmt: skip
    asked = videomme("Why?", ["A. a", "B. b", "C. c", "D. d"])
    assert asked.startswith("Question: Select the best answer")
    assert asked.endswith("\n Options: A. a\nB. b\nC. c\nD. d\nThe best answer is:")
    with pytest.raises(InputError, match="4 options"):
        egoschema("Why?", ["a"] * 4)


def test_tempcompass_names_the_options_it_finds():
    question = "Which fits?\nCaption A: he sits\nCaption B: he runs"
    assert tempcompass(question, "caption_matching").endswith("option (Caption A or Caption B):")
    assert tempcompass("Does he run?", "yes_no").endswith("yes or no:")
    assert tempcompass("Describe it.", "captioning") == "Question: Describe it."
    with pytest.raises(InputError, match="no two lines"):
        tempcompass("Which fits?", "caption_matching")


def test_a_part_outside_the_video_is_refused():
    assert segment_positions(1, 25.0, 10) == [5]
    with pytest.raises(InputError, match="outside the video"):
        segment_positions(8, 25.0, 100, stretch_s=(10.0, 12.0))
