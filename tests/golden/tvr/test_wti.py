"""Token-wise interaction: weights, similarities, both halves, padding, a clip without frames."""

import pytest
import torch

from whenabouts.models.interaction import (
    INTERACTIONS,
    Tokens,
    similarities,
    token_weights,
    weight_net,
    wti,
)
from whenabouts.models.sizes import infer_weight_net


def read_net(weights: dict[str, torch.Tensor], prefix: str, width: int) -> torch.nn.Module:
    """The weight network stored under `prefix`, its depth and width from the shapes."""
    shapes = {key: tuple(value.shape) for key, value in weights.items()}
    net = weight_net(width, *infer_weight_net(shapes, prefix))
    cut = len(prefix) + 1
    net.load_state_dict(
        {key[cut:]: value for key, value in weights.items() if key.startswith(f"{prefix}.")}
    )
    return net


def tokens(io, weights, side: str, prefix: str = "") -> Tokens:
    vectors = io[f"{side}_feat"]
    net = read_net(weights, f"{prefix}{side}_weight_fc", vectors.shape[-1])
    return Tokens(vectors, io[f"{side}_mask"], net(vectors).squeeze(-1))


@pytest.mark.golden("tvr/wti")
@torch.no_grad()
def test_every_step(case):
    io, weights = case.tensors(), case.tensors("weights")
    text, video = tokens(io, weights, "text"), tokens(io, weights, "video")
    case.close(token_weights(text.logits, text.mask), io["text_weight"], "text weights")
    case.close(token_weights(video.logits, video.mask), io["video_weight"], "video weights")
    pairs = text.mask.bool()[:, None, :, None] & video.mask.bool()[None, :, None, :]
    case.close(
        similarities(text, video), io["token_sim"].masked_fill(~pairs, 0), "token similarities"
    )
    halves = wti(text, video)
    case.close(halves.text_to_video, io["t2v"], "text to video")
    case.close(halves.video_to_text, io["v2t"], "video to text")
    case.close(halves.mean, io["logits"], "logits")


@pytest.mark.golden("tvr/wti")
@torch.no_grad()
def test_padding_left_out(case):
    """The other mask mode; a clip without frames has no published value there."""
    io, weights = case.tensors(), case.tensors("weights")
    text, video = tokens(io, weights, "text"), tokens(io, weights, "video")
    mine = wti(text, video, "exclude").mean
    assert bool(mine.isfinite().all())
    filled = video.mask.sum(dim=1) > 0
    case.close(mine[:, filled], io["logits_if_masked_by_neg_inf"][:, filled], "exclude")


@pytest.mark.golden("tvr/interaction_heads")
@pytest.mark.parametrize("head", ["dp", "ti", "wti1", "wti2", "wti3"])
@torch.no_grad()
def test_heads(case, head):
    io = case.tensors()
    if head.startswith("wti"):
        weights = case.tensors("weights")
        text = tokens(io, weights, "text", f"{head}/")
        video = tokens(io, weights, "video", f"{head}/")
    else:
        text = Tokens(io["text_feat"], io["text_mask"])
        video = Tokens(io["video_feat"], io["video_mask"])
    scores = INTERACTIONS[head.rstrip("123")](text, video, "zero").mean
    case.close(scores, io[f"{head}.logits_t2v"], f"{head} texts by videos")
    case.close(scores.T, io[f"{head}.logits_v2t"], f"{head} videos by texts")
