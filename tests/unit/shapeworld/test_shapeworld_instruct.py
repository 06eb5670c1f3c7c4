"""Lessons for a video LLM: questions, answers and the truth behind them."""

import json
import re

import pytest

from whenabouts.data.instruct.records import read_records
from whenabouts.metrics.answers import strict, timechat, vtgllm
from whenabouts.models.time_tokens import plain_times
from whenabouts.shapeworld.dice import Dice
from whenabouts.shapeworld.instruct import lessons
from whenabouts.shapeworld.make import make
from whenabouts.shapeworld.scene import Plan, draw_script

PLAN = Plan(duration_s=(40.0, 60.0), scenes=(3, 5), text_share=1.0)
SCRIPTS = [draw_script(seed, "train", PLAN) for seed in range(3)]


def taught(lang="en", style="timeit"):
    return [lesson for s in SCRIPTS for lesson in lessons(s, lang, Dice(5, s.seed), style)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_task_is_taught(lang):
    assert {lesson.task for lesson in taught(lang)} == {
        "dense captioning",
        "moment retrieval",
        "step localisation",
        "highlights",
        "summarisation",
        "speech",
        "question",
    }


def test_the_same_dice_teach_the_same():
    assert taught() == taught()


@pytest.mark.parametrize("style", ["timeit", "vtg-it"])
def test_the_published_readers_find_the_truth_in_the_answers(style):
    reader = timechat if style == "timeit" else vtgllm
    for lesson in taught("en", style):
        spans = [[round(e.start_s, 1), round(e.end_s or 0, 1)] for e in lesson.events]
        if lesson.task in ("dense captioning", "step localisation"):
            windows, captions = reader.dense_captions(lesson.answer)
            assert windows == spans
            assert all(captions)
        elif lesson.task == "moment retrieval":
            assert reader.grounding(lesson.answer) == spans
        elif lesson.task == "highlights":
            times, scores = reader.highlights(lesson.answer)
            assert times == [2.0 * clip for clip, _ in lesson.marks]
            assert scores == pytest.approx([sum(m) / 3 for _, m in lesson.marks], abs=0.051)


def test_chinese_answers_name_the_same_times():
    for lesson in taught("zh", "vtg-it"):
        numbers = [float(text) for text in re.findall(r"\d{4}\.\d", plain_times(lesson.answer))]
        if lesson.task == "dense captioning":
            told = [time for e in lesson.events for time in (e.start_s, e.end_s or 0)]
            assert numbers == pytest.approx(told, abs=0.051)
        assert not re.search("second|score", lesson.answer)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("style", ["timeit", "vtg-it"])
def test_the_strict_reader_finds_the_truth_in_both_languages(lang, style):
    for lesson in taught(lang, style):
        spans = [(round(e.start_s, 1), round(e.end_s or 0, 1)) for e in lesson.events]
        if lesson.task in ("dense captioning", "step localisation"):
            read = strict.read_events(lesson.answer, 100.0)
            assert [(e.span.start_s, e.span.end_s) for e in read.events] == spans
            assert [e.text for e in read.events] == [e.text.rstrip(".。") for e in lesson.events]
            assert read.problems == ()
        elif lesson.task == "moment retrieval":
            (event,) = strict.read_span(lesson.answer, 100.0).events
            assert (event.span.start_s, event.span.end_s) == spans[0]
        elif lesson.task == "highlights":
            read = strict.read_highlights(lesson.answer, 100.0)
            assert [time for time, _ in read.points] == [2.0 * clip for clip, _ in lesson.marks]
            means = [sum(marks) / 3 for _, marks in lesson.marks]
            assert [score for _, score in read.points] == pytest.approx(means, abs=0.051)


@pytest.mark.parametrize("form", ["timeit", "vtg-it"])
def test_a_folder_of_instructions(form, tmp_path):
    paths = make(tmp_path / "made", form, videos=3, seed=2, duration_s=(6.0, 8.0))
    folder = tmp_path / "made"
    found = read_records(folder)
    names = {path.relative_to(folder).as_posix() for path in paths}
    assert found
    assert {record.video for record in found} < names, "val and test are not in it"
    tokens = any("<TIME_" in answer for record in found for _, answer in record.turns)
    assert tokens == (form == "vtg-it")
    valley = folder / ("data/valley/Valley_instruct_shapes.json")
    if form == "timeit":
        assert all("<video>" not in q for r in read_records(valley) for q, _ in r.turns)
    truths = sorted(folder.rglob("test.caption_coco_format.json"))
    assert len(truths) == 3
    for path in truths:
        for line in json.loads(path.read_text("utf-8"))["annotations"]:
            assert (folder / "videos" / line["image_id"]).is_file()
            if "segments" in line:
                assert len(line["pure_cap"].split(". ")) == len(line["segments"])
    assert list(folder.rglob("highlight_test_release.jsonl"))
