"""Names of CLIP tensors as OpenAI, open_clip and transformers write them.

Our own layout is OpenAI's, so that table is only about what to leave out.
"""

from __future__ import annotations

from whenabouts.weights.rename import Rule, Table

_LEFT_OUT = ("input_resolution", "context_length", "vocab_size")
"""Integers that the OpenAI archives carry beside the weights."""

_BLOCK_SAME = (
    ("attn.out_proj", "self_attn.out_proj"),
    ("ln_1", "layer_norm1"),
    ("ln_2", "layer_norm2"),
    ("mlp.c_fc", "mlp.fc1"),
    ("mlp.c_proj", "mlp.fc2"),
)


def _blocks(ours: str, theirs: str) -> list[Rule]:
    """Rules of one tower's blocks."""
    layer = f"{theirs}.encoder.layers.{{}}"
    rules = [
        Rule(
            f"{ours}.resblocks.{{}}.attn.in_proj_{kind}",
            tuple(f"{layer}.self_attn.{part}_proj.{kind}" for part in "qkv"),
            "stack",
        )
        for kind in ("weight", "bias")
    ]
    rules += [
        Rule(
            f"{ours}.resblocks.{{}}.{mine}.{kind}",
            (f"{theirs}.encoder.layers.{{}}.{other}.{kind}",),
        )
        for mine, other in _BLOCK_SAME
        for kind in ("weight", "bias")
    ]
    return rules


def _norm(ours: str, theirs: str) -> list[Rule]:
    return [Rule(f"{ours}.{kind}", (f"{theirs}.{kind}",)) for kind in ("weight", "bias")]


TRANSFORMERS = Table(
    "transformers CLIPModel",
    (
        Rule("logit_scale", ("logit_scale",)),
        Rule("text_projection", ("text_projection.weight",), "transpose"),
        Rule("visual.proj", ("visual_projection.weight",), "transpose"),
        Rule("positional_embedding", ("text_model.embeddings.position_embedding.weight",)),
        Rule("token_embedding.weight", ("text_model.embeddings.token_embedding.weight",)),
        Rule("visual.class_embedding", ("vision_model.embeddings.class_embedding",)),
        Rule("visual.positional_embedding", ("vision_model.embeddings.position_embedding.weight",)),
        Rule("visual.conv1.weight", ("vision_model.embeddings.patch_embedding.weight",)),
        *_norm("ln_final", "text_model.final_layer_norm"),
        *_norm("visual.ln_pre", "vision_model.pre_layrnorm"),
        *_norm("visual.ln_post", "vision_model.post_layernorm"),
        *_blocks("transformer", "text_model"),
        *_blocks("visual.transformer", "vision_model"),
    ),
    dropped=("*.embeddings.position_ids",),
)
"""`pre_layrnorm` is spelled that way there. Older files carry position buffers."""

_OPENAI_NAMES = tuple(rule.ours for rule in TRANSFORMERS.rules)

OPENAI = Table(
    "OpenAI CLIP", tuple(Rule(name, (name,)) for name in _OPENAI_NAMES), dropped=_LEFT_OUT
)

_TEXT_NAMES = tuple(
    name for name in _OPENAI_NAMES if not name.startswith("visual.") and name != "logit_scale"
)

OPEN_CLIP = Table("open_clip CLIP", OPENAI.rules, dropped=("attn_mask",))

OPEN_CLIP_TEXT = Table(
    "open_clip CustomTextCLIP",
    tuple(Rule(name, (f"text.{name}" if name in _TEXT_NAMES else name,)) for name in _OPENAI_NAMES),
    dropped=("text.attn_mask",),
)
"""The same towers, the text one kept under `text.`."""
