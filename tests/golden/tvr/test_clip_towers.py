"""Both towers, block by block, token by token, against the published networks."""

import pytest
import torch

from whenabouts.models.clip import Clip
from whenabouts.models.sizes import ClipSizes

pytestmark = pytest.mark.golden("tvr/clip_towers_*")


def load_clip(weights: dict[str, torch.Tensor]) -> Clip:
    """A float32 CLIP whose sizes come from the shapes of the weights alone."""
    model = Clip(ClipSizes.infer({key: tuple(value.shape) for key, value in weights.items()}))
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    return model.eval()


def watch(module: torch.nn.Module, seen: dict[str, torch.Tensor], name: str) -> None:
    module.register_forward_hook(lambda _module, _given, out: seen.update({name: out}))


@pytest.fixture
def clip(case) -> Clip:
    return load_clip(case.tensors("weights"))


def test_sizes_come_from_shapes(case, clip):
    config, sizes = case.facts["config"], clip.sizes
    assert (sizes.embed_width, sizes.vision_width, sizes.vision_layers, sizes.vision_heads) == (
        config["embed_dim"],
        config["vision_width"],
        config["vision_layers"],
        config["vision_heads"],
    )
    assert (sizes.patch_px, sizes.image_px) == (
        config["vision_patch_size"],
        config["image_resolution"],
    )
    assert (sizes.context_tokens, sizes.vocab_tokens) == (
        config["context_length"],
        config["vocab_size"],
    )
    assert (sizes.text_width, sizes.text_layers, sizes.text_heads) == (
        config["text_width"],
        config["text_layers"],
        config["text_heads"],
    )


@torch.no_grad()
def test_vision_tower(case, clip):
    io = case.tensors()
    seen: dict[str, torch.Tensor] = {}
    watch(clip.visual.ln_pre, seen, "visual_after_ln_pre")
    for index, block in enumerate(clip.visual.transformer.resblocks):
        watch(block, seen, f"visual_block{index}")
    hidden = clip.image_tokens(io["image"])
    case.close(hidden, io["image_hidden"], "image_hidden")
    assert len(seen) == 1 + clip.sizes.vision_layers
    for name, value in seen.items():
        case.close(value, io[name], name)
    case.close(clip.image(io["image"]), io["image_pooled"], "image_pooled")


@torch.no_grad()
def test_text_tower(case, clip):
    io = case.tensors()
    seen: dict[str, torch.Tensor] = {}
    for index, block in enumerate(clip.transformer.resblocks):
        watch(block, seen, f"text_block{index}")
    case.close(clip.text_tokens(io["input_ids"]), io["text_hidden"], "text_hidden")
    assert len(seen) == clip.sizes.text_layers
    for name, value in seen.items():
        case.close(value, io[name], name)
    case.close(clip.text(io["input_ids"]), io["text_pooled"], "pooled at the largest id")
    pooled = clip.text(io["input_ids"], io["input_mask"])
    case.close(pooled, io["text_pooled"], "pooled at the end of the mask")


@torch.no_grad()
def test_scores_do_not_depend_on_padding(case, clip):
    """The published scores come from texts padded to the whole context."""
    io = case.tensors()
    ids = io["input_ids"]
    longer = torch.nn.functional.pad(ids, (0, clip.sizes.context_tokens - ids.shape[1]))
    images = torch.nn.functional.normalize(clip.image(io["image"]), dim=-1)
    for padded in (ids, longer):
        texts = torch.nn.functional.normalize(clip.text(padded), dim=-1)
        logits = clip.logit_scale.exp() * images @ texts.T
        case.close(logits, io["openai_logits_per_image"], "logits per image")
        case.close(logits.T, io["openai_logits_per_text"], "logits per text")
