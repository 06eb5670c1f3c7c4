"""Names that TimeChat, VTG-LLM and their ancestors share, in our terms.

Only names: which file holds what is in `timechat` and `vtgllm`.
"""

from __future__ import annotations

import re

from whenabouts.models.video_llm_sizes import LoraSizes
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
    *(f"mlp.{part}_proj.weight" for part in ("gate", "up", "down")),
    "input_layernorm.weight",
    "post_attention_layernorm.weight",
)
_LLAMA_TOP = ("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight")

IGNORED_BUFFERS = ("*.embeddings.position_ids", "*.rotary_emb.inv_freq")
"""Counters and frequencies that some library versions store beside the weights."""
UNUSED = ("Qformer.cls.*", "*.SCB", "*.weight_format")
"""What IVCR's checkpoints hold besides: a head that nothing reads, and scales of a base in 8 bits.
The base itself comes from its own folder."""


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


def llama_rules(ours: str, theirs: str, lora: LoraSizes | None) -> tuple[Rule, ...]:
    """The language model, with LoRA beside the layers that have it.

    `theirs` is a prefix with a dot, or empty; names are spelled as `plain_llama_name` leaves them.
    """
    pairs = [(name, name) for name in _LLAMA_TOP]
    for name in _LLAMA_LAYER:
        layer = name.split(".")[-2]
        beside = lora is not None and layer in lora.targets
        mine = name.replace(f"{layer}.", f"{layer}.base_layer.") if beside else name
        pairs.append((f"model.layers.{{}}.{mine}", f"model.layers.{{}}.{name}"))
        if beside:
            stem = f"model.layers.{{}}.{name.removesuffix('.weight')}"
            pairs += [(f"{stem}.lora_{side}.default.weight",) * 2 for side in "AB"]
    return tuple(Rule(f"{ours}.{mine}", (f"{theirs}{other}",)) for mine, other in pairs)


def model_rules(lora: LoraSizes | None) -> tuple[Rule, ...]:
    """All of a saved model, whichever of the parts it has."""
    return (
        *eva_rules("vision", "visual_encoder."),
        *norm_rules(),
        *qformer_rules("frame_qformer", "Qformer", "query_tokens"),
        *time_rules(),
        *window_rules(),
        *sampler_rules(),
        *project_rules(),
        *head_rules(),
        *llama_rules("language", "llama_model.", lora),
    )


def norm_rules() -> tuple[Rule, ...]:
    """The norm behind the vision transformer."""
    return tuple(Rule(f"vision_norm.{kind}", (f"ln_vision.{kind}",)) for kind in _KINDS)


def time_rules() -> tuple[Rule, ...]:
    """Both tables of times; that of seconds is a bare parameter there."""
    return (
        Rule("time.frames", ("video_frame_position_embedding.weight",)),
        Rule("time.seconds", ("video_time_position_embedding",)),
    )


def window_rules() -> tuple[Rule, ...]:
    """The Q-Former over windows of frames."""
    return qformer_rules("compress.qformer", "video_Qformer", "video_query_tokens")


def sampler_rules() -> tuple[Rule, ...]:
    """What VTG-LLM compresses with instead."""
    inside = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    names = ("slots", "codebook", "query", *(f"attention.{name}" for name in inside))
    return tuple(Rule(f"compress.{name}", (f"sampler.{name}",)) for name in names)


def project_rules() -> tuple[Rule, ...]:
    """The layer in front of the language model."""
    return tuple(Rule(f"project.{kind}", (f"llama_proj.{kind}",)) for kind in _KINDS)


def head_rules() -> tuple[Rule, ...]:
    """Heads that choose a video and a moment; dropout and activation between have no weights."""
    pairs = (("heads.video", "video_retrieval_head"), ("heads.moment", "temporal_head"))
    return tuple(
        Rule(f"{ours}.{layer}.{kind}", (f"{theirs}.{layer}.{kind}",))
        for ours, theirs in pairs
        for layer in (0, 3)
        for kind in _KINDS
    )


def plain_llama_name(name: str) -> str:
    """One spelling for what the versions of peft call by several.

    >>> plain_llama_name("llama_model.base_model.model.lm_head.weight")
    'llama_model.lm_head.weight'
    """
    name = name.replace("llama_model.base_model.model.", "llama_model.", 1)
    name = name.replace(".base_layer.", ".")
    return re.sub(r"\.lora_([AB])\.weight$", r".lora_\1.default.weight", name)
