"""Grounders on the same kept vectors of drawn videos."""

import pytest

from whenabouts.data.moments.drawn import DrawnMoments, Shot
from whenabouts.evaluate.moments import MomentEvaluation, auroc, evaluate
from whenabouts.library.encoders import open_encoder
from whenabouts.types import Moment, Span

SHORT = DrawnMoments(
    split="test",
    videos=2,
    kinds=(Shot(duration_s=(6.0, 9.0), scenes=(1, 2)),),
    phrasings=1,
    looks=1,
    absent=1,
)


class Whole:
    """All of the video, always as sure."""

    def locate(self, query, video, seen):
        assert seen.times_s is not None
        return [Moment(video, Span(0, video.duration_s), 0.5)]


class Silent:
    """Nothing, ever."""

    def locate(self, query, video, seen):
        return []


def test_figures_of_two_grounders(tmp_path):
    encoder = open_encoder("tiny-clip")
    settings = MomentEvaluation(split=SHORT, events=(1, 8), grain=(0.0, 25.0), resamples=20)
    told = []
    rivals = {"whole": Whole(), "silent": Silent()}
    report = evaluate(rivals, encoder, settings, tmp_path, lambda *at: told.append(at))
    assert told == [(1, 2), (2, 2)] * 2
    assert report.figures["silent.one.mIoU"] == 0
    assert report.figures["whole.one.mIoU"] > 0
    assert report.figures["whole.absent.AUROC"] == 50
    for name in ("whole.grain25.one.R@1 IoU=0.5", "whole.one.en.mAP", "whole.one.zh.mAP"):
        low, high = report.intervals[name]
        assert low <= report.figures[name] <= high
    assert report.figures["whole.ms"] >= 0
    assert all(row["truth"] for row in report.predictions)
    gap = report.figures["silent.all.mIoU"] - report.figures["whole.all.mIoU"]
    assert report.figures["silent over whole.mIoU"] == pytest.approx(gap)
    kept = sorted(tmp_path.rglob("*.npz"))
    again = evaluate({"whole": Whole()}, encoder, settings, tmp_path)
    assert again.figures["whole.one.mIoU"] == report.figures["whole.one.mIoU"]
    assert sorted(tmp_path.rglob("*.npz")) == kept, "drawn and encoded once"


def test_auroc_counts_ties_half():
    assert auroc([1.0], [0.0]) == 1
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([0.0, 1.0], [0.5]) == pytest.approx(0.5)
