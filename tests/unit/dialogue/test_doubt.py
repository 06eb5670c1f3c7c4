"""Words against others of their kind, and the parts at the edges of a video."""

import numpy as np
from fakes import ColourEncoder, picture

from whenabouts.dialogue.doubt import LEAST, share, slots
from whenabouts.dialogue.planner_en import EN
from whenabouts.dialogue.planner_zh import ZH
from whenabouts.dialogue.segments import edge
from whenabouts.store.rows import FrameRows
from whenabouts.types import Span


def frames(*colours):
    pixels = np.stack([picture(list(one)) for one in colours])
    return ColourEncoder().encode_frames(pixels).vectors


def held(text, vectors):
    return share(text, EN, ColourEncoder().encode_text, vectors, np.zeros(len(vectors), np.float32))


def test_words_that_are_seen_hold_and_others_do_not():
    seen = frames(("red", "green", "blue"))
    # To this encoder a word that is there twice is as good as both: the share cannot be near 1.
    assert held("red green blue", seen) > 0.3
    assert held("red yellow pink", seen) < 0.15 < LEAST


def test_few_words_of_a_kind_are_not_tested():
    assert held("red and blue", frames(("red", "blue"))) is None
    assert held("a dog on a beach", frames(("red", "blue"))) is None
    assert held("red green blue", np.zeros((0, 16), np.float32)) is None


def test_slots_do_not_overlap_and_rivals_are_others():
    found = slots("a red plus sign left of a violet disc", EN)
    assert [text for text in ("red", "plus sign", "violet", "disc")] == [
        "a red plus sign left of a violet disc"[start:end] for start, end, _ in found
    ]
    for (start, end, rivals), alike in zip(
        found, ("red", "cross", "purple", "circle"), strict=True
    ):
        assert len(rivals) == 8, (start, end)
        assert alike not in rivals
    zh = slots("红色的圆环在蓝色的方块左边", ZH)
    assert len(zh) == 4
    assert all("圆" not in rival for rival in zh[1][2])


def test_the_first_and_the_last_part_end_where_the_picture_changes():
    vectors = np.repeat(frames(("red",), ("blue",), ("green",)), 8, axis=0)
    times_s = np.arange(24) * 0.5
    rows = FrameRows(vectors, np.zeros(24, np.float32), times_s, times_s + 0.5)
    first, last = (edge(rows, 12.0, end=end) for end in (False, True))
    assert first.iou(Span(0.0, 4.0)) > 0.7
    assert last.iou(Span(8.0, 12.0)) > 0.7
    nothing = FrameRows(
        np.zeros((0, 16), np.float32), np.zeros(0, np.float32), times_s[:0], times_s[:0]
    )
    assert edge(nothing, 5.0, end=True) == Span(0.0, 5.0)
