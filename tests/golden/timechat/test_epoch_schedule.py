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
        length = facts["iters_per_epoch"]
        again = [
            (e, s) for e, s, _ in entry["lr"] if 0 < e * length <= facts["warmup_steps"] - 1 - s
        ]
        for epoch, step, _ in entry["lr"]:
            same = theirs.at(epoch, step) == ours.at(epoch, step)
            assert same == ((epoch, step) not in again), entry["name"]
