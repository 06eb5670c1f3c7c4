"""LLaMA from transformers, with LoRA from peft put into it.

Source: LLaMA 2, https://arxiv.org/abs/2307.09288; LoRA, https://arxiv.org/abs/2106.09685.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import re
from functools import cache
from typing import TYPE_CHECKING, cast

import torch
from torch import nn

from whenabouts.errors import MissingPartError
from whenabouts.models.video_llm_sizes import LlamaSizes, LoraSizes

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

ADAPTER = "default"
"""peft's name for the one set of LoRA matrices."""
_MOST_OPERATORS = 8


def build_llama(sizes: LlamaSizes, lora: LoraSizes | None) -> LlamaForCausalLM:
    """The network without weights of worth; nothing in it is set to train or not."""
    check_libraries()
    from transformers import LlamaConfig, LlamaForCausalLM

    rope: dict[str, object] = {"rope_type": "default", "rope_theta": sizes.rope_base}
    if sizes.rope_stretch != 1.0:
        rope |= {"rope_type": "linear", "factor": sizes.rope_stretch}
    config = LlamaConfig(
        vocab_size=sizes.vocab_tokens,
        hidden_size=sizes.width,
        intermediate_size=sizes.feed_width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        max_position_embeddings=sizes.context_tokens,
        rms_norm_eps=sizes.norm_eps,
        rope_parameters=rope,
        tie_word_embeddings=False,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = LlamaForCausalLM(config)
    return model if lora is None else add_lora(model, lora)


def add_lora(model: LlamaForCausalLM, lora: LoraSizes) -> LlamaForCausalLM:
    """Put LoRA matrices beside the named linear layers of every block."""
    from peft import LoraConfig, inject_adapter_in_model

    config = LoraConfig(
        r=lora.rank,
        lora_alpha=cast(int, lora.alpha),
        lora_dropout=lora.dropout,
        target_modules=list(lora.targets),
        bias="none",
    )
    return cast("LlamaForCausalLM", inject_adapter_in_model(config, model, ADAPTER))


def is_lora(name: str) -> bool:
    """Whether a parameter name is that of a LoRA matrix."""
    return ".lora_A." in name or ".lora_B." in name


def initialise_llama(model: nn.Module, generator: torch.Generator) -> None:
    """Random start: normal for the network, Kaiming and zero for LoRA."""
    for name, weight in model.named_parameters():
        if ".lora_B." in name:
            nn.init.zeros_(weight)
        elif ".lora_A." in name:
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)
        elif weight.ndim > 1:
            nn.init.normal_(weight, std=0.02, generator=generator)
        else:
            nn.init.ones_(weight)


def lora_matrices(model: nn.Module) -> dict[str, nn.Parameter]:
    """LoRA parameters by name."""
    return {name: weight for name, weight in model.named_parameters() if is_lora(name)}


def renew_buffers(model: LlamaForCausalLM, device: str) -> None:
    """Calculate again what is not stored: the frequencies of rotary positions."""
    rotary = model.model.rotary_emb
    model.model.rotary_emb = type(rotary)(config=model.config).to(device)


def set_recompute(model: LlamaForCausalLM, on: bool) -> None:
    """Keep only what goes into each layer in training, and run it again for gradients."""
    # transformers renames its methods for this; both names are about.
    kind = "activation" if hasattr(model, "activation_checkpointing_enable") else "gradient"
    if on:
        getattr(model, f"{kind}_checkpointing_enable")({"use_reentrant": False})
    else:
        getattr(model, f"{kind}_checkpointing_disable")()


def merge_lora(model: LlamaForCausalLM) -> None:
    """Add LoRA into the layers that it lies beside, for faster answers; it can be trained no more.

    Layers of few bits keep theirs beside them.
    """
    from peft.tuners.lora import Linear

    for module in model.modules():
        if isinstance(module, Linear) and isinstance(module.base_layer, nn.Linear):
            module.merge()


def check_libraries() -> None:
    """Refuse with the next step where transformers or peft is not installed; lets both import."""
    if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("peft") is None:
        raise MissingPartError(
            "language models need transformers and peft: pip install 'whenabouts[torch]'"
        )
    mend_torchvision()


def mend_torchvision() -> None:
    """Lets torchvision import where it was built for another torch, such as CUDA beside a CPU one.

    transformers imports it as soon as it is installed, though nothing of LLaMA needs it. Its
    compiled operators cannot be loaded then; those that its Python part names are declared.
    """
    if importlib.util.find_spec("torchvision") is None:
        return
    for _ in range(_MOST_OPERATORS):
        try:
            importlib.import_module("torchvision")
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if missing is None:
                raise MissingPartError(
                    f"the installed torchvision does not fit torch ({error}); reinstall both "
                    "from the same place, or pip uninstall torchvision, which is not needed"
                ) from error
            _operators().define(f"{missing[1]}(Tensor a, Tensor b, float c) -> Tensor")
        else:
            return


@cache
def _operators() -> torch.library.Library:
    """Declarations last as long as the object that made them."""
    return torch.library.Library("torchvision", "FRAGMENT")
