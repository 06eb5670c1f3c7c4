"""Names of SeViLA and of the files it is made of, in our terms."""

from __future__ import annotations

from whenabouts.models.sevila_sizes import SevilaSizes
from whenabouts.weights.published.video_llm_names import (
    IGNORED_BUFFERS,
    eva_rules,
    qformer_rules,
)
from whenabouts.weights.rename import Rule, Table

_KINDS = ("weight", "bias")
_ATTENTION = ("q", "k", "v", "o")
_FEED = ("wi_0", "wi_1", "wo")
_MOST_BLOCKS = 64
_EVA_HEADS = ("norm.*", "fc_norm.*", "head.*", "mask_token", "lm_head.*")
_TIED = ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
"""Copies of `shared.weight`; fine-tuned checkpoints carry them, nothing else of T5."""


def t5_rules(theirs: str) -> tuple[Rule, ...]:
    """The language model; `theirs` is empty in its own folder, else a prefix with a dot."""
    pairs = [("words.weight", "shared.weight"), ("head.weight", "lm_head.weight")]
    for stack, layers in (
        ("encoder", ("SelfAttention", "DenseReluDense")),
        ("decoder", ("SelfAttention", "EncDecAttention", "DenseReluDense")),
    ):
        names = [f"{stack}.final_layer_norm.weight"]
        for place, layer in enumerate(layers):
            head = f"{stack}.block.{{}}.layer.{place}"
            inside = _FEED if layer == "DenseReluDense" else _ATTENTION
            names += [f"{head}.layer_norm.weight"]
            names += [f"{head}.{layer}.{part}.weight" for part in inside]
        # Only the first block has a table of relative positions, for all of its stack.
        names += [f"{stack}.block.{{}}.layer.0.SelfAttention.relative_attention_bias.weight"]
        pairs += [(name, name) for name in names]
    return tuple(Rule(f"language.{ours}", (f"{theirs}{name}",)) for ours, name in pairs)


def head_rules(ours: str, ending: str = "") -> tuple[Rule, ...]:
    """A head; `ending` is `_loc` for what is published as the localizer."""
    return (
        *qformer_rules(f"{ours}.qformer", f"Qformer{ending}", f"query_tokens{ending}"),
        *(Rule(f"{ours}.norm.{kind}", (f"ln_vision{ending}.{kind}",)) for kind in _KINDS),
        *(Rule(f"{ours}.project.{kind}", (f"t5_proj{ending}.{kind}",)) for kind in _KINDS),
    )


def whole_table() -> Table:
    """A whole SeViLA under its published names."""
    rules = (
        *eva_rules("vision", "visual_encoder."),
        *t5_rules("t5_model."),
        *head_rules("answerer"),
        *head_rules("localizer", "_loc"),
    )
    return Table("SeViLA", rules, (*IGNORED_BUFFERS, *(f"t5_model.{name}" for name in _TIED)))


def localizer_table() -> Table:
    """A localizer's weights alone, which may lack the norm and the projection."""
    return Table("localizer file", head_rules("localizer", "_loc"), IGNORED_BUFFERS)


def blip2_table() -> Table:
    """BLIP-2's own file: what is the answerer before anything is trained."""
    dropped = (*IGNORED_BUFFERS, "Qformer.cls.*", "*.word_embeddings.*", "*.position_embeddings.*")
    return Table("BLIP-2 file", head_rules("answerer"), dropped)


def t5_table() -> Table:
    """A folder of Flan-T5."""
    return Table("T5 folder", t5_rules(""), _TIED)


def eva_table(sizes: SevilaSizes) -> Table:
    """The picture tower's file, which may hold more blocks than are used, and a head."""
    unused = tuple(f"blocks.{n}.*" for n in range(sizes.vit.layers, _MOST_BLOCKS))
    return Table("EVA ViT file", eva_rules("vision", ""), (*_EVA_HEADS, *unused))
