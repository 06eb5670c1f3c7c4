"""What a search could reach at most follows from the truth alone."""

from dataclasses import replace

import pytest

from whenabouts.evaluate.ceiling import ceiling
from whenabouts.evaluate.dialogue_settings import DialogueSettings
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.scene import draw_script

SETTINGS = DialogueSettings(seeds=(0,), searches=6, coarse=1.0)


def test_a_video_alone_is_found_at_once():
    truth = LibraryTruth({"a": draw_script(0, "val")})
    assert ceiling(truth, SETTINGS, "en", points=False) == pytest.approx(100.0)


def test_two_videos_that_are_the_same_cannot_be_told_apart():
    script = draw_script(0, "val")
    truth = LibraryTruth({"a": script, "b": replace(script)})
    by_lot = 100.0 * (1 - 0.5**3)
    assert ceiling(truth, SETTINGS, "en", points=False) == pytest.approx(by_lot)
    assert ceiling(truth, SETTINGS, "zh", points=True) == pytest.approx(100.0)
