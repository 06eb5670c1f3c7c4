"""Learning rates of the published recipes."""

import pytest

from whenabouts.train.epoch_schedule import EpochSchedule

pytestmark = pytest.mark.golden("timechat/lr_schedule*")


def settings(facts, counts) -> EpochSchedule:
    return EpochSchedule(
        epochs=facts["max_epoch"],
        iterations=facts["iters_per_epoch"],
        rate=facts["init_lr"],
        least_rate=facts["min_lr"],
        first_rate=facts["warmup_start_lr"],
        warmup=facts["warmup_steps"],
        warmup_counts=counts,
    )


def test_rates_are_those_of_the_published_code(case):
    for entry in case.facts["entries"]:
        schedule = settings(entry["config"], "iterations of the epoch")
        for epoch, step, rate in entry["lr"]:
            assert schedule.at(epoch, step) == pytest.approx(rate, rel=1e-12), entry["name"]


def test_both_ways_of_counting_agree_unless_the_warm_up_outlasts_an_epoch(case):
    for entry in case.facts["entries"]:
        facts = entry["config"]
        theirs, ours = (
            settings(facts, counts) for counts in ("iterations of the epoch", "iterations")
        )
        if facts["warmup_steps"] <= facts["iters_per_epoch"]:
            assert all(theirs.at(e, s) == ours.at(e, s) for e, s, _ in entry["lr"])
        else:
            later = [(e, s) for e, s, _ in entry["lr"] if e > 0 and ours.at(e, s) < ours.rate]
            assert any(theirs.at(*at) != ours.at(*at) for at in later)
