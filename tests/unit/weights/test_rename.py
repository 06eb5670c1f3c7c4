"""Tables of names: one to one, nothing lost, nothing guessed."""

import pytest
import torch

from whenabouts.errors import WeightsError
from whenabouts.models.clip import Clip
from whenabouts.models.sizes import ClipSizes
from whenabouts.weights.published.openai_clip import OPEN_CLIP, OPEN_CLIP_TEXT, OPENAI, TRANSFORMERS
from whenabouts.weights.rename import Rule, Table, load_strictly

SIZES = ClipSizes(
    embed_width=12,
    vision_width=8,
    vision_layers=11,
    vision_heads=2,
    patch_px=4,
    image_px=8,
    text_width=8,
    text_layers=2,
    text_heads=2,
    context_tokens=5,
    vocab_tokens=9,
)


@pytest.fixture
def weights():
    model = Clip(SIZES)
    model.initialise(torch.Generator().manual_seed(0))
    return model.state_dict()


@pytest.mark.parametrize("table", [OPENAI, OPEN_CLIP, OPEN_CLIP_TEXT, TRANSFORMERS], ids=str)
def test_there_and_back(table, weights):
    theirs = table.to_theirs(weights)
    ours = table.to_ours(theirs)
    assert ours.keys() == weights.keys()
    for name, value in weights.items():
        assert torch.equal(ours[name], value), name


def test_stacked_rows_come_in_order(weights):
    theirs = TRANSFORMERS.to_theirs(weights)
    fused = weights["visual.transformer.resblocks.10.attn.in_proj_weight"]
    for row, part in enumerate("qkv"):
        key = f"vision_model.encoder.layers.10.self_attn.{part}_proj.weight"
        assert torch.equal(theirs[key], fused[8 * row : 8 * row + 8])


def test_unknown_names_are_refused(weights):
    with pytest.raises(WeightsError, match=r"1 tensors have no place: visual\.attnpool\.weight"):
        OPENAI.to_ours(weights | {"visual.attnpool.weight": torch.zeros(1)})


def test_named_leftovers_are_dropped(weights):
    more = {"context_length": torch.tensor(5), "input_resolution": torch.tensor(8)}
    assert OPENAI.to_ours(weights | more).keys() == weights.keys()


def test_incomplete_stack(weights):
    theirs = TRANSFORMERS.to_theirs(weights)
    del theirs["text_model.encoder.layers.1.self_attn.k_proj.bias"]
    with pytest.raises(WeightsError, match=r"layers\.1\.self_attn\.k_proj\.bias"):
        TRANSFORMERS.to_ours(theirs)


def test_ours_without_a_place():
    table = Table("theirs", (Rule("a", ("b",)),))
    with pytest.raises(WeightsError, match="no name for c"):
        table.to_theirs({"a": torch.zeros(1), "c": torch.zeros(1)})


def test_strict_load_tells_every_fault(weights):
    broken = dict(weights)
    del broken["ln_final.bias"]
    broken["more"] = torch.zeros(1)
    broken["visual.proj"] = torch.zeros(3, 3)
    model = Clip(SIZES)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(WeightsError) as caught:
        load_strictly(model, broken, "x.pt")
    for part in (
        "x.pt",
        "1 missing: ln_final.bias",
        "1 unknown: more",
        "(3, 3) instead of (8, 12)",
    ):
        assert part in str(caught.value)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), "a refused file changes nothing"


def test_any_float_type_is_taken(weights):
    model = Clip(SIZES)
    load_strictly(model, {name: value.half() for name, value in weights.items()}, "x.pt")
    assert {value.dtype for value in model.state_dict().values()} == {torch.float32}
