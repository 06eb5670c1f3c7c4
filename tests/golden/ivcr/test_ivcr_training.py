"""What IVCR's training adds to the loss, its rates, and its table of frame numbers."""

import pytest
import torch

from whenabouts.metrics.ivcr_training import added_to_loss
from whenabouts.models.retrieval_heads import WEIGHT, assumed_duration_s, moment_loss, video_loss
from whenabouts.models.time_tables import resize_rows
from whenabouts.train.epoch_schedule import EpochSchedule


@pytest.mark.golden("ivcr/aux_loss*")
def test_figures_added_to_the_loss(case):
    atol = case.facts["tolerance"]["atol"]
    for row in case.facts["rows"]:
        gold = row["ground_truth"]
        mine = added_to_loss(row["decoded_text"], row["n_video_tokens"], gold)
        assert mine == pytest.approx(row["total_minus_lm"] or 0.0, abs=atol), row


@pytest.mark.golden("ivcr/heads_xqy_loss*")
def test_loss_of_the_heads(case):
    atol = case.facts["tolerance"]["atol"]
    assert case.facts["constants"]["weight"] == WEIGHT
    for row in case.facts["rows"]:
        raw = torch.tensor(row.get("raw", row.get("logits", ())), requires_grad=True)
        if row["kind"] == "moment":
            start_s, end_s = row["gt"]
            loss = moment_loss(raw, (start_s, end_s), assumed_duration_s(end_s))
        elif row["kind"] == "video":
            loss = video_loss(raw, row["gt"])
        else:
            assert row["added"] == 0.0
            continue
        added = WEIGHT * loss
        added.backward()
        assert added.item() == pytest.approx(row["added"], abs=atol), row
        if "grad" in row:
            torch.testing.assert_close(raw.grad, torch.tensor(row["grad"]), atol=atol, rtol=1e-3)


@pytest.mark.golden("ivcr/lr_schedule*")
def test_rates(case):
    facts = case.facts["config"]
    schedule = EpochSchedule(
        epochs=facts["max_epoch"],
        iterations=facts["iters_per_epoch"],
        rate=facts["init_lr"],
        least_rate=facts["min_lr"],
        first_rate=facts["warmup_start_lr"],
        warmup=facts["warmup_steps"],
        warmup_counts="iterations of the epoch",
    )
    mine = [schedule.at_step(step) for step in range(len(case.facts["lr"]))]
    assert mine == pytest.approx(case.facts["lr"], rel=case.facts["tolerance"]["rtol"])


@pytest.mark.golden("ivcr/frame_position_interpolation*")
def test_table_of_frame_numbers(case):
    io = case.tensors()
    tables = [key for key in io if key.startswith("in_")]
    assert tables
    for key in tables:
        rows = int(key.rpartition("_")[2])
        assert torch.equal(resize_rows(io[key], rows), io[key.replace("in_", "out_")]), key
