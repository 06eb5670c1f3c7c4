import csv
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from torch import nn

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.device import pick_device
from whenabouts.train.epoch_schedule import EpochSchedule
from whenabouts.train.loop import LoopSettings, Run, fit, make_optimisers
from whenabouts.train.state import read_state


class Line(nn.Module):
    """Learns y = 3x with a throw-away scale, and draws noise to prove that it is repeated."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.register_buffer("seen", torch.zeros(()))

    def loss(self, model, batch):
        x, y = batch
        self.seen += 1
        error = model(x + torch.randn_like(x) * 0.1) * self.scale - y
        return error.square().mean(), {"error": float(error.detach().abs().mean())}


def batches(first_step):
    step = first_step
    while True:
        x = torch.randn(8, 1, generator=torch.Generator().manual_seed(step))
        yield x, 3 * x
        step += 1


def run(folder, **changes):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 4), nn.Linear(4, 1))
    values = {"steps": 30, "learning_rate": 0.05, "warmup_steps": 3, "precision": "fp32"}
    settings = LoopSettings(**(values | {"log_every_steps": 5, "device": "cpu"} | changes))

    def validate(net):
        return {"val": float(net[1].bias.detach())}

    return Run(model, Line(), batches, settings, folder, validate)


def table(folder):
    return list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))


def tensors(folder):
    made = run(folder)
    both = nn.ModuleDict({"model": made.model, "objective": made.objective})
    optimisers = make_optimisers(both, made.settings)
    step, _ = read_state(folder / "state.safetensors", both, optimisers)
    moments = [v for o in optimisers for s in o.state.values() for v in s.values()]
    return step, [*both.state_dict().values(), *moments]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_cut_off_run_goes_on_as_if_it_had_not_been(tmp_path, precision):
    """With `fp16` the factor of the loss goes on, too."""
    assert fit(run(tmp_path / "whole", precision=precision)) == 30
    assert fit(run(tmp_path / "cut", precision=precision), stop_after_steps=11) == 11
    assert fit(run(tmp_path / "cut", precision=precision)) == 30
    (step_a, whole), (step_b, cut) = tensors(tmp_path / "whole"), tensors(tmp_path / "cut")
    assert step_a == step_b == 30
    assert len(whole) == len(cut) > 10
    assert all(torch.equal(a, b) for a, b in zip(whole, cut, strict=True))


def test_a_run_learns_and_writes_its_figures(tmp_path):
    seen = []
    made = run(tmp_path, steps=60, validate_every_steps=25)
    fit(replace(made, on_progress=seen.append))
    rows = table(tmp_path)
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"]) / 5
    assert [row["step"] for row in rows if row["val"]] == ["25", "50", "60"]
    assert seen[-1].step == 60 and "cpu_s" in seen[-1].logs


def test_a_resumed_run_drops_rows_after_its_checkpoint(tmp_path):
    fit(run(tmp_path), stop_after_steps=10)
    text = (tmp_path / "metrics.csv").read_text()
    (tmp_path / "metrics.csv").write_text(
        text + text.splitlines()[-1].replace("10,", "25,", 1) + "\n"
    )
    fit(run(tmp_path))
    steps = [row["step"] for row in table(tmp_path)]
    assert steps == ["5", "10", "15", "20", "25", "30"]


def test_the_rate_goes_up_level_and_down():
    settings = LoopSettings(steps=100, learning_rate=1.0, warmup_steps=10, decay_from=0.5)
    rates = [settings.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1) and rates[9] == 1 and rates[49] == 1
    assert rates[75] == pytest.approx(0.5) and rates[99] == pytest.approx(0.02)


def test_a_broken_loss_stops_with_the_step(tmp_path):
    with pytest.raises(WeightsError, match="loss of step"):
        fit(run(tmp_path, learning_rate=1e30, warmup_steps=1, clip_norm=1e30))


@pytest.mark.parametrize(
    "full",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
)
def test_memory_that_runs_out_is_told_with_the_next_step(tmp_path, monkeypatch, full):
    def loss(self, model, batch):
        raise full

    monkeypatch.setattr(Line, "loss", loss)
    with pytest.raises(InputError, match=r"ran out of memory in step 1; recompute=true"):
        fit(run(tmp_path))


def test_a_state_of_other_sizes_is_refused(tmp_path):
    fit(run(tmp_path), stop_after_steps=1)
    made = run(tmp_path)
    other = Run(nn.Linear(2, 2), made.objective, batches, made.settings, tmp_path)
    with pytest.raises(WeightsError, match="other sizes"):
        fit(other)


def test_device_names():
    assert pick_device("cpu").type == "cpu"
    with pytest.raises(InputError, match="unknown device"):
        pick_device("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="cannot be used here"):
            pick_device("cuda")
    assert pick_device("auto").type in ("cpu", "cuda")


def test_gradients_are_averaged_or_summed_and_need_not_be_clipped(tmp_path):
    norms = {}
    for way in ("mean", "sum"):
        folder = tmp_path / way
        fit(run(folder, accumulate=2, accumulate_as=way, steps=1, log_every_steps=1, clip_norm=0))
        norms[way] = float(table(folder)[0]["norm"])
    assert norms["sum"] == pytest.approx(2 * norms["mean"])
    # AdamW divides by the length of the gradient, so that the first step is nearly the same.
    a, b = (tensors(tmp_path / way)[1][0] for way in norms)
    torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_a_schedule_of_epochs_counts_batches():
    epochs = EpochSchedule(epochs=2, iterations=40, warmup=20)
    settings = LoopSettings(steps=20, by_epochs=epochs, accumulate=4)
    assert [settings.rate(step) for step in (0, 4, 19)] == [
        epochs.at_step(place) for place in (3, 19, 79)
    ]


def test_what_is_frozen_is_not_in_the_state(tmp_path):
    made = run(tmp_path)
    made.model[0].requires_grad_(False)
    fit(made, stop_after_steps=4)
    with safe_open(tmp_path / "state.safetensors", "pt") as file:
        names = set(file.keys())
    assert "net.model.1.weight" in names and "net.model.0.weight" not in names
    again = run(tmp_path)
    again.model[0].requires_grad_(False)
    assert fit(again) == 30
    other = run(tmp_path)  # nothing frozen: its state would be another one
    with pytest.raises(WeightsError, match="other sizes"):
        fit(other)
