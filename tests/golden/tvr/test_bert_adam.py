"""The published optimiser: groups, rates, both clips, updates, moments and the clamp."""

import math

import pytest
import torch
from torch import nn

from whenabouts.train.loop import LoopSettings
from whenabouts.train.optimisers import make_optimisers, set_rates
from whenabouts.train.schedule import share_at

pytestmark = pytest.mark.golden("tvr/bert_adam*")


def settings_of(config) -> LoopSettings:
    return LoopSettings(
        steps=config["t_total"],
        learning_rate=config["lr"],
        optimiser="bert_adam",
        betas=(config["b1"], config["b2"]),
        weight_decay=config["weight_decay"],
        decay="all-but-biases",
        slow="clip.",
        slow_share=config["coef_lr"],
        schedule=config["schedule"],
        warmup_share=config["warmup_proportion"],
        clip_norm=config["global_clip"],
    )


class Bag(nn.Module):
    """Parameters under dotted names."""

    def __init__(self, tensors) -> None:
        super().__init__()
        self.held = {name: nn.Parameter(value.clone()) for name, value in tensors.items()}

    def named_parameters(self, *args, **kwargs):
        return iter(self.held.items())


def tensors_of(io, head) -> dict[str, torch.Tensor]:
    return {k.removeprefix(head): v for k, v in io.items() if k.startswith(head)}


def test_schedules(case):
    warmup = case.facts["config"]["warmup_proportion"]
    for name, rows in case.facts["schedule_tables"].items():
        for x, expected in rows:
            assert share_at(name, x, warmup) == pytest.approx(expected, abs=1e-12), (name, x)


def test_groups(case):
    bag = Bag(tensors_of(case.tensors(), "init."))
    settings = settings_of(case.facts["config"])
    [optimiser] = make_optimisers(bag, settings)
    names = {id(p): name for name, p in bag.held.items()}
    set_rates([optimiser], 1.0)
    found = {
        (round(group["lr"] * settings.learning_rate, 12), group["weight_decay"]): {
            names[id(p)] for p in group["params"]
        }
        for group in optimiser.param_groups
    }
    expected = {
        (round(group["lr"], 12), group["weight_decay"]): set(group["params"])
        for group in case.facts["groups"]
    }
    assert found == expected


def test_every_step(case):
    io, facts = case.tensors(), case.facts
    settings = settings_of(facts["config"])
    bag = Bag(tensors_of(io, "init."))
    [optimiser] = make_optimisers(bag, settings)
    names = {id(p): name for name, p in bag.held.items()}
    where = {name: row["index"] for row in facts["groups"] for name in row["params"]}
    for step, rates in enumerate(facts["learning_rate_per_step_and_group"]):
        set_rates([optimiser], settings.rate(step))
        for group in optimiser.param_groups:
            for parameter in group["params"]:
                assert group["lr"] == pytest.approx(rates[where[names[id(parameter)]]], rel=1e-9)
        for name, parameter in bag.held.items():
            parameter.grad = io[f"grad{step}.{name}"].clone()
        norm = nn.utils.clip_grad_norm_(bag.held.values(), settings.clip_norm)
        assert norm.item() == pytest.approx(facts["global_grad_norm_before_clip"][step], rel=1e-5)
        optimiser.step()
        with torch.no_grad():
            bag.held["clip.logit_scale"].clamp_(max=math.log(100))
        for name, expected in tensors_of(io, f"after{step}.").items():
            case.close(bag.held[name], expected, f"{name} after step {step}")
    for name, parameter in bag.held.items():
        case.close(optimiser.state[parameter]["m"], io[f"m.{name}"], f"m of {name}")
        case.close(optimiser.state[parameter]["v"], io[f"v.{name}"], f"v of {name}")
