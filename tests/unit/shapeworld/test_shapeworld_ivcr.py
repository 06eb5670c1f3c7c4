"""Drawn conversations in the form of IVCR-200K."""

import pytest

from whenabouts.data.dialogues import parse, to_evaluate, to_json
from whenabouts.metrics.answers.ivcr import gold_times
from whenabouts.models.dialogue_text import video_number
from whenabouts.shapeworld.collection import draw_scripts
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.ivcr import CANDIDATES, CHAT, draw_entry
from whenabouts.shapeworld.library_truth import LibraryTruth
from whenabouts.shapeworld.make import FORMS


@pytest.fixture(scope="module")
def truth():
    scripts = draw_scripts(30, 4, FORMS["ivcr"].plan, (0.0, 0.0, 1.0))
    return LibraryTruth({f"shapes/{n:04d}.mp4": script for n, script in enumerate(scripts)})


@pytest.fixture(scope="module")
def entries(truth):
    return [draw_entry(truth, "test", lang, Dice(8, n)) for n in range(40) for lang in ("en", "zh")]


def test_the_reader_reads_what_was_drawn(entries):
    dialogues = parse(entries)
    found = [to_json(one) for one in dialogues]
    assert [one["conversations"][0] for one in found] == [e["conversations"][0] for e in entries]
    answers = [one for e in entries for one in e["conversations"][1::2] if e["type"] != [CHAT]]
    read = [pair.answer for one in dialogues if one.kind != CHAT for pair in one.rounds]
    assert [one.video for one in read] == [one["video_id"] for one in answers]
    assert [list(one.span or (-1, -1)) for one in read] == [one["gt_se"] for one in answers]
    assert len(to_evaluate(dialogues)) == sum(one.kind != CHAT for one in dialogues)


def test_published_parsers_read_the_answers(entries):
    moments = 0
    for one in parse(entries):
        if one.kind == CHAT:
            continue
        numbers = {}
        for pair in one.rounds:
            answer = pair.answer
            number = video_number(answer.text, 1)
            if answer.span is None:
                assert answer.candidates[number - 1] == answer.video
                numbers |= {video: n for n, video in enumerate(answer.candidates, 1)}
            else:
                moments += 1
                assert tuple(gold_times(answer.text)[:2]) == answer.span
                assert answer.candidates[0] == answer.video
                assert one.kind == 7 or number == numbers.get(answer.video, 1)
    assert moments > 20


def test_candidates_are_ten_different_videos_with_one_right_answer(truth, entries):
    first = []
    for one in parse(entries):
        for answer in (pair.answer for pair in one.rounds if one.kind != CHAT):
            assert len(set(answer.candidates)) == CANDIDATES
            assert set(answer.candidates) <= truth.scripts.keys()
            assert answer.fits[0] == answer.video
            if answer.span is None:
                first.append(answer.candidates[0] == answer.video)
                if len(answer.fits) <= 1 + len(truth.scripts) - CANDIDATES:
                    assert set(answer.fits) & set(answer.candidates) == {answer.video}
    assert 0.2 < sum(first) / len(first) < 0.7


def test_the_same_dice_draw_the_same(truth):
    assert draw_entry(truth, "test", "en", Dice(1)) == draw_entry(truth, "test", "en", Dice(1))
