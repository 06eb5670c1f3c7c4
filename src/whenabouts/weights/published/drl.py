"""Names in checkpoints of DRL and its relatives: CLIP, token weights, a mix of frames.

HBI's files carry more networks, which its own retrieval leaves unused.
"""

from __future__ import annotations

from whenabouts.weights.published.openai_clip import OPENAI
from whenabouts.weights.rename import Rule, Table

_WEIGHT_NETS = tuple(
    f"{side}_weight_fc.{layer}{kind}"
    for side in ("text", "video")
    for layer in ("", "0.", "2.", "4.")
    for kind in ("weight", "bias")
)
_BLOCKS = tuple(rule.ours for rule in OPENAI.rules if rule.ours.startswith("transformer."))
_TEMPORAL = (
    *(name.replace("transformer.", "transformerClip.", 1) for name in _BLOCKS),
    "frame_position_embeddings.weight",
    "lstm_visual.weight_ih_l0",
    "lstm_visual.weight_hh_l0",
    "lstm_visual.bias_ih_l0",
    "lstm_visual.bias_hh_l0",
)

_PAIRS = (
    "cross.embeddings.position_embeddings.weight",
    *(name.replace("transformer.", "cross.transformer.", 1) for name in _BLOCKS),
    *(
        f"cross.pooler.{layer}.{kind}"
        for layer in ("ln_pool", "dense")
        for kind in ("weight", "bias")
    ),
    "similarity_dense.weight",
    "similarity_dense.bias",
)

DRL = Table(
    "DRL retrieval model",
    (
        *(Rule(f"clip.{rule.ours}", (f"clip.{rule.ours}",)) for rule in OPENAI.rules),
        *(Rule(name, (name,)) for name in _WEIGHT_NETS),
        *(Rule(f"temporal.{name}", (name,)) for name in _TEMPORAL),
        *(Rule(f"pairs.{name}", (name,)) for name in _PAIRS),
    ),
    dropped=(
        *(f"clip.{name}" for name in OPENAI.dropped),
        "banzhaf*",
        "[tv]_ctm*",
        "[tv]_block*",
        "*_weight_fc[01].*",
    ),
)
"""`*_weight_fc0`, `*_weight_fc1`, `banzhaf*`, `*_ctm*` and `*_block*` belong to HBI's training."""
