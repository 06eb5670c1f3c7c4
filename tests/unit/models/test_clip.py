"""CLIP: what is computed does not depend on padding, batching or what is left out."""

import pytest
import torch

from whenabouts.errors import InputError, WeightsError
from whenabouts.models.clip import Attention, Clip, Norm, Transformer, end_token
from whenabouts.models.sizes import ClipSizes

SIZES = ClipSizes(
    embed_width=12,
    vision_width=16,
    vision_layers=2,
    vision_heads=2,
    patch_px=4,
    image_px=12,
    text_width=16,
    text_layers=2,
    text_heads=4,
    context_tokens=9,
    vocab_tokens=30,
)


@pytest.fixture
def clip():
    model = Clip(SIZES)
    model.initialise(torch.Generator().manual_seed(0))
    return model.eval()


@pytest.fixture
def ids():
    return torch.randint(1, 29, (3, 7), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_class_token_alone_is_the_same(clip):
    pixels = torch.randn(2, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(clip.image(pixels), clip.image_tokens(pixels)[:, 0])


@torch.no_grad()
@pytest.mark.parametrize("first", [1, 3])
def test_first_positions_of_a_transformer(first):
    torch.manual_seed(0)
    net = Transformer(16, 3, 4, "quick_gelu").eval()
    x = torch.randn(2, 6, 16)
    torch.testing.assert_close(net(x, first=first), net(x)[:, :first])


@torch.no_grad()
def test_padding_behind_changes_nothing(clip, ids):
    short = clip.text_tokens(ids)
    longer = clip.text_tokens(torch.nn.functional.pad(ids, (0, 2), value=29))
    torch.testing.assert_close(longer[:, :7], short)


@torch.no_grad()
def test_later_words_do_not_reach_earlier_ones(clip, ids):
    other = ids.clone()
    other[:, 4:] = 1
    torch.testing.assert_close(clip.text_tokens(other)[:, :4], clip.text_tokens(ids)[:, :4])
    assert not torch.allclose(clip.text_tokens(other)[:, 4:], clip.text_tokens(ids)[:, 4:])


def test_end_token():
    tokens = torch.arange(24.0).view(2, 4, 3)
    ids = torch.tensor([[5, 9, 0, 0], [5, 1, 2, 9]])
    mask = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 0]])
    assert torch.equal(end_token(tokens, ids), torch.stack([tokens[0, 1], tokens[1, 3]]))
    assert torch.equal(end_token(tokens, ids, mask), torch.stack([tokens[0, 1], tokens[1, 2]]))


def test_text_beyond_the_context(clip):
    with pytest.raises(InputError, match="10 tokens, but the context is 9"):
        clip.text_tokens(torch.zeros(1, 10, dtype=torch.int64))


def test_sizes_that_do_not_divide():
    with pytest.raises(InputError, match="3 heads"):
        Attention(16, 3)
    with pytest.raises(InputError, match="patches"):
        Clip(SIZES.model_copy(update={"image_px": 13}))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_norm_computes_in_float32(dtype):
    """In half precision the square of 300 would overflow."""
    norm = Norm(8).to(dtype)
    x = torch.tensor([[300.0, -300, 299, -299, 1, 2, 3, 4]], dtype=dtype)
    out = norm(x)
    assert out.dtype == dtype
    expected = torch.nn.functional.layer_norm(x.double(), (8,))
    torch.testing.assert_close(out.double(), expected, atol=0.01, rtol=0.01)


def test_activations_differ(clip):
    pixels = torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    outs = []
    for kind in ("quick_gelu", "gelu", "gelu_tanh"):
        model = Clip(SIZES.model_copy(update={"activation": kind})).eval()
        model.load_state_dict(clip.state_dict())
        outs.append(model.image(pixels).detach())
    assert not torch.allclose(outs[0], outs[1], atol=1e-5)
    torch.testing.assert_close(outs[1], outs[2], atol=1e-2, rtol=1e-2)


def test_start_is_repeatable_and_sane(clip):
    again = Clip(SIZES)
    again.initialise(torch.Generator().manual_seed(0))
    for name, value in again.state_dict().items():
        assert torch.equal(value, clip.state_dict()[name]), name
    assert float(clip.logit_scale.detach().exp()) == pytest.approx(1 / 0.07, rel=1e-4)
    assert float(clip.token_embedding.weight.detach().std()) == pytest.approx(0.02, rel=0.2)


def test_sizes_from_shapes_of_something_else(clip):
    shapes = {name: tuple(value.shape) for name, value in clip.state_dict().items()}
    inferred = ClipSizes.infer(shapes)
    assert inferred == SIZES.model_copy(update={"vision_heads": 1, "text_heads": 1})
    del shapes["visual.conv1.weight"]
    with pytest.raises(WeightsError, match=r"no tensor 'visual\.conv1\.weight'"):
        ClipSizes.infer(shapes)
