"""The vision transformer, stage by stage, against the published network."""

import pytest
import torch
from published_video_llm import vit_sizes

from whenabouts.models.clip import Norm
from whenabouts.models.eva_vit import EvaVit, resize_positions

pytestmark = pytest.mark.golden("timechat/eva_vit*")


@torch.no_grad()
def test_every_stage(case):
    config, io, weights = case.facts["config"], case.tensors(), case.tensors("weights")
    vit = EvaVit(vit_sizes(config)).eval()
    head = "visual_encoder."
    vit.load_state_dict({k.removeprefix(head): v for k, v in weights.items() if k.startswith(head)})
    seen = {}

    def watch(module, name):
        module.register_forward_hook(lambda _module, _given, out: seen.update({name: out}))

    first = vit.blocks[0]
    first.register_forward_pre_hook(lambda _module, given: seen.update(tokens_in=given[0]))
    watch(vit.patch_embed, "patch_embed")
    watch(first.norm1, "block0_norm1")
    watch(first.attn, "block0_attn")
    for index, block in enumerate(vit.blocks):
        watch(block, f"block{index}_out")
    out = vit(io["frames"])
    assert len(seen) == 4 + config["depth"]
    for name, value in seen.items():
        case.close(value, io[name], name)
    case.close(out, io["vit_out"], "vit_out")
    norm = Norm(config["embed_dim"], eps=config["ln_vision_eps"])
    norm.load_state_dict({kind: weights[f"ln_vision.{kind}"] for kind in ("weight", "bias")})
    case.close(norm(out), io["ln_vision_out"], "ln_vision_out")


def test_position_table_of_another_grid(case):
    io, config = case.tensors(), case.facts["config"]
    resized = resize_positions(io["pos_embed_ckpt"], vit_sizes(config).side)
    case.close(resized, io["pos_embed_interpolated"], "pos_embed_interpolated")
