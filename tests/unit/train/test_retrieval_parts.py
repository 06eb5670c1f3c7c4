"""The small parts of retrieval training, each on its own."""

import numpy as np
import pytest
import torch
from torch import nn

from whenabouts.errors import InputError, SettingsError, WeightsError
from whenabouts.models.interaction import Tokens
from whenabouts.models.retrieval import RetrievalModel
from whenabouts.models.sizes import ClipSizes, RetrievalSizes
from whenabouts.settings import read_value
from whenabouts.train.bert_adam import BertAdam
from whenabouts.train.best import Best
from whenabouts.train.chunks import encode_in_chunks
from whenabouts.train.decorrelation import DecorrelationSettings, correlations, decorrelation_loss
from whenabouts.train.optimisers import StepSettings, make_groups
from whenabouts.train.rand_augment import Change, RandAugmentSettings, augment, draw
from whenabouts.train.retrieval_loss import hits, symmetric_loss
from whenabouts.train.schedule import share_at
from whenabouts.train.towers import halve_towers

SMALL = ClipSizes(
    embed_width=8,
    vision_width=16,
    vision_layers=2,
    vision_heads=1,
    patch_px=8,
    image_px=16,
    text_width=16,
    text_layers=2,
    text_heads=1,
    context_tokens=6,
    vocab_tokens=20,
)


def test_changes_are_drawn_by_the_policy():
    settings = RandAugmentSettings(operations=200, magnitude=9.5, spread=2.0)
    changes = draw(settings, np.random.default_rng(1))
    assert changes == draw(settings, np.random.default_rng(1))
    assert 60 < len(changes) < 140, "half of those drawn are applied"
    assert max(change.magnitude for change in changes) == 10.0
    assert len({change.op for change in changes}) == 15
    assert {change.negated for change in changes} == {True, False}
    assert draw(RandAugmentSettings(chance=0.0), np.random.default_rng(1)) == ()


def test_frames_without_changes_are_left_alone():
    frames = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    assert augment(frames, ()) is frames
    assert np.array_equal(augment(frames, [Change("Invert", 7.0)]), 255 - frames)


def tokens(rows, length, logits=False):
    random = torch.Generator().manual_seed(length)
    vectors = torch.randn(rows, length, 8, generator=random)
    return Tokens(vectors, torch.ones(rows, length), vectors[..., 0] if logits else None)


def test_channels_that_agree_cost_nothing():
    rows = torch.linalg.qr(torch.randn(40, 8, generator=torch.Generator().manual_seed(3)))[0]
    rows = rows - rows.mean(dim=0)
    between = correlations(rows, rows)
    # Unbiased deviations, but a plain mean of products: (n-1)/n on the diagonal.
    assert between.diagonal() == pytest.approx(np.full(8, 39 / 40), abs=1e-5)


def test_decorrelation_says_what_it_needs():
    picks = torch.zeros(1, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    with pytest.raises(InputError, match="at least 2"):
        settings = DecorrelationSettings(rows="all")
        decorrelation_loss(tokens(1, 3), tokens(1, 4), settings, picks)
    with pytest.raises(InputError, match="interaction=wti"):
        settings = DecorrelationSettings(rows="weighted")
        decorrelation_loss(tokens(3, 3), tokens(3, 4), settings, picks)


def test_one_clip_shown_twice():
    scores = torch.tensor([[5.0, 5.0, 0.0], [5.0, 5.0, 0.0], [0.0, 0.0, 5.0]])
    same = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]]).bool()
    assert symmetric_loss(scores, same) == pytest.approx(symmetric_loss(scores).item(), abs=1e-6)
    own_first = scores + torch.tensor([[2.0, 0, 0], [2.0, 0, 0], [0, 0, 0]])
    assert symmetric_loss(own_first, same) < symmetric_loss(own_first)
    assert hits(torch.eye(4)) == 1.0


def test_chunks_change_no_gradient():
    net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    rows = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    found = []
    for chunk in (0, 2, 3, 7):
        net.zero_grad()
        features = encode_in_chunks(net, (rows,), chunk)
        symmetric_loss(features @ features.T).backward()
        found.append([p.grad.clone() for p in net.parameters()])
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            torch.testing.assert_close(one, two, atol=1e-7, rtol=1e-6)


