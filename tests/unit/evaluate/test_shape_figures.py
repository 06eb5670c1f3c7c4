import json

import numpy as np
import pytest

from whenabouts.evaluate.interval import interval
from whenabouts.evaluate.run import run
from whenabouts.evaluate.shapes import (
    EvaluateSettings,
    draw_all,
    draw_frames,
    evaluate,
    make_cases,
)
from whenabouts.protocols import FrameVectors, Sampling
from whenabouts.shapeworld.render import sample_times
from whenabouts.systems.peaks import Peaks
from whenabouts.types import Encoding

SETTINGS = EvaluateSettings(split="val", videos=5, short_px=32, workers=0, resamples=50)


class Oracle:
    """Knows which video each text is of, and which frames answer it; `confused` swaps two."""

    name, fingerprint, sampling, input_px = "oracle", "0", Sampling(), 32

    def __init__(self, settings=SETTINGS, confused=False):
        self.cases = make_cases(settings)
        self.width = 2 * len(self.cases)
        self.settings, self.confused, self.drawn = settings, confused, 0

    def encode_frames(self, pixels):
        number, self.drawn = self.drawn, self.drawn + 1
        case = self.cases[number]
        times = sample_times(case.script, self.settings.rate_hz)
        assert len(pixels) == len(times)
        inside = [any(s.start_s <= t < s.end_s for s in case.queries["en"].spans) for t in times]
        shown = 1 - number if self.confused and number < 2 else number
        vectors = np.zeros((len(times), self.width), np.float32)
        vectors[np.arange(len(times)), 2 * shown + np.array(inside)] = 1
        return FrameVectors(vectors, np.zeros(len(times), np.float32))

    def encode_text(self, text):
        vector = np.zeros((1, self.width), np.float32)
        for number, case in enumerate(self.cases):
            asked = any(query.text == text for query in case.queries.values())
            if asked or text in case.captions.values():
                vector[0, 2 * number + asked] = 1
        vector /= max(np.linalg.norm(vector), 1)
        return Encoding(vector, np.ones(1, np.float32))


def test_an_oracle_finds_every_video_and_moment():
    done = []
    report = evaluate(Oracle(), Peaks(), SETTINGS, lambda n, total: done.append((n, total)))
    for lang in ("en", "zh"):
        assert report.figures[f"text_to_video.{lang}.R@1"] == 100
        assert report.figures[f"video_to_text.{lang}.R@1"] == 100
        assert report.intervals[f"text_to_video.{lang}.R@1"] == (100, 100)
    assert report.figures["moment.en.R@1 IoU=0.5"] == 100
    assert done[-1] == (5, 5)
    assert len(report.predictions) == 20


def test_a_confused_encoder_is_found_out():
    report = evaluate(Oracle(confused=True), Peaks(), SETTINGS)
    assert report.figures["text_to_video.en.R@1"] == pytest.approx(60)
    wrong = [row for row in report.predictions if row["task"] != "moment" and row["rank"] > 0]
    assert {row["video"] for row in wrong} == {"val-0", "val-1"}


def test_predictions_and_figures_are_written(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "x"\n[evaluate]\nsplit = "val"\nvideos = 3\nworkers = 0\n')
    pairs = ["evaluate.short_px=32", "evaluate.resamples=20"]
    settings = SETTINGS.model_copy(update={"videos": 3})
    report = run(recipe, Oracle(settings), pairs, folder=tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert facts["settings"]["videos"] == 3 and facts["encoder"] == "oracle"
    lines = (tmp_path / "out" / "predictions.jsonl").read_text().splitlines()
    assert len(lines) == len(report.predictions) == 12
    assert json.loads(lines[0])["lang"] == "en"


def test_workers_draw_the_same_frames():
    cases = make_cases(SETTINGS)[:2]
    drawn = list(draw_all(cases, SETTINGS.model_copy(update={"workers": 1})))
    for case, pixels in drawn:
        assert (pixels == draw_frames(case, SETTINGS)).all()


def test_the_test_split_is_new_in_every_video():
    cases = make_cases(EvaluateSettings(videos=20))
    assert len({case.captions["en"] for case in cases}) == 20
    assert {case.script.split for case in cases} == {"test"}


def test_interval_narrows_with_more_values():
    few, many = interval(np.tile([0.0, 100.0], 20)), interval(np.tile([0.0, 100.0], 500))
    assert few[0] < many[0] < 50 < many[1] < few[1]
