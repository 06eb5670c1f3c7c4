"""How the pretrained towers are held while training: precision and memory."""

from __future__ import annotations

from torch import Tensor, nn

from whenabouts.models.clip import Attention, Clip, Transformer


def halve_towers(clip: Clip) -> None:
    """Turn the weights that the published training held in float16 into float16, in place.

    Convolutions, linear layers, attention and both projections; norms, embeddings, positions and
    the logit scale stay.
    """
    halved: list[nn.Parameter] = [clip.text_projection, clip.visual.proj]
    for module in clip.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            halved += list(module.parameters())
        if isinstance(module, Attention):
            halved += [module.in_proj_weight, module.in_proj_bias]
    for parameter in halved:
        parameter.data = parameter.data.half()


def recompute_blocks(model: nn.Module) -> None:
    """Let every transformer keep only what enters its blocks."""
    for module in model.modules():
        if isinstance(module, Transformer):
            module.recompute = True


def plain_tensors(model: nn.Module) -> dict[str, Tensor]:
    """All weights in float32 on the processor."""
    return {name: value.detach().float().cpu() for name, value in model.state_dict().items()}