def test_chunks_keep_little_in_memory():
    """Between pixels and features nothing of a chunk outlives its encoding."""
    kept: list[int] = []

    class Watched(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            kept.append(len(ctx.saved_tensors[0]))
            return g * 2

    features = encode_in_chunks(Watched.apply, (torch.ones(6, 2, requires_grad=True),), 2)
    features.sum().backward()
    assert kept == [2, 2, 2]


def test_the_best_weights_stay_and_ties_go_to_the_later(tmp_path):
    best, net = Best(tmp_path, "f"), nn.Linear(1, 1)
    assert best.read() is None
    for figure, kept in ((3.0, True), (2.0, False), (3.0, True)):
        with torch.no_grad():
            net.bias.add_(1)
        assert best.offer({"f": figure}, net) == kept
    assert torch.equal(best.read()["bias"], net.bias) and best.value() == 3.0


def test_groups_by_name_and_kind():
    model = RetrievalModel(RetrievalSizes(clip=SMALL, temporal="seq_transf", temporal_layers=1))
    named = list(model.named_parameters())
    names = {id(parameter): name for name, parameter in named}
    settings = StepSettings(
        learning_rate=1.0, slow="clip.", slow_share=0.1, decay="all-but-biases", weight_decay=0.2
    )
    groups = make_groups(named, settings)
    assert [(g["weight_decay"], g["share"]) for g in groups] == [
        (0.2, 0.1),
        (0.2, 1.0),
        (0.0, 0.1),
        (0.0, 1.0),
    ]
    told = [{names[id(p)] for p in group["params"]} for group in groups]
    assert sum(map(len, told)) == len(named)
    assert {"clip.logit_scale", "clip.visual.ln_pre.weight"} <= told[0]
    assert "temporal.transformerClip.resblocks.0.ln_1.weight" in told[1]
    assert all("bias" in name for name in told[2] | told[3])


def test_bert_adam_takes_no_first_step_of_a_warm_up():
    weight = nn.Parameter(torch.ones(3))
    optimiser = BertAdam([{"params": [weight]}], lr=share_at("warmup_cosine", 0.0, 0.1))
    weight.grad = torch.ones(3)
    assert optimiser.step(lambda: 7.0) == 7.0
    assert torch.equal(weight, torch.ones(3))
    assert optimiser.state[weight]["m"].max() > 0


def test_towers_are_halved_as_published():
    model = RetrievalModel(RetrievalSizes(clip=SMALL))
    halve_towers(model.clip)
    whole = {n for n, p in model.named_parameters() if p.dtype == torch.float32}
    assert {n.split(".")[0] for n in whole} == {"clip", "text_weight_fc", "video_weight_fc"}
    left = {n for n in whole if n.startswith("clip.") and ".ln_" not in n}
    assert left == {
        "clip.positional_embedding",
        "clip.logit_scale",
        "clip.token_embedding.weight",
        "clip.visual.class_embedding",
        "clip.visual.positional_embedding",
    }


def test_a_recipe_says_its_objective(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text('name = "x"\n')
    with pytest.raises(SettingsError, match='objective = "retrieval"'):
        read_value(path, "objective", 'objective = "retrieval"')
    path.write_text('objective = "retrieval"\n')
    assert read_value(path, "objective", "") == "retrieval"


def test_no_state_is_made_of_a_step_that_broke(tmp_path):
    """A gradient that is no number stops the run before it reaches the weights."""
    from whenabouts.train.loop import LoopSettings, Run, fit

    class Broken(nn.Module):
        def loss(self, model, batch):
            return (model.weight.sum() * 0).sqrt(), {}

    model = nn.Linear(1, 1)
    before = model.weight.detach().clone()
    settings = LoopSettings(steps=2, learning_rate=0.1, precision="fp32", device="cpu")
    batches = lambda first: iter([1, 2, 3])  # noqa: E731 (one line says it)
    with pytest.raises(WeightsError, match="gradient of step 0 is nan"):
        fit(Run(model, Broken(), batches, settings, tmp_path))
    assert torch.equal(model.weight, before)
