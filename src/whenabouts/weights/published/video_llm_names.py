"""Names that TimeChat, VTG-LLM and their ancestors share, in our terms.

Only names: which file holds what is in `timechat` and `vtgllm`.
"""

from __future__ import annotations

import re

from whenabouts.weights.rename import Rule

_KINDS = ("weight", "bias")
_EVA_BLOCK = (
    *(f"{part}.{kind}" for part in ("norm1", "norm2") for kind in _KINDS),
    "attn.q_bias",
    "attn.v_bias",
    "attn.qkv.weight",
    *(f"{part}.{kind}" for part in ("attn.proj", "mlp.fc1", "mlp.fc2") for kind in _KINDS),
)
_EVA_TOP = ("cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias")

_ATTEND = (
    ("query", "self.query"),
    ("key", "self.key"),
    ("value", "self.value"),
    ("dense", "output.dense"),
    ("norm", "output.LayerNorm"),
)
_LLAMA_LAYER = (
    *(f"self_attn.{part}_proj.weight" for part in "qkvo"),
    *(f"self_attn.{part}_proj.lora_{side}.default.weight" for part in "qkvo" for side in "AB"),
    *(f"mlp.{part}_proj.weight" for part in ("gate", "up", "down")),
    "input_layernorm.weight",
    "post_attention_layernorm.weight",
)
_LLAMA_TOP = ("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight")

IGNORED_BUFFERS = ("*.embeddings.position_ids", "*.rotary_emb.inv_freq")
"""Counters and frequencies that some library versions store beside the weights."""


def eva_rules(ours: str, theirs: str) -> tuple[Rule, ...]:
    """The vision transformer; `theirs` is empty in its own file, else a prefix with a dot."""
    names = (*_EVA_TOP, *(f"blocks.{{}}.{name}" for name in _EVA_BLOCK))
    return tuple(Rule(f"{ours}.{name}", (f"{theirs}{name}",)) for name in names)


def qformer_rules(ours: str, theirs: str, queries: str) -> tuple[Rule, ...]:
    """A Q-Former whose learned queries lie beside it, with all that one with text has."""
    pairs = [(f"attention.{mine}", f"attention.{other}") for mine, other in _ATTEND]
    pairs += [(f"cross.{mine}", f"crossattention.{other}") for mine, other in _ATTEND]
    for mine, up, down in (
        ("feed", "intermediate_query", "output_query"),
        ("feed_text", "intermediate", "output"),
    ):
        pairs += [
            (f"{mine}.up", f"{up}.dense"),
            (f"{mine}.down", f"{down}.dense"),
            (f"{mine}.norm", f"{down}.LayerNorm"),
        ]
    embeddings = f"{theirs}.bert.embeddings"
    return (
        Rule(f"{ours}.queries", (queries,)),
        Rule(f"{ours}.words.weight", (f"{embeddings}.word_embeddings.weight",)),
        Rule(f"{ours}.positions.weight", (f"{embeddings}.position_embeddings.weight",)),
        *(Rule(f"{ours}.norm.{kind}", (f"{embeddings}.LayerNorm.{kind}",)) for kind in _KINDS),
        *(
            Rule(
                f"{ours}.layers.{{}}.{mine}.{kind}",
                (f"{theirs}.bert.encoder.layer.{{}}.{other}.{kind}",),
            )
            for mine, other in pairs
            for kind in _KINDS
        ),
    )


def llama_rules(ours: str, theirs: str) -> tuple[Rule, ...]:
    """The language model with LoRA, spelled as `plain_llama_name` leaves it."""
    names = (*_LLAMA_TOP, *(f"model.layers.{{}}.{name}" for name in _LLAMA_LAYER))
    return tuple(Rule(f"{ours}.{name}", (f"{theirs}{name}",)) for name in names)


def plain_llama_name(name: str) -> str:
    """One spelling for what the versions of peft call by several.

    >>> plain_llama_name("llama_model.base_model.model.lm_head.weight")
    'llama_model.lm_head.weight'
    """
    name = name.replace("llama_model.base_model.model.", "llama_model.", 1)
    name = name.replace(".base_layer.", ".")
    return re.sub(r"\.lora_([AB])\.weight$", r".lora_\1.default.weight", name)
