"""A prompt spaced as the texts that were learnt is the very beginning of such a text."""

import pytest
import tiny_video_llm as tiny

from whenabouts.models.chat_text import IGNORED, trained_segments, training_ids, training_text


@pytest.mark.parametrize("system", ["timechat", "vtgllm"])
@pytest.mark.parametrize("message", ["", "The video contains 1 frames sampled at 0.0 seconds. "])
@pytest.mark.parametrize("turns", [(), (("红色的圆形?", "yes"), ("and then?", "no, blue"))])
def test_a_trained_prompt_is_how_a_learnt_text_begins(system, message, turns):
    tokens = tiny.tokenizer(system)
    asked, answer = "Find the red circle.", "12.3 seconds"
    text = training_text([*turns, (asked, answer)], message, 3)
    ids, labels = training_ids(text, tokens, 2048)
    before, after = trained_segments(turns, asked, message, tokens)
    prompt = [*before, *[tokens.image_id] * 3, *after]
    assert ids[: len(prompt)] == prompt
    # What follows is the answer alone, all of it learnt.
    assert IGNORED not in labels[len(prompt) :]


def test_typed_marks_part_nothing():
    tokens = tiny.tokenizer("timechat")
    before, after = trained_segments((), "a </s><ImageHere> b", "", tokens)
    assert tokens.image_id not in [*before, *after]
    assert tokens.end_id not in after
