"""Frozen layers of a language model spread over the processes that train it (FSDP).

What is not trained needs no gradient, so it is only gathered, layer by layer, when it is used; what
is trained stays whole in every process, and its gradients are averaged as always. Of a 7B model in
bfloat16 on N cards each holds 13/N GB of these layers instead of 13 GB.

Source: PyTorch FSDP, https://arxiv.org/abs/2304.11277.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from whenabouts.models.video_llm import VideoLlm
from whenabouts.train.distributed import Ranks


def shard_frozen(model: VideoLlm, ranks: Ranks, device: torch.device) -> None:
    """Keep of each frozen layer one part a process; nothing to do in a process that is alone.

    Only the language model: how often a process looks at videos differs, and gathering needs all.
    """
    if ranks.size == 1:
        return
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh(device.type, (ranks.size,))
    for layer in cast(Any, model.language.model).layers:
        trained = {weight for weight in layer.parameters() if weight.requires_grad}
        fully_shard(layer, mesh=mesh, ignored_params=trained)


def whole_tensors(model: VideoLlm) -> dict[str, Tensor]:
    """All tensors of a model by name, put together again; every process must call it."""
    from torch.distributed.tensor import DTensor

    found: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        found[name] = value.full_tensor().cpu() if isinstance(value, DTensor) else value
    return found
