"""All interaction heads and all decorrelation losses, with their gradients."""

import pytest
import torch

from whenabouts.models.cross import CrossInteraction
from whenabouts.models.interaction import INTERACTIONS, Tokens, weight_net
from whenabouts.models.sizes import infer_weight_net
from whenabouts.train.decorrelation import DecorrelationSettings, decorrelation_loss
from whenabouts.train.retrieval_loss import symmetric_loss
from whenabouts.weights.rename import load_strictly

pytestmark = pytest.mark.golden("tvr/interaction_heads*")

ROWS = {"dp": {1: "pooled"}, "token": {1: "one", 2: "all", 3: "weighted"}}


def part(weights, prefix) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}


def weigh(weights, side, vectors):
    """Logits of a stored weight network of any depth."""
    mine = part(weights, f"{side}_weight_fc.")
    named = {f"x.{key}": tuple(value.shape) for key, value in mine.items()}
    net = weight_net(vectors.shape[-1], *infer_weight_net(named, "x"))
    load_strictly(net, mine, side)
    return net(vectors).squeeze(-1)


def both_sides(case, head):
    io, weights = case.tensors(), part(case.tensors("weights"), f"{head}/")
    text, video = (io[f"{s}_feat"].clone().requires_grad_() for s in ("text", "video"))
    logits = [None, None]
    if head.startswith("wti"):
        logits = [weigh(weights, "text", text), weigh(weights, "video", video)]
    return (
        Tokens(text, io["text_mask"], logits[0]),
        Tokens(video, io["video_mask"], logits[1]),
    )


def heads(case) -> list[str]:
    return sorted({name.split(".")[0] for name in case.facts["scalars"]})


def test_scores(case):
    io = case.tensors()
    assert len(heads(case)) >= 5
    for head in heads(case):
        score = INTERACTIONS[head.rstrip("123")]
        found = score(*both_sides(case, head), "zero").mean
        case.close(found, io[f"{head}.logits_t2v"], head)
        case.close(found.T, io[f"{head}.logits_v2t"], head)


def test_losses_and_gradients(case):
    io, config = case.tensors(), case.facts["config"]
    scale = case.tensors("weights")["logit_scale"].exp()
    for name, expected in case.facts["scalars"].items():
        head, variant = name.split(".cdcr")
        text, video = both_sides(case, head)
        total = symmetric_loss(INTERACTIONS[head.rstrip("123")](text, video, "zero").mean * scale)
        if int(variant):
            kind = "dp" if head == "dp" else "token"
            settings = DecorrelationSettings(
                rows=ROWS[kind][int(variant)],
                own=config["cdcr_alpha1"],
                others=config["cdcr_alpha2"],
                share=config["cdcr_lambda"],
            )
            none = torch.zeros(len(text.mask), dtype=torch.int64)
            picks = (
                io.get(f"{name}.picked_text_token", none),
                io.get(f"{name}.picked_video_frame", none),
            )
            apart = decorrelation_loss(text, video, settings, picks)
            case.close(apart, torch.tensor(expected["cdcr_loss"]), f"{name} decorrelation")
            total = total + settings.share * apart
        case.close(total, torch.tensor(expected["total_loss"]), f"{name} total")
        total.backward()
        case.close(text.vectors.grad, io[f"{name}.grad_text"], f"{name} gradient of text")
        case.close(video.vectors.grad, io[f"{name}.grad_video"], f"{name} gradient of video")


@torch.no_grad()
def test_cross_transformer(case):
    io, config = case.tensors(), case.facts["config"]
    weights = part(case.tensors("weights"), "xti/")
    positions = len(weights["cross.embeddings.position_embeddings.weight"])
    net = CrossInteraction(config["dim"], config["xti_layers"], config["xti_heads"], positions)
    load_strictly(net, weights, "xti")
    last = io["text_mask"].sum(dim=1) - 1
    ends = io["text_feat"][torch.arange(len(last)), last]
    found = net.eval()(ends, io["video_feat"], io["video_mask"])
    case.close(found, io["xti.logits_t2v"], "xti")
